"""Event IDs: unique for all time, without asking the kernel for randomness each time.

UUIDs of version 8 (RFC 9562, 5.8): 74 random bits of this process, and a counter of 48 bits.
"""

from __future__ import annotations

from crypto.material import Randomness


class EventIds:
    """Gives the event IDs of one process."""

    def __init__(self, randomness: Randomness) -> None:
        text = randomness(10).hex()
        variant = "89ab"[int(text[11], 16) & 3]
        self._prefix = f"{text[:8]}-{text[12:16]}-8{text[8:11]}-{variant}{text[16:19]}-"
        self._count = 0

    def new(self) -> str:
        """A fresh event ID."""
        self._count += 1
        return f"{self._prefix}{self._count:012x}"
