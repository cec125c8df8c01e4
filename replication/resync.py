"""Resync: how a region that is new, was away too long, or cannot trust what it reads catches up.

It asks by an entry in its own log. The origin answers in *its* log: ResyncBegun, the shared state
of every set in which the asker holds a key (offers included) and of those that the origin leads
without it, the replica keys that the origin itself deleted, then ResyncEnded. The answer names the
request by its digest, so an old answer cannot be replayed; the asker's cursor jumps to ResyncBegun
and follows the chain from there. A resync only brings keys and materials back; it never deletes
any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from replication.entries import Entry
from replication.payloads import ResyncBegun, ResyncRequested
from replication.position import Cursor, CursorState, Position

KEYS_PER_STEP: Final = 16
"""Related-key sets sent in one transaction; each costs two or more HPKE seals of about 150 µs."""


@dataclass(frozen=True, slots=True)
class Resync:
    """A peer's request and how far it was answered.

    `as_of` is where the request stands in the peer's log. Every key ID up to `after` has been sent;
    `after` is None until ResyncBegun was sent.
    """

    receiver: str
    request: bytes
    as_of: Position
    after: str | None = None
    ended: bool = False


def answer_entries(sets: int, facts: int, deleted: int) -> int:
    """How many entries an answer has at the most, of a region that holds so many sets of related
    keys and facts and has deleted so many replicas: an offer and a report of an import for each
    set; the beginning, the acknowledgement and the end.
    """
    return 2 * sets + facts + deleted + 3


def asks(entry: Entry, region: str) -> bool:
    """Whether a verified entry asks `region` for a resync."""
    return isinstance(entry.payload, ResyncRequested) and entry.payload.region == region


def answers(cursor: Cursor, entry: Entry, region: str) -> bool:
    """Whether a verified entry is the answer that a resyncing cursor waits for."""
    payload = entry.payload
    return (
        cursor.state is CursorState.RESYNCING
        and isinstance(payload, ResyncBegun)
        and (payload.receiver, payload.request) == (region, cursor.request)
    )


def jump(cursor: Cursor, entry: Entry) -> Cursor:
    """The cursor after the answer to its request: the log is followed from this entry on."""
    return Cursor(
        origin=cursor.origin,
        state=CursorState.INSTALLING,
        request=cursor.request,
        log_id=entry.log_id,
        sequence=entry.sequence,
        digest=entry.digest,
    )
