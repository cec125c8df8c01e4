"""Waiting for a condition, never for a length of time.

The pauses between two looks start short and grow, so that a quick thing is seen at once and a slow
one costs no processor. The clock and the pause are passed in, so that tests need neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from node.cluster.errors import TimedOut

__all__ = ["eventually"]

Answer = TypeVar("Answer")

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.2
_GROWTH = 1.5


def eventually(
    condition: Callable[[], Answer],
    timeout_seconds: float,
    awaited: str,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """Ask until the answer is true, and give it back.

    Raises TimedOut, naming what was `awaited`, when it is still not true after the time. What
    the condition itself raises passes through: it ends the wait.
    """
    deadline = clock() + timeout_seconds
    for seconds in _pauses():
        answer = condition()
        if answer:
            return answer
        if clock() >= deadline:
            break
        pause(seconds)
    raise TimedOut(f"After {timeout_seconds:g} seconds, {awaited}.")


def _pauses() -> Iterator[float]:
    seconds = _FIRST_PAUSE_SECONDS
    while True:
        yield seconds
        seconds = min(seconds * _GROWTH, _LONGEST_PAUSE_SECONDS)
