"""Where a call of a prepared key runs: here, or in a thread beside the event loop.

The short ones run here, as changing threads costs more than they do (decision D10). The long ones
(RSA, ML-DSA, the larger curves, and making a key object at its first use) would hold up every
other caller; `cryptography` releases the interpreter's lock in them (performance.md). Their threads
are nicer than the event loop's: on a core that is theirs together, it need not wait for its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from crypto.specs import KeySpec, Work
from crypto.uses import PreparedKey

NICER: Final = 7
"""By how much. Each unit is a factor of 1.25 (sched(7), "The nice value"): where both want all of a
core, one of these threads has a fifth of what the event loop has; and it has all that is left. With
more, Decrypt gains little, and signatures are fewer and later (performance.md)."""
T = TypeVar("T")


def threads(cores: int) -> ThreadPoolExecutor:
    """Threads for the long calls, for a process that may use so many cores.

    More of them than cores would have nothing done sooner. There are two at least, so that the
    generation of a key, which may take seconds, is not all that is done.
    """
    return ThreadPoolExecutor(max(2, cores), "work", _give_way)


def _give_way() -> None:
    """Make the thread that calls this nicer, where niceness is a thread's own.

    It is on Linux; POSIX makes it the process's (sched(7), "The nice value"). Where it is not
    allowed, the thread works all the same.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.nice(NICER)


async def done(prepared: PreparedKey, work: Work, call: Callable[[], T]) -> T:
    """What `call`, which does `work` with a prepared key, returns or raises."""
    if prepared.ready and work not in prepared.spec.slow:
        return call()
    return await asyncio.to_thread(call)


async def generated(spec: KeySpec, call: Callable[[], T]) -> T:
    """What `call`, which generates a key of `spec`, returns."""
    return await asyncio.to_thread(call) if Work.GENERATE in spec.slow else call()
