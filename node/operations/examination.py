"""Keyspan's own operations behind `keyspan doctor`: what a region holds, and a resync at will.

Regions compare themselves at an interval (replication/comparison.py). These let an administrator
compare them now, key by key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from node.model.errors import UnsupportedOperation
from node.operations.failover import RegionRequest
from node.operations.services import Services
from node.wire.messages import Call
from replication.comparison import slice_of
from replication.digests import next_slice
from replication.position import Cursor

__all__ = ["Examination", "HoldingRow", "ListHoldingsRequest", "ListHoldingsResponse"]


class ListHoldingsRequest(msgspec.Struct, frozen=True):
    """The peer to be compared with, and the slice after which to go on (`next` of the last
    answer)."""

    region: str
    after: str | None = None


class HoldingRow(msgspec.Struct, frozen=True):
    """A set (its name is the key ID) or a fact of the directory that the region compares with the
    peer: a hash of what both must have alike."""

    name: str
    fingerprint: str


class ListHoldingsResponse(msgspec.Struct, frozen=True):
    """What is compared of one slice, and the slice to go on after; None at the end."""

    region: str
    holdings: list[HoldingRow]
    next: str | None


class Resynced(msgspec.Struct, frozen=True):
    """The region that was asked for its state."""

    region: str


class Examination:
    """The operations of one region; `resyncs` asks each peer for its state."""

    def __init__(
        self, services: Services, resyncs: Mapping[str, Callable[[], Awaitable[Cursor]]]
    ) -> None:
        self._services = services
        self._resyncs = resyncs

    async def list_holdings(self, call: Call, request: ListHoldingsRequest) -> ListHoldingsResponse:
        """What this region compares with a peer. Raises UnsupportedOperation for no peer."""
        services = self._services
        await services.access.on_cluster(call, "keyspan:ListHoldings", request)
        self._check_peer(request.region)
        async with services.store.transaction() as transaction:
            sets = await transaction.count_related()
            prefix = next_slice(sets, request.after)
            held = await slice_of(transaction, prefix)
        rows = held.compared(services.region, request.region)
        more = next_slice(sets, prefix) > prefix
        return ListHoldingsResponse(
            region=services.region,
            holdings=[HoldingRow(each.name, each.fingerprint.hex()) for each in rows],
            next=prefix if more else None,
        )

    async def request_resync(self, call: Call, request: RegionRequest) -> Resynced:
        """Ask a peer for its state. Raises UnsupportedOperation for no peer."""
        await self._services.access.on_cluster(call, "keyspan:RequestResync", request)
        self._check_peer(request.region)
        await self._resyncs[request.region]()
        return Resynced(request.region)

    def _check_peer(self, region: str) -> None:
        if region not in self._services.peers:
            raise UnsupportedOperation(f"{region} is no peer of {self._services.region}.")
