"""Keyspan.GetClock and Keyspan.AdvanceClock: time that moves for rehearsals (decision D12).

Only a node that was started with a movable clock has one; any other refuses by name. Signatures of
requests are checked by the real time all the same, so clients need not know.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from node.model.errors import UnsupportedOperation, Validation
from node.wire.messages import Call

__all__ = ["AdvanceClockRequest", "ClockControl", "ClockResponse", "GetClockRequest", "Movable"]

LONGEST_ADVANCE_SECONDS = 20 * 366 * 86_400
"""For one request. Twenty years: beyond every rotation period and deletion window of KMS."""


class GetClockRequest(msgspec.Struct, frozen=True):
    """No members."""


class AdvanceClockRequest(msgspec.Struct, frozen=True):
    """How far to move this region's clock ahead."""

    seconds: float


class ClockResponse(msgspec.Struct, frozen=True):
    """This region's time (epoch seconds), and how far it is ahead of the real one."""

    region: str
    now: float
    ahead_seconds: float


class Movable(Protocol):
    """A clock that can be moved (node.clock.MovableClock)."""

    @property
    def ahead(self) -> float: ...

    def now(self) -> float: ...

    def advance(self, seconds: float) -> None: ...


class Access(Protocol):
    """Who may administer the cluster (node.access.authorise.Authoriser)."""

    async def on_cluster(self, call: Call, action: str, request: object) -> object: ...


class ClockControl:
    """The clock of one region, as an administrator moves it."""

    def __init__(self, region: str, access: Access, clock: Movable | None) -> None:
        self._region = region
        self._access = access
        self._clock = clock

    async def get_clock(self, call: Call, request: GetClockRequest) -> ClockResponse:
        """This region's time. Raises UnsupportedOperation where it cannot be moved."""
        await self._access.on_cluster(call, "keyspan:GetClock", request)
        return self._response(self._movable("GetClock"))

    async def advance_clock(self, call: Call, request: AdvanceClockRequest) -> ClockResponse:
        """Move this region's time ahead; what is then due happens within a second or two.

        Raises UnsupportedOperation where it cannot be moved, Validation for a time that is none.
        """
        await self._access.on_cluster(call, "keyspan:AdvanceClock", request)
        clock = self._movable("AdvanceClock")
        if not 0 <= request.seconds <= LONGEST_ADVANCE_SECONDS:
            raise Validation(
                f"seconds must be from 0 to {LONGEST_ADVANCE_SECONDS}; a clock moves forward only."
            )
        clock.advance(request.seconds)
        return self._response(clock)

    def _movable(self, operation: str) -> Movable:
        if self._clock is None:
            raise UnsupportedOperation(
                f"{operation} is not supported: the clock of {self._region} cannot be moved, as "
                "its node was not started with --movable-clock."
            )
        return self._clock

    def _response(self, clock: Movable) -> ClockResponse:
        return ClockResponse(self._region, clock.now(), clock.ahead)
