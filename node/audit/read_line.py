"""A line of a trail taken apart, and its hash checked (chain.py has its form)."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from node.audit.chain import HASH_CHARACTERS, OPENING, PREVIOUS, SEQUENCE, Head

_HASH_AT: Final = len(OPENING)
_REST_AT: Final = _HASH_AT + HASH_CHARACTERS + 2
_PREVIOUS_AT: Final = _HASH_AT + HASH_CHARACTERS + len(PREVIOUS)
_SEQUENCE_AT: Final = _PREVIOUS_AT + HASH_CHARACTERS + len(SEQUENCE)


class Line(NamedTuple):
    """One line, taken apart. Its hash was checked against itself, and against nothing else."""

    sequence: int
    previous: bytes
    hash: bytes
    kind: str
    body: bytes

    @property
    def head(self) -> Head:
        """The head of a chain that ends with this line."""
        return Head(self.sequence, self.hash)

    def follows(self, head: Head) -> bool:
        """Whether this is the line after the one at `head`."""
        return (self.sequence - 1, self.previous) == (head.sequence, head.hash)


class BrokenLine(ValueError):
    """What stands here is no line of a trail, or is not what its hash says."""


def read_line(data: bytes) -> Line:
    """The line in `data`, which ends with its line feed. Raises BrokenLine."""
    rest = data[_REST_AT:-1]
    digest = data[_HASH_AT : _HASH_AT + HASH_CHARACTERS]
    well_formed = (
        data.startswith(OPENING)
        and data.endswith(b"}\n")
        and data.startswith(PREVIOUS, _HASH_AT + HASH_CHARACTERS)
        and data.startswith(SEQUENCE, _PREVIOUS_AT + HASH_CHARACTERS)
    )
    if not well_formed or hashlib.sha256(rest).hexdigest().encode() != digest:
        raise BrokenLine
    comma = data.find(b',"', _SEQUENCE_AT)
    colon = data.find(b'":', comma)
    number = data[_SEQUENCE_AT:comma]
    if comma < 0 or colon < 0 or not number.isdigit():
        raise BrokenLine
    return Line(
        sequence=int(number),
        previous=data[_PREVIOUS_AT : _PREVIOUS_AT + HASH_CHARACTERS],
        hash=digest,
        kind=data[comma + 2 : colon].decode("ascii", "replace"),
        body=data[colon + 2 : -2],
    )
