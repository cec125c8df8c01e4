"""Request IDs: random UUIDs (version 4, RFC 9562, 5.4), drawn many at a time.

`uuid.uuid4` asks the kernel each time and makes an object that is only written out. A request ID
names a call and protects nothing, so that randomness may wait in memory for its turn.
"""

from __future__ import annotations

from typing import Final

from crypto.material import Randomness

_AT_ONCE: Final = 64
_SIZE: Final = 16  # bytes of a UUID
_DIGITS: Final = 2 * _SIZE  # hexadecimal
_VARIANT: Final = {f"{each:x}": "89ab"[each & 3] for each in range(16)}  # two bits of it: 10


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
    """The texts of UUIDs of these bits, but for those of version and variant."""
    text = drawn.hex()
    return [_uuid(text[at : at + _DIGITS]) for at in range(0, len(text), _DIGITS)]


def _uuid(drawn: str) -> str:
    """Put together of slices: to write its five numbers in hexadecimal costs four times as much."""
    variant = _VARIANT[drawn[16]]
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{variant}{drawn[17:20]}-{drawn[20:]}"
