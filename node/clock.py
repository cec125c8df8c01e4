"""The time, as one object that is given to whatever needs it (decision D12).

Keys live by this clock: rotations, deletions, expiries, dates. Signatures of requests are checked
by the real time, whatever was done to a clock that can be moved.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["MovableClock", "SystemClock", "moved_by"]


class SystemClock:
    """The operating system's time. `now` gives epoch seconds (UTC).

    It is the function itself: each call is asked for the time four times.
    """

    now = staticmethod(time.time)


class MovableClock:
    """The operating system's time, and what it was moved ahead of it; that is kept in a file.

    It moves forward only. A restart of the node finds the file, so that time never goes back.
    """

    def __init__(
        self,
        file: Path,
        system: Callable[[], float] = time.time,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """`moved` is called whenever it was moved. Raises ValueError when the file is not one of
        ours.
        """
        self._file = file
        self._system = system
        self._moved = moved
        self._ahead = moved_by(file)

    @property
    def ahead(self) -> float:
        """Seconds ahead of the operating system's time."""
        return self._ahead

    def now(self) -> float:
        """Epoch seconds (UTC)."""
        return self._system() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move it ahead. It is kept first, so that no time that was shown can come again.

        Raises ValueError for seconds below zero or without end, OSError when it cannot be kept.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError("a clock moves forward only")
        ahead = self._ahead + seconds
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        with draft.open("w", encoding="ascii") as file:
            file.write(f"{ahead!r}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)
        self._ahead = ahead
        self._moved()

    def follow(self) -> None:
        """Take over how far another process has moved it. Raises ValueError as at the start."""
        self._ahead = max(self._ahead, moved_by(self._file))


def moved_by(file: Path) -> float:
    """How far ahead a file says that a clock was moved; 0 without one.

    Raises ValueError, the end of a sentence about the file, when it says nothing of the kind.
    """
    try:
        text = file.read_text(encoding="ascii")
    except FileNotFoundError:
        return 0.0
    try:
        ahead = float(text)
    except ValueError:
        ahead = math.nan
    if not 0 <= ahead < math.inf:
        raise ValueError("does not say how far the clock was moved")
    return ahead
