"""What the lines of a trail say, beside records: one frozen shape per kind.

A `begun` line has a record as far as it is known before the call is performed; the record itself,
with the same request ID, follows. A `witness` line has another region's checkpoint.

Times are ISO 8601 in UTC, to the second, as CloudTrail writes them.
"""

from __future__ import annotations

from typing import Final

import msgspec

RECORD: Final = "record"
BEGUN: Final = "begun"
OPENED: Final = "opened"
CHECKPOINT: Final = "checkpoint"
REPAIRED: Final = "repaired"
RESUMED: Final = "resumed"
RETIRED: Final = "retired"
WITNESS: Final = "witness"
FORMAT_VERSION: Final = 1


class Opened(msgspec.Struct, frozen=True):
    """The first line of every file. `trail` is the random ID of the trail it belongs to."""

    region: str
    trail: str
    time: str
    version: int = FORMAT_VERSION


class Checkpoint(msgspec.Struct, frozen=True):
    """The region's signature over its chain up to and with line `sequence`, whose hash is given."""

    region: str
    trail: str
    sequence: int
    hash: str
    time: str
    signature: str = ""  # hexadecimal


class Repaired(msgspec.Struct, frozen=True):
    """A last line that a crash had torn was removed: no reply had left for it."""

    time: str
    bytes: int
    sha256: str


class Resumed(msgspec.Struct, frozen=True):
    """The trail could not be written for a while; `refused` calls were turned away meanwhile."""

    since: str
    until: str
    refused: int
    reason: str


class Retired(msgspec.Struct, frozen=True):
    """Retention removed the files before line `first`, which follows the hash `previous`."""

    first: int
    previous: str
    time: str
