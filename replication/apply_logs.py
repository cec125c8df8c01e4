"""What an entry that is about logs, and about no key, means here: pure decisions, see apply.py."""

from __future__ import annotations

from dataclasses import dataclass, replace

from replication.effects import AnswerResync, BeginNewLog, Effect, PutAcknowledged, Skip
from replication.entries import Entry
from replication.payloads import Acknowledged, Payload, ResyncEnded, ResyncRequested
from replication.position import NOTHING, Applied, Cursor, CursorState, LogHead, Position
from replication.resync import Resync, asks


@dataclass(frozen=True, slots=True)
class OwnLog:
    """This region's own log, beside what a peer says of it.

    `digest` is that of the entry in the place that the peer names; None if it is no longer kept.
    """

    region: str
    head: LogHead
    digest: bytes | None

    def lacks(self, applied: Applied) -> bool:
        """Whether a peer has applied what this region does not know that it wrote: then its store
        went back to an old copy, whether it has written on since or not.
        """
        if applied.position.log_id != self.head.log_id:
            return applied.position.log_id > self.head.log_id  # a log that it has forgotten
        if applied.position.sequence > self.head.sequence:
            return True
        return self.digest is not None and self.digest != applied.digest


def applied_of(region: str, payload: Payload) -> Applied:
    """What an acknowledgement or a resync request says was applied of this region's log."""
    match payload:
        case Acknowledged(entries):
            return dict(entries).get(region, NOTHING)
        case ResyncRequested(asked, applied) if asked == region:
            return applied
    return NOTHING


def decide_acknowledgement(own: OwnLog, known: int, origin: str, payload: Acknowledged) -> Effect:
    """What an acknowledgement says of this region's own log, of which `known` was acknowledged."""
    applied = applied_of(own.region, payload)
    if own.lacks(applied):
        return BeginNewLog(applied.position.log_id)
    position = applied.position
    if position.log_id == own.head.log_id and position.sequence > known:
        return PutAcknowledged(origin, position.sequence)
    return Skip("nothing new is acknowledged")


def decide_request(own: OwnLog, entry: Entry, last: Resync | None, *, resyncing: bool) -> Effect:
    """What a resync request means, given the last one of the same origin: each is answered once.

    `resyncing`: this region waits for an answer of the origin, and so hears old requests again.
    """
    if not asks(entry, own.region):
        return Skip("another region is asked")
    place = Position(entry.log_id, entry.sequence)
    known = last is not None and last.request == entry.digest
    old = last is not None and resyncing and last.as_of.reaches(place)
    if known or old:
        return Skip("answered, or being answered")
    resync = Resync(receiver=entry.origin, request=entry.digest, as_of=place)
    applied = applied_of(own.region, entry.payload)
    if own.lacks(applied):
        return BeginNewLog(applied.position.log_id, resync)
    return AnswerResync(resync)


def advance(cursor: Cursor, entry: Entry, region: str) -> Cursor:
    """The cursor after `entry`, which follow() has accepted, was applied."""
    payload = entry.payload
    installed = (
        cursor.state is CursorState.INSTALLING
        and isinstance(payload, ResyncEnded)
        and (payload.receiver, payload.request) == (region, cursor.request)
    )
    state = CursorState.FOLLOWING if installed else cursor.state
    return replace(cursor, state=state, sequence=entry.sequence, digest=entry.digest)
