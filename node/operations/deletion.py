"""ScheduleKeyDeletion and CancelKeyDeletion. The deletion itself is schedule.py's."""

from __future__ import annotations

from typing import Final

from node.model import lifecycle
from node.model.errors import Validation
from node.operations.changing import to_change
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.deletion import (
    CancelKeyDeletionRequest,
    CancelKeyDeletionResponse,
    ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse,
)

WINDOW_DAYS_MOST: Final = 30


class Deletion:
    """The deletion operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def schedule_key_deletion(
        self, call: Call, request: ScheduleKeyDeletionRequest
    ) -> ScheduleKeyDeletionResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""
        days = _window(request.pending_window_in_days)
        async with to_change(self._resolver, "ScheduleKeyDeletion", call, request) as (
            transaction,
            key,
        ):
            after = lifecycle.deletion_scheduled(key, days, self._services.clock.now())
            await transaction.put_key(after)
        return ScheduleKeyDeletionResponse(
            key_id=after.arn,
            deletion_date=after.deletion_date,
            key_state=after.state.value,
            pending_window_in_days=days,
        )

    async def cancel_key_deletion(
        self, call: Call, request: CancelKeyDeletionRequest
    ) -> CancelKeyDeletionResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html"""
        async with to_change(self._resolver, "CancelKeyDeletion", call, request) as (
            transaction,
            key,
        ):
            await transaction.put_key(lifecycle.deletion_cancelled(key))
        return CancelKeyDeletionResponse(key_id=key.arn)


def _window(days: int | None) -> int:
    if days is None:
        return lifecycle.DEFAULT_WINDOW_DAYS
    if days < lifecycle.LEAST_WINDOW_DAYS:
        raise Validation(_out_of_range(days, "greater", lifecycle.LEAST_WINDOW_DAYS))
    if days > WINDOW_DAYS_MOST:
        raise Validation(_out_of_range(days, "less", WINDOW_DAYS_MOST))
    return days


def _out_of_range(days: int, direction: str, bound: int) -> str:
    return (
        f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy "
        f"constraint: Member must have value {direction} than or equal to {bound}"
    )
