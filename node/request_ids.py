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
_FIXED: Final = (0xF << 76 | 0xC << 60).to_bytes(_SIZE, "big")  # where version and variant are
_VALUES: Final = (0x4 << 76 | 0x8 << 60).to_bytes(_SIZE, "big")  # version 4, variant 10
_groups: Final = struct.Struct("8s4s4s4s12s").iter_unpack  # of hexadecimal digits


class RequestIds:
    """Gives the request IDs of one process."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._ready: list[str] = []

    def new(self) -> str:
        """A fresh request ID."""
        if not self._ready:
            self._ready = _uuids(self._randomness(_AT_ONCE * _SIZE))
        return self._ready.pop()


def _uuids(drawn: bytes) -> list[str]:
    """The texts of UUIDs of these bits, but for those of version and variant.

    Of all at once, in a few steps: one by one, an ID cost 17,000 instructions, and so it is 4,000.
    """
    count = len(drawn) // _SIZE
    bits = int.from_bytes(drawn, "big") & ~int.from_bytes(_FIXED * count, "big")
    text = (bits | int.from_bytes(_VALUES * count, "big")).to_bytes(len(drawn), "big").hex()
    return b" ".join(map(b"-".join, _groups(text.encode()))).decode().split()
