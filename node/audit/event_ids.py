"""Event IDs: unique for all time, without asking the kernel for randomness each time.

UUIDs of version 8 (RFC 9562, 5.8): 74 random bits of this process, and a counter of 48 bits.

A call that has an event in two regions has an ID for both, `sharedEventID`. It follows from the
request ID, so that no region has to be told of it.
"""

from __future__ import annotations

import uuid
from typing import Final

import msgspec

from crypto.material import Randomness

_SHARED: Final = uuid.UUID("6b1e4c0e-5d0c-5b7c-9c53-0f3a52a4f6d1")  # a name space of our own
_LOW: Final = tuple(f"{each:02x}" for each in reversed(range(256)))


class EventIds:
    """Gives the event IDs of one process."""

    def __init__(self, randomness: Randomness) -> None:
        text = randomness(10).hex()
        variant = "89ab"[int(text[11], 16) & 3]
        self._prefix = f"{text[:8]}-{text[12:16]}-8{text[8:11]}-{variant}{text[16:19]}-"
        self._high = 0  # of the counter, all but its last byte
        self._ready = self._with_high()
        self._ready.pop()  # it counts from 1

    def new(self) -> str:
        """A fresh event ID."""
        if not self._ready:
            self._high += 1
            self._ready = self._with_high()
        return self._ready.pop()

    def _with_high(self) -> list[str]:
        """The next 256 IDs, the first of them last: writing out the counter is most of the work."""
        start = f"{self._prefix}{self._high:010x}"
        return [start + low for low in _LOW]


def shared_event_id(request_id: str | None) -> str | msgspec.UnsetType:
    """What the events of one call in two regions have in common (UUID version 5, RFC 9562, 5.5)."""
    return msgspec.UNSET if request_id is None else str(uuid.uuid5(_SHARED, request_id))
