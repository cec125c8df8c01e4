"""What an entry of another region's log makes this region do: one frozen value per effect."""

from __future__ import annotations

from dataclasses import dataclass

from replication.asks import Ask, Vote
from replication.facts import Fact
from replication.materials import Rotated
from replication.payloads import AuditCheckpointed, PromotionRefused, PromotionVoted
from replication.position import Position
from replication.resync import Resync
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class CreateRelatedKey:
    """Create this region's key of the set, from the entry's offer.

    `leads`: it is the primary key, which this region had lost; all are told that it is back.
    `claims`: another replica offered it, so the primary may not know of it and is told.
    """

    shared: SharedState
    leads: bool = False
    claims: bool = False


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take over the shared state.

    `contribute` are the materials that were current here and that the new primary does not know,
    and `share` has the IDs of all that it does not know: this region sends them to everyone.
    `leads` says that this region has become the primary, or learned what it led before.
    `new_lead`: what was waited for under the old primary is not waited for any longer.
    `stepped_down`: this region led; who listens to it alone hears of the new lead from it.
    """

    shared: SharedState
    contribute: tuple[Rotated, ...] = ()
    share: frozenset[str] = frozenset()
    leads: bool = False
    new_lead: bool = False
    stepped_down: bool = False


@dataclass(frozen=True, slots=True)
class AskForMaterial:
    """The origin tells of a state that names material which is not held here: ask it for all that
    it has, and go on with the state that is known. A region never names what it lacks.
    """

    key_id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """This region holds a replica that the primary in `primary` does not list: show it."""

    shared: SharedState
    primary: str


@dataclass(frozen=True, slots=True)
class NoteDeleted:
    """Another region deleted its replica: remember it, in case that this region leads before the
    primary has heard of it, or is told of it by one who has not heard of it.

    `led`: what this region knows of the set, if it was the primary that deleted its key. The
    primary is told so, and hands the lead back.
    """

    key_id: str
    region: str
    at: Position
    led: SharedState | None = None


@dataclass(frozen=True, slots=True)
class Announce:
    """This region is the primary: make this version of the shared state and tell everyone.

    `leads`: it has just learned what it led before, and carries on with that. `passed_on` are the
    replicas that the primary before it had begun, unheard of here, each with what that primary knew
    of the region's log: they are offered once more. `gone` is a replica that was deleted, and the
    entry that said so: an older version that lists it is not believed.
    """

    shared: SharedState
    leads: bool = False
    passed_on: tuple[tuple[str, Position], ...] = ()
    gone: NoteDeleted | None = None


@dataclass(frozen=True, slots=True)
class HandBack:
    """This region was named primary and holds no key, or none that can lead: say so, and who is
    primary instead.
    """

    shared: SharedState


@dataclass(frozen=True, slots=True)
class DeclareDeleted:
    """Others believe that this region holds a replica that it has deleted: tell them again."""

    key_id: str


@dataclass(frozen=True, slots=True)
class PutAcknowledged:
    """The origin has applied this region's log up to `sequence`."""

    region: str
    sequence: int


@dataclass(frozen=True, slots=True)
class BeginNewLog:
    """This region's store is behind its own log (restored, or rolled back): the log begins anew.

    `above` is the ID of the log that a peer has read, and `answer` its resync request, if that was
    what showed it.
    """

    above: bytes
    answer: Resync | None = None


@dataclass(frozen=True, slots=True)
class AnswerResync:
    """Send a peer the state that it asked for."""

    resync: Resync


@dataclass(frozen=True, slots=True)
class AskForState:
    """The origin holds something else than this region, or says that this region holds a key that
    it lacks and has not deleted: ask the origin for its state.
    """

    origin: str


@dataclass(frozen=True, slots=True)
class KeepWitness:
    """Keep what the origin says of its audit trail, so that it cannot take it back."""

    origin: str
    checkpoint: AuditCheckpointed


@dataclass(frozen=True, slots=True)
class TakeFacts:
    """The origin knows later facts of the directory: hold them, and pass them on to the others,
    whom it may not have told before it was lost.
    """

    origin: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class CastVote:
    """Answer a region that asks for this region's vote, and keep what was promised."""

    answer: PromotionVoted | PromotionRefused


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """A region has answered what this one asked."""

    ask: Ask


@dataclass(frozen=True, slots=True)
class KeepVote:
    """This region had voted so, and did not know it any more."""

    vote: Vote


Effect = (
    Skip
    | CreateRelatedKey
    | Adopt
    | AskForMaterial
    | Claim
    | Announce
    | HandBack
    | NoteDeleted
    | DeclareDeleted
    | PutAcknowledged
    | BeginNewLog
    | AnswerResync
    | AskForState
    | KeepWitness
    | TakeFacts
    | CastVote
    | KeepAnswer
    | KeepVote
)
