"""What an entry of another region's log means here: one pure decision per kind.

Each function takes what this region knows and what the entry says, and answers with an effect to
carry out in the transaction that also moves the cursor. None reads a store or a clock. Applying an
entry twice decides Skip the second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from replication.entries import Entry
from replication.errors import NotAuthoritative
from replication.payloads import Acknowledged, RelatedKeysChanged, ReplicaDeleted, ResyncEnded
from replication.position import Cursor, CursorState, LogHead, Position
from replication.resync import Resync, asks
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class CreateRelatedKey:
    """Create this region's key of the set, from the entry's offer."""

    shared: SharedState


@dataclass(frozen=True, slots=True)
class UpdateShared:
    """Take over the shared state, and store the offered materials that are not held yet."""

    shared: SharedState


@dataclass(frozen=True, slots=True)
class RemoveReplica:
    """The primary's answer to a deleted replica: a new version without it, for everyone to hear."""

    shared: SharedState


@dataclass(frozen=True, slots=True)
class PutAcknowledged:
    """The origin has applied this region's log up to `sequence`."""

    region: str
    sequence: int


@dataclass(frozen=True, slots=True)
class BeginNewLog:
    """This region's store is behind its own log (restored, or rolled back): the log begins anew."""


@dataclass(frozen=True, slots=True)
class AnswerResync:
    """Send a peer the state that it asked for."""

    resync: Resync


Effect = (
    Skip
    | CreateRelatedKey
    | UpdateShared
    | RemoveReplica
    | PutAcknowledged
    | BeginNewLog
    | AnswerResync
)

_NOT_RELATED: Final = Skip("this region holds no key of the set")
_NOT_OFFERED: Final = Skip("this region's key of the set is deleted, or not offered yet")


@dataclass(frozen=True, slots=True)
class Local:
    """What this region knows of one key ID: its shared state, and which entry of its own log
    (`log_id`) said that it deleted its key.
    """

    region: str
    log_id: bytes
    shared: SharedState | None
    deleted_at: int | None

    def deleted_after(self, known: Position) -> bool:
        """Whether this region deleted its key after what a peer knew of its log."""
        if self.deleted_at is None:
            return False
        return known.log_id != self.log_id or known.sequence < self.deleted_at


def decide_change(
    local: Local, origin: str, payload: RelatedKeysChanged, *, installing: bool
) -> Effect:
    """What a new version of shared state means. Raises NotAuthoritative.

    Only the primary's region may speak for the set; while this region installs the state that it
    asked for, any region of the set may tell what it knows.
    """
    shared = payload.shared
    if local.region not in shared.regions:
        return _NOT_RELATED
    speaker = shared if local.shared is None else local.shared
    if origin != speaker.primary and not (installing and origin in speaker.regions):
        raise NotAuthoritative(
            f"{origin} changed the shared properties of {shared.key_id}, whose primary is in "
            f"{speaker.primary}"
        )
    if local.shared is None:
        return _decide_creation(local, payload)
    if shared.version <= local.shared.version:
        return Skip(f"version {shared.version} is known")
    return UpdateShared(shared)


def _decide_creation(local: Local, payload: RelatedKeysChanged) -> Effect:
    offer = payload.offer
    if offer is None or offer.region != local.region:
        return _NOT_OFFERED
    if local.deleted_after(offer.as_of):
        return Skip("offered before this region deleted its key")
    return CreateRelatedKey(payload.shared)


def decide_deletion(local: Local, origin: str, payload: ReplicaDeleted) -> Effect:
    """What a deleted replica means to the primary; nothing to anyone else."""
    shared = local.shared
    if shared is None or shared.primary != local.region:
        return Skip(f"the primary of {payload.key_id} is not in this region")
    if origin not in shared.replicas:
        return Skip(f"{origin} holds no replica of {payload.key_id}")
    return RemoveReplica(shared.without_replica(origin))


def decide_acknowledgement(
    region: str, head: LogHead, known: int, origin: str, payload: Acknowledged
) -> Effect:
    """What an acknowledgement says of this region's own log."""
    for acknowledged, position in payload.positions:
        if acknowledged != region or position.log_id != head.log_id:
            continue
        if position.sequence > head.sequence:
            return BeginNewLog()
        if position.sequence > known:
            return PutAcknowledged(origin, position.sequence)
    return Skip("nothing new is acknowledged")


def decide_request(region: str, entry: Entry, last: Resync | None) -> Effect:
    """What a resync request means, given the last one of the same origin: each is answered once."""
    if not asks(entry, region):
        return Skip("another region is asked")
    if last is not None and last.request == entry.digest:
        return Skip("answered, or being answered")
    as_of = Position(entry.log_id, entry.sequence)
    return AnswerResync(Resync(receiver=entry.origin, request=entry.digest, as_of=as_of))


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
