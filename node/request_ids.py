"""Request IDs: random UUIDs (version 4, RFC 9562, 5.4), drawn many at a time.

`uuid.uuid4` asks the kernel each time and makes an object that is only written out. A request ID
names a call and protects nothing, so that randomness may wait in memory for its turn.
"""

from __future__ import annotations

from typing import Final

from crypto.material import Randomness

_AT_ONCE: Final = 64
_SIZE: Final = 16  # bytes of a UUID
_VARIANT: Final = "89ab"


class RequestIds:
    """Gives the request IDs of one process."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._drawn = ""  # hexadecimal digits
        self._at = 0

    def new(self) -> str:
        """A fresh request ID."""
        if self._at == len(self._drawn):
            self._drawn, self._at = self._randomness(_AT_ONCE * _SIZE).hex(), 0
        digits = self._drawn[self._at : self._at + 2 * _SIZE]
        self._at += 2 * _SIZE
        variant = _VARIANT[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )
