"""Asks to be voted for, and votes: carried out in the transaction that logs them (votes.py)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace

from replication import votes
from replication.asks import Answer, Ask, Vote
from replication.effects import CastVote, Effect, KeepAnswer, KeepVote
from replication.log import Log
from replication.payloads import (
    PromotionAsked,
    PromotionRefused,
    PromotionVoted,
    VoteReturned,
    WhyNot,
)
from replication.ports import Clock, ReplicaTransaction
from replication.position import CursorState
from replication.reading import Readied
from replication.shared import SharedState
from replication.votes import Voter, epoch_to_ask, regions_asked

logger = logging.getLogger(__name__)


async def _behind(transaction: ReplicaTransaction, regions: Collection[str]) -> str:
    """The first of these regions whose state this one still waits for; "" if there is none.

    Then this region's store is new, or an old copy, and the other may know of a vote which is
    forgotten here. Regions that are evicted here are not waited for.
    """
    for other in sorted({*regions} - await transaction.evicted()):
        if (await transaction.cursor(other)).state is not CursorState.FOLLOWING:
            return other
    return ""


class Elections:
    """The asks and votes of one region."""

    def __init__(self, region: str, log: Log, clock: Clock) -> None:
        self._region = region
        self._log = log
        self._clock = clock

    async def standing(self, transaction: ReplicaTransaction, shared: SharedState) -> Ask | None:
        """The ask for a key whose votes may be used now, if there is one."""
        ask = await transaction.ask(shared.key_id)
        vote = await transaction.vote(shared.key_id)
        regions = regions_asked(shared, await transaction.gone(shared.key_id))
        if ask is None or vote != Vote(shared.key_id, ask.epoch, self._region):
            return None
        return ask if ask.stands(shared, regions, self._clock.now()) else None

    async def planned(self, transaction: ReplicaTransaction, shared: SharedState) -> Ask:
        """What would be asked of the regions of a set now. It is refused already, by this region
        itself, if that does not vote before it has been told another one's state.
        """
        key_id = shared.key_id
        vote, last = await transaction.vote(key_id), await transaction.ask(key_id)
        epoch = epoch_to_ask(shared, vote, last)
        regions = regions_asked(shared, await transaction.gone(key_id))
        ask = Ask(shared, epoch, regions, self._clock.now())
        waits = await _behind(transaction, {*regions} - {self._region, shared.primary})
        if not waits:
            return ask
        no = PromotionRefused(key_id, epoch, self._region, WhyNot.BEHIND, known_region=waits)
        return ask.with_answer(Answer(self._region, refusal=no))

    async def ask(self, transaction: ReplicaTransaction, planned: Ask) -> Ask:
        """Ask what is planned, and vote for it."""
        vote = PromotionVoted(planned.key_id, planned.epoch, self._region, planned.regions)
        await self._log.append(transaction, planned.payload)
        ask = planned.with_answer(Answer(self._region, await self._vote(transaction, vote)))
        await transaction.put_ask(ask)
        return ask

    async def ask_again(self, transaction: ReplicaTransaction, ask: Ask) -> None:
        """Repeat an ask that a region has refused for as long as it waits for another's state."""
        if any(each.why is WhyNot.BEHIND for each in ask.refusals):
            await self._log.append(transaction, ask.payload)

    async def withdraw(self, transaction: ReplicaTransaction, key_id: str) -> None:
        """Never use the votes for what was asked: the next ask is for a later epoch."""
        ask = await transaction.ask(key_id)
        if ask is not None and not ask.withdrawn:
            await transaction.put_ask(replace(ask, withdrawn=True))

    async def judge(self, transaction: ReplicaTransaction, readied: Readied) -> Effect:
        """What another region's entry about votes means here. Raises Malformed."""
        entry = readied.entry
        match entry.payload:
            case PromotionAsked() as payload:
                voter = await self._voter(transaction, readied, payload)
                return votes.decide_ask(voter, entry.origin, payload)
            case PromotionVoted(key_id) | PromotionRefused(key_id) as payload:
                ask = await transaction.ask(key_id)
                return votes.decide_answer(self._region, ask, entry.origin, payload, readied.vote)
            case VoteReturned(key_id) as payload:
                vote = await transaction.vote(key_id)
                return votes.decide_returned(self._region, vote, entry.origin, payload)
            case _:
                raise TypeError(f"{type(entry.payload).__name__} is of no election")

    async def carry_out(
        self, transaction: ReplicaTransaction, effect: CastVote | KeepAnswer | KeepVote
    ) -> None:
        """Do what judge() decided."""
        match effect:
            case CastVote(answer):
                await self._answer(transaction, answer)
            case KeepAnswer(ask):
                await transaction.put_ask(ask)
            case KeepVote(vote):
                await transaction.put_vote(vote)

    async def _answer(
        self, transaction: ReplicaTransaction, answer: PromotionVoted | PromotionRefused
    ) -> None:
        """Say what was decided about another region's ask."""
        if isinstance(answer, PromotionVoted):
            await self._vote(transaction, answer)
            logger.info(
                "voted for %s as the primary of %s at epoch %d",
                answer.candidate,
                answer.key_id,
                answer.epoch,
            )
        else:
            await self._log.append(transaction, answer)

    async def _voter(
        self, transaction: ReplicaTransaction, readied: Readied, asked: PromotionAsked
    ) -> Voter:
        """What this region knows that is asked for its vote. Whoever may have its vote must have
        told it, if it can have forgotten: all regions but the primary that is to be replaced.
        """
        base = asked.shared
        shared = await transaction.shared(base.key_id)
        known = () if shared is None else shared.regions
        others = {*known, *asked.regions} - {self._region, base.primary}
        if readied.cursor.state is CursorState.FOLLOWING:
            others.discard(readied.entry.origin)
        waits = await _behind(transaction, others)
        return Voter(self._region, shared, await transaction.vote(base.key_id), waits)

    async def return_votes(self, transaction: ReplicaTransaction, receiver: str) -> None:
        """Tell a region, which asked for this region's state, how it voted here. It may have
        forgotten that, and must not vote before it knows.
        """
        for ask in await transaction.asks():
            if receiver in ask.voters and not ask.withdrawn:
                await self._log.append(transaction, VoteReturned(ask.key_id, receiver, ask.epoch))

    async def repeat_asks(self, transaction: ReplicaTransaction, receiver: str) -> None:
        """Ask a region again that was told this region's state: it passed over what lay before."""
        now = self._clock.now()
        for ask in await transaction.asks():
            if receiver in ask.unanswered and ask.is_open(now):
                await self._log.append(transaction, ask.payload)

    async def _vote(self, transaction: ReplicaTransaction, vote: PromotionVoted) -> bytes:
        record = await self._log.entry(transaction, vote)
        kept = Vote(vote.key_id, vote.epoch, vote.candidate)
        await transaction.put_vote(kept, cast=self._clock.now())
        return record.data
