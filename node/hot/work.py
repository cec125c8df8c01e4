"""Where a call of a prepared key runs: here, or in a thread beside the event loop.

The short ones run here, as changing threads costs more than they do (decision D10). The long ones
(RSA, ML-DSA, the larger curves, and making a key object at its first use) would hold up every
other caller; `cryptography` releases the interpreter's lock in them (performance.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from crypto.specs import KeySpec, Work
from crypto.uses import PreparedKey

T = TypeVar("T")


async def done(prepared: PreparedKey, work: Work, call: Callable[[], T]) -> T:
    """What `call`, which does `work` with a prepared key, returns or raises."""
    if prepared.ready and work not in prepared.spec.slow:
        return call()
    return await asyncio.to_thread(call)


async def generated(spec: KeySpec, call: Callable[[], T]) -> T:
    """What `call`, which generates a key of `spec`, returns."""
    return await asyncio.to_thread(call) if Work.GENERATE in spec.slow else call()
