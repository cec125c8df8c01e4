"""Where a call of a prepared key runs: here, or in a thread beside the event loop.

The short ones run here, as changing threads costs more than they do (decision D10). The long ones
(RSA, ML-DSA, the larger curves, and making a key object at its first use) would hold up every
other caller; `cryptography` releases the interpreter's lock in them (performance.md). Their threads
are nicer than the event loop's: on a core that is theirs together, it need not wait for its turn.

No more of them compute at once than there are cores. Whoever ends a call needs the interpreter's
lock, and the event loop then waits for it; on a core with others that compute, that one would wait
for them, and the event loop with it. What may take seconds, the generation of a key above all, runs
in the event loop's default threads, so that other calls need not wait for it.
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

CALLS_NICER: Final = 6
"""By how much the threads of calls are. Each unit is a factor of 1.25 (sched(7), "The nice value"):
where both want all of a core, one of them has a quarter of what the event loop has; and it has all
that is left. With more, Decrypt gains little, and signatures are fewer and later (performance.md).
"""
SECONDS_NICER: Final = 7
"""By how much the threads of what may take seconds are: they give way to calls, too."""
_LEAST_THREADS: Final = 2  # a key is generated while another one is, or while material is imported
T = TypeVar("T")


class CallThreads:
    """Runs the calls of a process' prepared keys, the long ones in threads, one for each core."""

    def __init__(self, cores: int) -> None:
        self._threads = _nicer_threads(cores, "calls", CALLS_NICER)

    async def done(self, prepared: PreparedKey, work: Work, call: Callable[[], T]) -> T:
        """What `call`, which does `work` with a prepared key, returns or raises."""
        if prepared.ready and work not in prepared.spec.slow:
            return call()
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def threads_for_seconds(cores: int) -> ThreadPoolExecutor:
    """Threads for what may take seconds, in a process that may use so many cores."""
    return _nicer_threads(max(_LEAST_THREADS, cores), "seconds", SECONDS_NICER)


async def generated(spec: KeySpec, call: Callable[[], T]) -> T:
    """What `call`, which generates a key of `spec`, returns."""
    return await asyncio.to_thread(call) if Work.GENERATE in spec.slow else call()


def usable_cores() -> int:
    """How many cores this process may use; all that there are, where the system has no limit."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _nicer_threads(count: int, name: str, nicer: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, name, _give_way, (nicer,))


def _give_way(nicer: int) -> None:
    """Make the thread that calls this nicer, where niceness is a thread's own.

    It is on Linux; POSIX makes it the process's (sched(7), "The nice value"). Where it is not
    allowed, the thread works all the same.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.nice(nicer)
