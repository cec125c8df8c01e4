"""Keyspan's own operations for a lost region: forced promotion, eviction, readmission.

KMS has no such thing: UpdatePrimaryRegion needs the primary's region. A forced promotion takes the
next epoch (decision D6); a region that comes back and finds it steps down by itself. All are signed
and authorised like KMS's operations, and touch this region alone: the log carries them to the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from node.model.arn import key_arn
from node.model.errors import InvalidState, UnsupportedOperation, Validation
from node.operations.promotions import (
    MAJORITY,
    LostRegion,
    PromotedKey,
    PromoteRequest,
    PromoteResponse,
    election_of,
    may_be_won,
)
from node.operations.services import Services
from node.store.port import Transaction
from node.wire.messages import Call
from replication.asks import Ask
from replication.shared import SharedState
from replication.subscriber import SubscriberStatus
from replication.votes import epoch_to_take

KEYS_OF_A_STEP: Final = 32
WAIT_SECONDS_MOST: Final = 10.0  # of one call; whoever waits longer calls again


class RegionRequest(msgspec.Struct, frozen=True):
    """The region to evict or to readmit."""

    region: str


class RegionResponse(msgspec.Struct, frozen=True):
    """The regions that no rotation of this region's keys waits for."""

    evicted: list[str]


class Failover:
    """The failover operations of one region."""

    def __init__(
        self,
        services: Services,
        subscribers: Mapping[str, Callable[[], SubscriberStatus]],
    ) -> None:
        self._services = services
        self._subscribers = subscribers

    async def promote(self, call: Call, request: PromoteRequest) -> PromoteResponse:
        """Make this region the primary of the keys that the lost region led.

        Raises UnsupportedOperation for a region that is not a peer, InvalidState if this region was
        evicted and has to catch up first.
        """
        await self._services.access.on_cluster(call, "keyspan:Promote", request)
        self._check_peer(request.from_region)
        promoted: list[PromotedKey] = []
        undecided: list[PromotedKey] = []

        async def decided() -> bool:
            nonlocal undecided
            undecided = await self._promote_all(request, promoted, first=not undecided)
            return request.dry_run or not any(map(may_be_won, undecided))

        seconds = min(request.wait_seconds, WAIT_SECONDS_MOST)
        await self._services.replication.wait_until(decided, seconds)
        return PromoteResponse(
            region=self._services.region,
            dry_run=request.dry_run,
            lost=await self._lost(request.from_region, [*promoted, *undecided]),
            keys=promoted,
            quorum=request.quorum,
            undecided=undecided,
            regions={name: _reach(read()) for name, read in self._subscribers.items()},
        )

    async def evict(self, call: Call, request: RegionRequest) -> RegionResponse:
        """Let no rotation wait for a region any longer."""
        await self._services.access.on_cluster(call, "keyspan:EvictRegion", request)
        if request.region != self._services.region:  # a region that knows it will not lead
            self._check_peer(request.region)
        async with self._services.store.transaction() as transaction:
            await transaction.put_evicted(request.region, self._services.clock.now())
            return RegionResponse(sorted(await transaction.evicted()))

    async def readmit(self, call: Call, request: RegionRequest) -> RegionResponse:
        """Let rotations wait for an evicted region again."""
        await self._services.access.on_cluster(call, "keyspan:ReadmitRegion", request)
        async with self._services.store.transaction() as transaction:
            await transaction.delete_evicted(request.region)
            return RegionResponse(sorted(await transaction.evicted()))

    def _check_peer(self, region: str) -> None:
        if region == self._services.region:
            raise Validation(f"{region} is the region that was asked; name the lost one.")
        if region not in self._services.peers:
            raise UnsupportedOperation(f"{region} is not a Region of this Keyspan cluster.")

    async def _check_may_lead(self, transaction: Transaction) -> None:
        if self._services.region in await transaction.evicted():
            raise InvalidState(f"{self._services.region} was evicted; readmit it first.")

    async def _promote_all(
        self, request: PromoteRequest, promoted: list[PromotedKey], *, first: bool
    ) -> list[PromotedKey]:
        """Promote what can be; returns what no majority has voted for yet."""
        undecided: list[PromotedKey] = []
        after: str | None = ""
        while after is not None:
            async with self._services.store.transaction() as transaction:
                await self._check_may_lead(transaction)
                sets = await transaction.related_keys(after, KEYS_OF_A_STEP)
                for shared in sets:
                    wanted = request.key_ids is None or shared.key_id in request.key_ids
                    if wanted and shared.primary == request.from_region:
                        key, done = await self._promote_one(
                            transaction, request, shared, first=first
                        )
                        (promoted if done else undecided).append(key)
                after = sets[-1].key_id if len(sets) == KEYS_OF_A_STEP else None
        return undecided

    async def _promote_one(
        self, transaction: Transaction, request: PromoteRequest, shared: SharedState, *, first: bool
    ) -> tuple[PromotedKey, bool]:
        """One key, as it is after its promotion, or would be; and whether a majority is needed, and
        has not voted."""
        primary = self._services.primary
        if request.quorum == MAJORITY:
            return await self._by_majority(transaction, request, shared, first=first)
        vote = await transaction.vote(shared.key_id)
        epoch = epoch_to_take(self._services.region, shared, vote)
        if not request.dry_run:
            await primary.promote(transaction, shared)
        return self._described(shared, epoch), True

    async def _by_majority(
        self, transaction: Transaction, request: PromoteRequest, shared: SharedState, *, first: bool
    ) -> tuple[PromotedKey, bool]:
        elections = self._services.elections
        ask = await elections.standing(transaction, shared)
        asks_on = first and not (request.dry_run or request.withdraw)
        if ask is not None and asks_on and not ask.won:
            await elections.ask_again(transaction, ask)
        if ask is None:
            planned = await elections.planned(transaction, shared)
            if request.dry_run or request.withdraw or planned.refusals:
                return self._described(shared, planned.epoch, planned), request.dry_run
            ask = await elections.ask(transaction, planned)
        if request.dry_run:
            return self._described(shared, ask.epoch, ask), True
        if ask.won:
            await self._services.primary.promote(transaction, shared, ask)
        elif request.withdraw:
            await elections.withdraw(transaction, shared.key_id)
        return self._described(shared, ask.epoch, ask), ask.won

    def _described(self, shared: SharedState, epoch: int, ask: Ask | None = None) -> PromotedKey:
        pending = shared.materials.pending or shared.materials.pending_import
        return PromotedKey(
            key_id=shared.key_id,
            arn=key_arn(self._services.region, shared.account, shared.key_id),
            epoch=epoch,
            dropped_rotation_since=None if pending is None else pending.since,
            election=None if ask is None else election_of(ask),
        )

    async def _lost(self, region: str, keys: Sequence[PromotedKey]) -> LostRegion:
        cursor = await self._services.store.cursor(region)
        status = self._subscribers[region]()
        now = self._services.clock.now()
        return LostRegion(
            region=region,
            state=_reach(status),
            position=cursor.sequence,
            end=max(status.end, cursor.sequence),
            heard_seconds=None if status.heard is None else max(now - status.heard, 0.0),
            entry_seconds=None if status.last_entry is None else max(now - status.last_entry, 0.0),
            rotations=sum(each.dropped_rotation_since is not None for each in keys),
        )


def _reach(status: SubscriberStatus) -> str:
    return "connected" if status.connected else f"unreachable: {status.problem}"
