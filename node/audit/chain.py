"""The lines of a trail, each bound to the one before it by SHA-256.

    {"hash":"<64 hex>","previous":"<64 hex>","sequence":N,"<kind>":<JSON>}

`hash` is the SHA-256 of what stands between the comma after it and the end of the line, and
`previous` is the hash of the line before. So a changed line shows at itself, and one that was cut,
inserted or moved shows at the next. The first line of a trail follows its genesis, which binds the
region and the trail's random ID. Every line is a JSON document of its own (jsonlines.org).

Nothing here is secret, and a hash alone keeps nobody from making the whole chain anew: that is what
checkpoints are for (checkpoint.py).
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

import msgspec

from crypto.encoding import binding

HASH_CHARACTERS: Final = 64  # SHA-256 in hexadecimal
LINE_MAX_BYTES: Final = 1024 * 1024
_HASH_AT: Final = 9
_REST_AT: Final = _HASH_AT + HASH_CHARACTERS + 2
_PREVIOUS_AT: Final = _REST_AT + 12
_SEQUENCE_AT: Final = _PREVIOUS_AT + HASH_CHARACTERS + 13
_OPENING: Final = b'{"hash":"'
_PREVIOUS: Final = b'",' + b'"previous":"'
_SEQUENCE: Final = b'","sequence":'
_GENESIS: Final = "keyspan audit trail"


class Head(msgspec.Struct, frozen=True, gc=False):
    """Where a chain stands: its last line's number (0 before the first) and hash."""

    sequence: int
    hash: bytes  # 64 hexadecimal characters


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


class BrokenLine(ValueError):
    """What stands here is no line of a trail, or is not what its hash says."""


def genesis(region: str, trail: str) -> Head:
    """The head before the first line of a trail."""
    return Head(0, hashlib.sha256(binding(_GENESIS, region, trail)).hexdigest().encode())


def sealed(head: Head, kind: bytes, body: bytes) -> tuple[bytes, Head]:
    """The line that follows `head`, with its end, and the head after it. `body` is JSON."""
    sequence = head.sequence + 1
    front = b'"previous":"%b","sequence":%d,"%b":' % (head.hash, sequence, kind)
    rest = b"".join((front, body, b"}"))
    digest = hashlib.sha256(rest).hexdigest().encode()
    return b"".join((_OPENING, digest, b'",', rest, b"\n")), Head(sequence, digest)


def read_line(data: bytes) -> Line:
    """The line in `data`, which ends with its line feed. Raises BrokenLine."""
    rest = data[_REST_AT:-1]
    digest = data[_HASH_AT : _HASH_AT + HASH_CHARACTERS]
    well_formed = (
        data.startswith(_OPENING)
        and data.endswith(b"}\n")
        and data.startswith(_PREVIOUS, _HASH_AT + HASH_CHARACTERS)
        and data.startswith(_SEQUENCE, _PREVIOUS_AT + HASH_CHARACTERS)
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
