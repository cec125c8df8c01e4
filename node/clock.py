"""The time, as one object that is given to whatever needs it (decision D12)."""

from __future__ import annotations

import time


class SystemClock:
    """The operating system's time."""

    def now(self) -> float:
        """Epoch seconds (UTC)."""
        return time.time()
