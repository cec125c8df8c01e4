"""GetKeyLastUsage, and Keyspan.GetUsage: how keys were used, counted from the audit trail."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Final, Protocol, cast

import msgspec

from node.audit.usage import Count, Usage
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
    """One page of the totals: those behind the first `after` of them."""

    after: Annotated[int, msgspec.Meta(ge=0)] = 0


class GetUsageResponse(msgspec.Struct, frozen=True):
    """Totals since `since` (epoch seconds). `next_after` asks for the next page, if there is one.

    Each is of one key ("" for calls that named none), operation and principal.
    """

    region: str
    since: float
    counts: list[Count]
    next_after: int | None


class Counted(Protocol):
    """Gives what was counted so far; of one key by its ARN, at least when it was last used."""

    def __call__(self, key_arn: str | None = None) -> Awaitable[Usage]: ...


class KeyUsage:
    """The usage operations of one region."""

    def __init__(self, services: Services, resolver: Resolver, usage: Counted) -> None:
        self._services = services
        self._resolver = resolver
        self._usage = usage

    async def get_key_last_usage(
        self, call: Call, request: GetKeyLastUsageRequest
    ) -> GetKeyLastUsageResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html"""
        key = await self._resolver.to_read("GetKeyLastUsage", call, request)
        usage = await self._usage(key.arn)
        last = usage.last(key.arn)
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
            tracking_start_date=max(usage.since, key.created),
            key_creation_date=key.created,
        )

    async def get_usage(self, call: Call, request: GetUsageRequest) -> GetUsageResponse:
        """The totals of this region."""
        await self._services.access.on_cluster(call, "keyspan:GetUsage", request)
        usage = await self._usage()
        counts = usage.counts()
        end = request.after + PAGE_MOST
        return GetUsageResponse(
            region=self._services.region,
            since=usage.since,
            counts=counts[request.after : end],
            next_after=end if end < len(counts) else None,
        )
