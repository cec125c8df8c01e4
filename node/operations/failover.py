"""Keyspan's own operations for a lost region: forced promotion, eviction, readmission.

KMS has no such thing: UpdatePrimaryRegion needs the primary's region. A forced promotion takes the
next epoch (decision D6); a region that comes back and finds it steps down by itself. All are signed
and authorised like KMS's operations, and touch this region alone: the log carries them to the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from node.model.arn import key_arn
from node.model.errors import InvalidState, UnsupportedOperation, Validation
from node.operations.services import Services
from node.store.port import Transaction
from node.wire.messages import Call
from replication.shared import SharedState
from replication.subscriber import SubscriberStatus

KEYS_OF_A_STEP: Final = 32


class PromoteRequest(msgspec.Struct, frozen=True):
    """`from_region` is lost. `key_ids` are the keys to promote here; None for all that it led.

    A dry run changes nothing and answers the same.
    """

    from_region: str
    key_ids: list[str] | None = None
    dry_run: bool = False


class PromotedKey(msgspec.Struct, frozen=True):
    """A key that this region leads now, or would. `dropped_rotation_since` is when a rotation that
    is given up had begun, or the import of the material that it awaited (epoch seconds)."""

    key_id: str
    arn: str
    epoch: int
    dropped_rotation_since: float | None


class LostRegion(msgspec.Struct, frozen=True):
    """What is known here of the lost region: how far its log was applied, and where it ended."""

    region: str
    state: str
    position: int
    end: int


class PromoteResponse(msgspec.Struct, frozen=True):
    """What a promotion did, or would do."""

    region: str
    dry_run: bool
    lost: LostRegion
    keys: list[PromotedKey]


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
        after: str | None = ""
        while after is not None:
            async with self._services.store.transaction() as transaction:
                await self._check_may_lead(transaction)
                after = await self._promote_some(transaction, request, after, promoted)
        self._services.replication.appended()
        return PromoteResponse(
            region=self._services.region,
            dry_run=request.dry_run,
            lost=await self._lost(request.from_region),
            keys=promoted,
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

    async def _promote_some(
        self,
        transaction: Transaction,
        request: PromoteRequest,
        after: str,
        promoted: list[PromotedKey],
    ) -> str | None:
        """Promote the next few keys. Returns the key ID to go on after, or None at the end."""
        sets = await transaction.related_keys(after, KEYS_OF_A_STEP)
        for shared in sets:
            wanted = request.key_ids is None or shared.key_id in request.key_ids
            if not wanted or shared.primary != request.from_region:
                continue
            promoted.append(self._described(shared))
            if not request.dry_run:
                await self._services.primary.promote(transaction, shared)
        return sets[-1].key_id if len(sets) == KEYS_OF_A_STEP else None

    def _described(self, shared: SharedState) -> PromotedKey:
        pending = shared.materials.pending or shared.materials.pending_import
        return PromotedKey(
            key_id=shared.key_id,
            arn=key_arn(self._services.region, shared.account, shared.key_id),
            epoch=shared.version.epoch + 1,
            dropped_rotation_since=None if pending is None else pending.since,
        )

    async def _lost(self, region: str) -> LostRegion:
        cursor = await self._services.store.cursor(region)
        status = self._subscribers[region]()
        return LostRegion(
            region=region,
            state="connected" if status.connected else f"unreachable: {status.problem}",
            position=cursor.sequence,
            end=max(status.end, cursor.sequence),
        )
