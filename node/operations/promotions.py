"""What is asked of a region that is to lead, and what it answers: the shapes of Keyspan.Promote."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from replication.asks import Ask, majority_of
from replication.payloads import PromotionRefused, WhyNot

Quorum: TypeAlias = Literal["none", "majority"]
"""Who has to agree to a forced promotion."""

NONE: Final = "none"
MAJORITY: Final = "majority"


class PromoteRequest(msgspec.Struct, frozen=True):
    """`from_region` is lost. `key_ids` are the keys to promote here; None for all that it led.

    A dry run changes nothing and answers the same. With the quorum "majority" a call asks the other
    regions, waits up to `wait_seconds` for their votes, and promotes what a majority has voted for;
    another call goes on with what was asked. `withdraw` ends it: votes that come later are not
    used. Nothing is ever promoted outside of a call.
    """

    from_region: str
    key_ids: list[str] | None = None
    dry_run: bool = False
    quorum: Quorum = NONE
    wait_seconds: float = 0.0
    withdraw: bool = False


class Refusal(msgspec.Struct, frozen=True):
    """A region that does not vote for this one, and a clause that says why. `code` is the reason's
    name (replication.payloads.WhyNot)."""

    region: str
    why: str
    code: str


class Election(msgspec.Struct, frozen=True):
    """Whom a majority consists of, and how far it has come.

    `regions` are all that hold a key of the set, the lost one too; `needed` of them have to vote.
    `hopeless`: those that refused are too many for that.
    """

    regions: list[str]
    needed: int
    votes: list[str]
    refusals: list[Refusal]
    unanswered: list[str]
    hopeless: bool = False


class PromotedKey(msgspec.Struct, frozen=True):
    """A key that this region leads now, or would. `dropped_rotation_since` is when a rotation that
    is given up had begun, or the import of the material that it awaited (epoch seconds).
    `election` is set if a majority was asked."""

    key_id: str
    arn: str
    epoch: int
    dropped_rotation_since: float | None
    election: Election | None = None


class LostRegion(msgspec.Struct, frozen=True):
    """What is known here of the lost region: how far its log was applied, and where it ended.

    `heard_seconds` is how long ago its stream server answered last, and `entry_seconds` how long
    ago, by its own clock, it made the entry that was applied last; both None if that was before
    this node started. `rotations` of its keys had begun and not ended, as far as is known here.
    """

    region: str
    state: str
    position: int
    end: int
    heard_seconds: float | None = None
    entry_seconds: float | None = None
    rotations: int = 0


class PromoteResponse(msgspec.Struct, frozen=True):
    """What a promotion did, or would do. `undecided` are the keys for which no majority has voted;
    `regions` says how each other region's stream server answers here."""

    region: str
    dry_run: bool
    lost: LostRegion
    keys: list[PromotedKey]
    quorum: Quorum = NONE
    undecided: list[PromotedKey] = []
    regions: dict[str, str] = {}


def may_be_won(key: PromotedKey) -> bool:
    """Whether a majority may still vote for a key that has none yet."""
    return key.election is not None and not key.election.hopeless


def may_be_won_later(key: PromotedKey) -> bool:
    """Whether a region has only voted for another one: at a later epoch it may vote for this."""
    refusals = () if key.election is None else key.election.refusals
    return any(each.code == WhyNot.VOTED for each in refusals)


def election_of(ask: Ask) -> Election:
    """How far an ask has come, in words."""
    refused = [each.refusal for each in ask.answers]
    return Election(
        regions=list(ask.regions),
        needed=majority_of(ask.regions),
        votes=list(ask.voters),
        refusals=[
            Refusal(each.region, why_not(refusal), refusal.why.value)
            for each, refusal in zip(ask.answers, refused, strict=True)
            if refusal is not None
        ],
        unanswered=list(ask.unanswered),
        hopeless=ask.lost,
    )


def why_not(refusal: PromotionRefused) -> str:
    """Why a region does not vote for the candidate, as a clause."""
    words = {
        WhyNot.UNHELD: "it holds no key of the set",
        WhyNot.STRANGER: f"it knows of no key of the set in {refusal.candidate}",
        WhyNot.EPOCH: f"it knows epoch {refusal.known_epoch}, led by {refusal.known_region}",
        WhyNot.VOTED: f"it has voted for {refusal.known_region} at epoch {refusal.known_epoch}",
        WhyNot.AHEAD: f"it knows a later version than {refusal.candidate}: let it lead instead",
        WhyNot.BEHIND: f"it waits for the state of {refusal.known_region}, as its store is new or "
        "was restored",
    }
    return words[refusal.why]
