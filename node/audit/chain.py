"""The lines of a trail, each bound to the one before it by SHA-256.

    {"hash":"<64 hex>","previous":"<64 hex>","sequence":N,"<kind>":<JSON>}

`hash` is the SHA-256 of what stands between the comma after it and the end of the line, and
`previous` is the hash of the line before. So a changed line shows at itself, and one that was cut,
inserted or moved shows at the next. The first line of a trail follows its genesis, which binds the
region and the trail's random ID. Every line is a JSON document of its own (jsonlines.org).

Nothing here is secret, and a hash alone keeps nobody from making the whole chain anew: that is what
checkpoints are for (checkpoint.py). Lines are read back in read_line.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from crypto.encoding import binding

HASH_CHARACTERS: Final = 64  # SHA-256 in hexadecimal
LINE_MAX_BYTES: Final = 1024 * 1024
OPENING: Final = b'{"hash":"'
PREVIOUS: Final = b'","previous":"'
SEQUENCE: Final = b'","sequence":'
_GENESIS: Final = "keyspan audit trail"


@dataclass(init=False, slots=True, unsafe_hash=True)
class Head:
    """Where a chain stands: its last line's number (0 before the first) and hash."""

    sequence: Final[int]
    hash: Final[bytes]  # 64 hexadecimal characters

    def __init__(self, sequence: int, hash: bytes) -> None:  # noqa: A002 - as the line has it
        self.sequence = sequence
        self.hash = hash


def genesis(region: str, trail: str) -> Head:
    """The head before the first line of a trail."""
    return Head(0, hashlib.sha256(binding(_GENESIS, region, trail)).hexdigest().encode())


def sealed(head: Head, kind: bytes, body: bytes) -> tuple[bytes, Head]:
    """The line that follows `head`, with its end, and the head after it. `body` is JSON."""
    sequence = head.sequence + 1
    front = b'"previous":"%b","sequence":%d,"%b":' % (head.hash, sequence, kind)
    rest = b"".join((front, body, b"}"))
    digest = hashlib.sha256(rest).hexdigest().encode()
    return b"".join((OPENING, digest, b'",', rest, b"\n")), Head(sequence, digest)
