"""A moment that is moved with each request, and a timer that is hardly ever."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Final

_GRAIN_SECONDS: Final = 0.001  # of the event loop's clock


class Deadline:
    """Calls back once its moment has passed.

    To move the moment later costs two assignments: the timer, when it rings too early, is set
    again. Nearly every deadline of a busy connection is moved before it comes.
    """

    __slots__ = ("_loop", "_missed", "_moment", "_rings", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, missed: Callable[[], None]) -> None:
        self._loop = loop
        self._missed = missed
        self._moment = math.inf
        self._rings = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def move(self, seconds: float) -> None:
        """To so many seconds from now; infinity for never."""
        self._moment = self._loop.time() + seconds
        if self._moment < self._rings:
            self._set()

    def cancel(self) -> None:
        """Never, and never again."""
        if self._timer is not None:
            self._timer.cancel()
        self._moment, self._rings, self._timer = math.inf, math.inf, None

    def _set(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings = self._moment
        self._timer = self._loop.call_at(self._moment, self._ring)

    def _ring(self) -> None:
        self._rings, self._timer = math.inf, None
        if self._moment <= self._loop.time() + _GRAIN_SECONDS:
            self._moment = math.inf
            self._missed()
        elif self._moment < math.inf:
            self._set()
