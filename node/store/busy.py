"""Whether the thread that asks has been busy of late, by how much of a core it had."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SPAN_SECONDS: Final = 0.05
"""So far back it is looked at the least: in less, one piece of work fills all of the time."""
SHARE: Final = 0.75


class Busy:
    """Answers for the one thread that it is made and asked in."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.thread_time,
    ) -> None:
        """`used` is the thread's CPU time, in seconds as `clock`."""
        self._clock = clock
        self._used = used
        self._looked_at = clock()
        self._used_then = used()
        self._answer = False

    def __call__(self) -> bool:
        """Whether it had more than SHARE of a core in the last span that was looked at."""
        now = self._clock()
        span = now - self._looked_at
        if span >= SPAN_SECONDS:
            used = self._used()
            self._answer = used - self._used_then > SHARE * span
            self._looked_at, self._used_then = now, used
        return self._answer
