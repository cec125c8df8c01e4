"""Request IDs: random UUIDs (version 4, RFC 9562, 5.4), drawn many at a time.

`uuid.uuid4` asks the kernel each time and makes an object that is only written out. A request ID
names a call and protects nothing, so that randomness may wait in memory for its turn.
"""

from __future__ import annotations

import struct
from typing import Final

from crypto.material import Randomness

_AT_ONCE: Final = 64
_SIZE: Final = 16  # bytes of a UUID
_fields: Final = struct.Struct(">IHHHHI").iter_unpack


class RequestIds:
    """Gives the request IDs of one process."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._ready: list[str] = []

    def new(self) -> str:
        """A fresh request ID."""
        if not self._ready:
            drawn = self._randomness(_AT_ONCE * _SIZE)
            self._ready = [_uuid(*each) for each in _fields(drawn)]
        return self._ready.pop()


def _uuid(low: int, middle: int, high: int, sequence: int, node: int, rest: int) -> str:
    """The text of a UUID of these 128 bits, but for those of its version and variant."""
    version, variant = high & 0x0FFF | 0x4000, sequence & 0x3FFF | 0x8000
    return f"{low:08x}-{middle:04x}-{version:04x}-{variant:04x}-{node:04x}{rest:08x}"
