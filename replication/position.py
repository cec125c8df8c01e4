"""Where a log stands: versions of shared state, the head of one's own log, cursors into others'.

All of them are values that compare; none knows a stream or a store.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from crypto.identity import binding

DIGEST_BYTES = 32
LOG_ID_BYTES = 16
LOG_STAMP_BYTES = 8
_LAST_STAMP = (1 << 8 * LOG_STAMP_BYTES) - 1


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of shared state: `epoch` counts primaries, `revision` changes in an epoch (D6)."""

    epoch: int
    revision: int

    def next_revision(self) -> Version:
        """The version of the primary's next change."""
        return Version(self.epoch, self.revision + 1)

    def next_epoch(self, epoch: int | None = None) -> Version:
        """The first version of the next primary; at a later epoch, if one is named."""
        if epoch is not None and epoch <= self.epoch:
            raise ValueError(f"epoch {epoch} is not behind epoch {self.epoch}")
        return Version(self.epoch + 1 if epoch is None else epoch, 1)


def genesis(origin: str, log_id: bytes) -> bytes:
    """The digest that the first entry of a log names as the one before it."""
    return hashlib.sha256(binding("keyspan log genesis", origin, log_id)).digest()


def later_log_id(now: float, above: bytes, tail: bytes) -> bytes:
    """A log ID that sorts behind `above`, and behind every one that was made before `now`.

    Milliseconds of the epoch, then a random `tail`, of 8 bytes each: so a region sees from the ID
    alone whether a peer speaks of a log that it has given up, or of one that it has forgotten.
    """
    least = int.from_bytes(above[:LOG_STAMP_BYTES], "big") + 1 if above else 0
    stamp = max(int(now * 1000), least)
    return min(stamp, _LAST_STAMP).to_bytes(LOG_STAMP_BYTES, "big") + tail


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one region's log: the log's ID, and the sequence number of an entry in it.

    A region that lost its store, or was rolled back, begins a new log with a new ID; positions in
    different logs do not compare.
    """

    log_id: bytes
    sequence: int

    def reaches(self, other: Position) -> bool:
        """Whether it is the other position, or behind it in the same log."""
        return self.log_id == other.log_id and self.sequence >= other.sequence

    def knows(self, other: Position) -> bool:
        """Whether who has applied a region's log so far knows of a deletion that entry `other` of
        it told: it has reached that, or follows a later log. Nobody follows a new log but from an
        answer on, and in every answer all deletions are said again (log.repeat_deleted).
        """
        return self.reaches(other) or self.log_id > other.log_id


NOWHERE: Final = Position(b"", 0)
"""The position in a log of which nothing was applied."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The last entry of a region's log that another has applied, by place and by digest.

    The digest shows the region whether it is the entry that it has there itself.
    """

    position: Position
    digest: bytes


NOTHING: Final = Applied(NOWHERE, b"")
"""Nothing of a log was applied."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """The end of a region's own log: its log ID, last sequence number and last entry's digest."""

    log_id: bytes
    sequence: int
    digest: bytes

    @classmethod
    def begin(cls, origin: str, log_id: bytes) -> LogHead:
        """The head of a log that has no entries yet."""
        return cls(log_id, 0, genesis(origin, log_id))


class CursorState(StrEnum):
    """What a subscriber does with the next entry of an origin."""

    RESYNCING = "resyncing"  # waits for the answer to its resync request; applies nothing
    INSTALLING = "installing"  # follows the log through the state that was asked for
    FOLLOWING = "following"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one origin's log has been applied here.

    `request` is the digest of the resync request, an entry of this region's own log, that a
    resyncing or installing cursor waits to see answered. A resyncing cursor keeps the position that
    was applied last; for an origin that was never read, that is the empty log ID.
    """

    origin: str
    state: CursorState
    request: bytes
    log_id: bytes
    sequence: int
    digest: bytes

    @classmethod
    def unread(cls, origin: str) -> Cursor:
        """The cursor of an origin of which nothing was ever read."""
        return cls(origin, CursorState.RESYNCING, b"", b"", 0, b"")

    @property
    def position(self) -> Position:
        """The entry that was applied last."""
        return Position(self.log_id, self.sequence)

    @property
    def applied(self) -> Applied:
        """That entry, with its digest."""
        return Applied(self.position, self.digest)

    def resyncing(self, request: bytes) -> Cursor:
        """This cursor, waiting for the origin to answer `request`."""
        return replace(self, state=CursorState.RESYNCING, request=request)
