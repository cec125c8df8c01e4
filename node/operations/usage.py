"""GetKeyLastUsage, and Keyspan.GetUsage: how keys were used, counted from the audit trail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, cast

import msgspec

from node.audit.usage import BEFORE_ALL, Count, KeyUse, Page, Which
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes import types
from node.wire.shapes.last_usage import (
    GetKeyLastUsageRequest,
    GetKeyLastUsageResponse,
    KeyLastUsageData,
)

PAGE_MOST: Final = 1000


class GetUsageRequest(msgspec.Struct, frozen=True):
    """One page of the totals, which are in the order of key, operation and principal: those behind
    that of `after`.
    """

    after: Which = BEFORE_ALL


class GetUsageResponse(msgspec.Struct, frozen=True):
    """Totals since `since` (epoch seconds). `next_after` asks for the next page, if there is one.

    Each is of one key ("" for calls that named none), operation and principal.
    """

    region: str
    since: float
    counts: list[Count]
    next_after: Which | None


class KeyUsage:
    """The usage operations of one region."""

    def __init__(
        self,
        services: Services,
        resolver: Resolver,
        last_use: Callable[[str], Awaitable[KeyUse]],
        usage: Callable[[Which, int], Awaitable[Page]],
    ) -> None:
        """`last_use` takes a key's ARN; `usage` gives the first totals behind one, so many."""
        self._services = services
        self._resolver = resolver
        self._last_use = last_use
        self._usage = usage

    async def get_key_last_usage(
        self, call: Call, request: GetKeyLastUsageRequest
    ) -> GetKeyLastUsageResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html"""
        key = await self._resolver.to_read("GetKeyLastUsage", call, request)
        use = await self._last_use(key.arn)
        last = use.last
        data = KeyLastUsageData()
        if last is not None:
            data = KeyLastUsageData(
                operation=cast("types.KeyLastUsageTrackingOperation", last.operation),
                timestamp=last.moment,
                cloud_trail_event_id=last.event_id,
                kms_request_id=last.request_id,
            )
        return GetKeyLastUsageResponse(
            key_id=key.key_id,
            key_last_usage=data,
            tracking_start_date=max(use.since, key.created),
            key_creation_date=key.created,
        )

    async def get_usage(self, call: Call, request: GetUsageRequest) -> GetUsageResponse:
        """The totals of this region."""
        await self._services.access.on_cluster(call, "keyspan:GetUsage", request)
        found = await self._usage(request.after, PAGE_MOST + 1)
        counts = found.counts[:PAGE_MOST]
        more = len(found.counts) > PAGE_MOST
        return GetUsageResponse(
            region=self._services.region,
            since=found.since,
            counts=counts,
            next_after=counts[-1].which if more else None,
        )
