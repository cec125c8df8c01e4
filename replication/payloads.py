"""What a log entry says: one frozen value per kind. Their plain form is in payload_forms.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from replication.materials import Rotated
from replication.position import NOTHING, Applied, Position
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class Offer:
    """Key material for `region`; if `anew`, all that it needs to create its related key.

    `sealed` holds the materials with these IDs, and if `anew` the key's properties; it is empty for
    an offer of nothing. `as_of` is how far the origin had acknowledged the receiver's log: an offer
    made before it knew that the receiver deleted its key must not bring the key back.
    """

    region: str
    as_of: Position
    anew: bool
    material_ids: tuple[str, ...]
    sealed: bytes


@dataclass(frozen=True, slots=True)
class RelatedKeysChanged:
    """A new version of a set's shared state, with offers to the regions that need material.

    `handed_back`: the origin was to be the primary and cannot; it must be taken back.
    `request_id` is that of the call in the origin's region that did it, for the audit trails.
    """

    shared: SharedState
    offers: tuple[Offer, ...] = ()
    handed_back: bool = False
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class MaterialsContributed:
    """Materials that were current where the origin followed another primary (D6).

    Every region of the set keeps them, and the primary takes them into the shared state. `epoch` is
    the one that the origin has joined.
    """

    account: str
    key_id: str
    epoch: int
    history: tuple[Rotated, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class ReplicaDeleted:
    """The origin deleted its replica key.

    `first` is set where this is said again: the entry that said it first. `log_id` is the log of
    that entry, if it is an earlier one of the origin.
    """

    key_id: str
    first: int | None = None
    log_id: bytes = b""


@dataclass(frozen=True, slots=True)
class ImportReported:
    """Whether the origin holds the imported material that awaits its rotation.

    `since` is that of the pending import: a report may arrive after another took its place.
    """

    key_id: str
    material_id: str
    since: float
    held: bool


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the origin has applied of other regions' logs, as (region, entry) pairs."""

    entries: tuple[tuple[str, Applied], ...]


@dataclass(frozen=True, slots=True)
class ResyncRequested:
    """The origin cannot follow `region`'s log and asks it for its state.

    `applied` is what it has applied of that log.
    """

    region: str
    applied: Applied = NOTHING


@dataclass(frozen=True, slots=True)
class ResyncBegun:
    """The state that `receiver` asked for, by the entry with digest `request`, follows from here
    on.
    """

    receiver: str
    request: bytes


@dataclass(frozen=True, slots=True)
class ResyncEnded:
    """All the state that `receiver` asked for has been sent."""

    receiver: str
    request: bytes


@dataclass(frozen=True, slots=True)
class PeerDigest:
    """What the origin holds of a slice, as it compares it with `region` (digests.py).

    It had applied that region's log as far as `applied`.
    """

    region: str
    applied: Applied
    digest: bytes


@dataclass(frozen=True, slots=True)
class DigestsTold:
    """The origin's digests of the slice `prefix` (digests.py), one for each peer."""

    prefix: str
    digests: tuple[PeerDigest, ...]


@dataclass(frozen=True, slots=True)
class AuditCheckpointed:
    """The origin's audit trail stood at line `sequence`, with this digest; its signature on that
    is of the trail, not of the log, so that it proves as much outside the log (node/audit).
    """

    trail: str
    sequence: int
    digest: bytes
    time: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of a kind that this version does not know; it is skipped."""

    kind: str


@dataclass(frozen=True, slots=True, order=True)
class FactStamp:
    """When a fact was made: after how many others, at what time (epoch seconds), and where."""

    revision: int
    time: float
    region: str


@dataclass(frozen=True, slots=True)
class ToldFact:
    """One fact of the directory (facts.py). `secrets` are (region, secret sealed to it)."""

    key: tuple[str, ...]
    value: bytes | None
    stamp: FactStamp
    secrets: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class FactsTold:
    """Facts of the directory that the origin knows; whoever knows later ones keeps those."""

    facts: tuple[ToldFact, ...]


class WhyNot(StrEnum):
    """Why a region does not vote for a candidate."""

    UNHELD = "unheld"  # it holds no key of the set
    STRANGER = "stranger"  # it knows of no key of the set in the candidate's region
    EPOCH = "epoch"  # it knows that epoch, or a later one, and who leads in it
    VOTED = "voted"  # it has voted for another region, at that epoch or a later one
    AHEAD = "ahead"  # it knows a later version of the shared properties than the candidate
    BEHIND = "behind"  # it waits for another region's state: its own store may be an old copy


@dataclass(frozen=True, slots=True)
class PromotionAsked:
    """The origin asks `regions` to vote for it as the primary at `epoch`.

    `shared` is the version that it would go on from. The regions are those that hold a key of the
    set, the origin and the primary that is to be replaced included.
    """

    shared: SharedState
    epoch: int
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromotionVoted:
    """The origin votes for `candidate` as the primary at `epoch`, as one of `regions`, and promises
    to vote for no other at that epoch or below.
    """

    key_id: str
    epoch: int
    candidate: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromotionRefused:
    """The origin does not vote for `candidate` at `epoch`, and why.

    `known_epoch` and `known_region` say at which epoch it knows or has voted for which region, or
    which region it waits for; 0 and "" where that is not the reason.
    """

    key_id: str
    epoch: int
    candidate: str
    why: WhyNot
    known_epoch: int = 0
    known_region: str = ""


@dataclass(frozen=True, slots=True)
class VoteReturned:
    """`receiver`, whose store may be an old copy, has voted for the origin at `epoch`."""

    key_id: str
    receiver: str
    epoch: int


Payload = (
    RelatedKeysChanged
    | MaterialsContributed
    | ReplicaDeleted
    | ImportReported
    | Acknowledged
    | ResyncRequested
    | ResyncBegun
    | ResyncEnded
    | DigestsTold
    | AuditCheckpointed
    | Remark
    | FactsTold
    | PromotionAsked
    | PromotionVoted
    | PromotionRefused
    | VoteReturned
)


def key_named(payload: Payload) -> str | None:
    """The key that an entry is about; None if it is about none."""
    match payload:
        case RelatedKeysChanged(shared) | PromotionAsked(shared):
            return shared.key_id
        case _:
            return getattr(payload, "key_id", None)


def offer_to(payload: Payload, region: str) -> Offer | None:
    """What an entry offers to a region."""
    offers: tuple[Offer, ...] = getattr(payload, "offers", ())
    return next((offer for offer in offers if offer.region == region), None)
