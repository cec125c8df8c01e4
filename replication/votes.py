"""Promotion by majority: who may be voted for, and when that is a majority. Pure rules (D6).

A region that is to lead asks, in its own log, all regions that hold a key of the set. Each answers
in its own log, once for each key and epoch. More than half of them, the lost region counted, make a
majority; two majorities of one set have a region in common, and it has voted for one of them only.
The promotion carries the voters' signed entries, so that any region can verify it.

A vote says nothing about whether the old primary is lost: no region can know that. It says which
one of two candidates is followed everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crypto.identity import PublicIdentity
from replication.asks import Answer, Ask, Vote, majority_of
from replication.effects import CastVote, Effect, KeepAnswer, KeepVote, Skip
from replication.entries import verify_quoted
from replication.errors import Malformed, Refused
from replication.payloads import (
    PromotionAsked,
    PromotionRefused,
    PromotionVoted,
    VoteReturned,
    WhyNot,
)
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class Voter:
    """What a region knows that is asked for its vote.

    `behind` names the region whose state it waits for, if it waits for one.
    """

    region: str
    shared: SharedState | None
    vote: Vote | None = None
    behind: str = ""


def regions_asked(shared: SharedState, gone: Mapping[str, object]) -> tuple[str, ...]:
    """The regions of which a majority is to vote: all that hold a key of the set, evicted ones and
    the lost one too, but those that have said that they deleted theirs.
    """
    return tuple(sorted(each for each in shared.regions if each not in gone))


def epoch_to_ask(shared: SharedState, vote: Vote | None, last: Ask | None) -> int:
    """The epoch that a region asks for: above all that it, and who refused it before, has named."""
    named = [shared.version.epoch]
    if vote is not None:
        named.append(vote.epoch)
    if last is not None:
        named += [each.known_epoch for each in last.refusals]
    return max(named) + 1


def epoch_to_take(region: str, shared: SharedState, vote: Vote | None) -> int:
    """The epoch of a change of primary to `region` that nobody is asked about: behind that at
    which this region has voted for another one, as it comes after that vote.
    """
    promised = vote.epoch if vote is not None and vote.candidate != region else 0
    return max(shared.version.epoch, promised) + 1


def decide_ask(voter: Voter, origin: str, payload: PromotionAsked) -> Effect:
    """What an ask means to a region: a vote, a refusal, or nothing if it is not asked.

    Raises Malformed for an ask that contradicts itself, or speaks of another key.
    """
    base, known = payload.shared, voter.shared
    if origin not in payload.regions or not set(payload.regions) <= set(base.regions):
        raise Malformed(f"{origin} asks for votes of regions that do not fit")
    if payload.epoch <= base.version.epoch:
        raise Malformed(f"{origin} asks for an epoch that has begun")
    if voter.region not in payload.regions:
        return Skip("this region is not asked")
    if known is not None and not base.same_key(known):
        raise Malformed(f"{origin} asks about {base.key_id} as another key than it is")
    refusal = _refusal(voter, origin, payload)
    if refusal is not None:
        return CastVote(refusal)
    return CastVote(PromotionVoted(base.key_id, payload.epoch, origin, payload.regions))


def _refusal(voter: Voter, origin: str, payload: PromotionAsked) -> PromotionRefused | None:
    def no(why: WhyNot, epoch: int = 0, region: str = "") -> PromotionRefused:
        return PromotionRefused(payload.shared.key_id, payload.epoch, origin, why, epoch, region)

    known, vote = voter.shared, voter.vote
    if known is None:
        return no(WhyNot.UNHELD)
    if origin not in known.regions:
        return no(WhyNot.STRANGER)
    if payload.epoch <= known.version.epoch:
        return no(WhyNot.EPOCH, known.version.epoch, known.primary)
    if voter.behind:
        return no(WhyNot.BEHIND, 0, voter.behind)
    if vote is not None and not vote.permits(origin, payload.epoch):
        return no(WhyNot.VOTED, vote.epoch, vote.candidate)
    if known.supersedes(payload.shared):
        return no(WhyNot.AHEAD, known.version.epoch, known.primary)
    return None


def decide_answer(
    region: str,
    ask: Ask | None,
    origin: str,
    payload: PromotionVoted | PromotionRefused,
    vote: bytes,
) -> Effect:
    """What a vote or a refusal means to the region that asked. `vote` are the bytes of a vote."""
    if payload.candidate != region:
        return Skip("another region asked")
    if ask is None or ask.withdrawn or ask.epoch != payload.epoch or origin not in ask.regions:
        return Skip("nothing is asked, or something else")
    if isinstance(payload, PromotionRefused):
        return KeepAnswer(ask.with_answer(Answer(origin, refusal=payload)))
    if payload.regions != ask.regions:
        return Skip("a vote among other regions")
    return KeepAnswer(ask.with_answer(Answer(origin, vote)))


def decide_returned(region: str, vote: Vote | None, origin: str, payload: VoteReturned) -> Effect:
    """What it means to be told of a vote of one's own: it is kept, if it was forgotten."""
    if payload.receiver != region:
        return Skip("another region is told")
    if vote is not None and vote.epoch >= payload.epoch:
        return Skip("the vote is known, or a later one")
    return KeepVote(Vote(payload.key_id, payload.epoch, origin))


def needs_proof(known: SharedState | None, told: SharedState) -> bool:
    """Whether what is told wins, or loses, by its votes alone: then they are verified."""
    if known is None or not told.votes:
        return False
    return known.version.epoch == told.version.epoch and known.primary != told.primary


def proven(shared: SharedState, identities: Mapping[str, PublicIdentity]) -> bool:
    """Whether the votes that a state carries are those of a majority for its primary."""
    voters: set[str] = set()
    regions: tuple[str, ...] = ()
    for each in shared.votes:
        try:
            entry = verify_quoted(identities, each)
        except Refused:
            return False
        vote = entry.payload
        if not isinstance(vote, PromotionVoted):
            return False
        named = (vote.key_id, vote.epoch, vote.candidate)
        if named != (shared.key_id, shared.version.epoch, shared.primary):
            return False
        if entry.origin not in vote.regions or (regions and vote.regions != regions):
            return False
        regions = vote.regions
        voters.add(entry.origin)
    return bool(regions) and len(voters) >= majority_of(regions)
