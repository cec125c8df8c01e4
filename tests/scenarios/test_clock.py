"""Keyspan.AdvanceClock and GetClock: refused by name where a node was not started for them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from node.clock import MovableClock
from node.model.errors import Validation
from node.model.principal import Principal
from node.operations.clock import LONGEST_ADVANCE_SECONDS, AdvanceClockRequest, ClockControl
from node.wire.messages import Call
from tests.scenarios.client import Kms, answer_of, refused
from tests.scenarios.region import ACCOUNT, RegionUnderTest


@pytest.mark.parametrize(
    ("operation", "members"), [("GetClock", {}), ("AdvanceClock", {"seconds": 1})]
)
def test_a_clock_that_cannot_be_moved(
    kms: Kms, region: RegionUnderTest, operation: str, members: dict[str, float]
) -> None:
    before = region.clock.now()
    with refused(
        "UnsupportedOperationException",
        f"{operation} is not supported: the clock of us-east-1 cannot be moved, as its node was "
        "not started with --movable-clock.",
    ):
        answer_of(kms.send(f"Keyspan.{operation}", json.dumps(members).encode()))
    assert region.clock.now() == before


@pytest.mark.parametrize("members", [{}, {"seconds": "1"}, {"seconds": None}, {"seconds": []}])
def test_a_request_of_another_shape(kms: Kms, members: dict[str, object]) -> None:
    response = kms.send("Keyspan.AdvanceClock", json.dumps(members).encode())
    assert response.status == 400
    assert json.loads(response.body)["__type"] in ("ValidationException", "SerializationException")


class _Everybody:
    """Lets everybody administer."""

    async def on_cluster(self, call: Call, action: str, request: object) -> object:
        return None


@pytest.mark.parametrize("seconds", [-1.0, -0.001, LONGEST_ADVANCE_SECONDS + 1, math.nan])
async def test_a_time_that_is_none(tmp_path: Path, seconds: float) -> None:
    clock = MovableClock(tmp_path / "clock")
    principal = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/administrator", "AIDA", "IAMUser")
    control = ClockControl("us-east-1", _Everybody(), clock)
    with pytest.raises(Validation, match="moves forward only"):
        await control.advance_clock(
            Call(principal, "1", "127.0.0.1", "", 0.0, []), AdvanceClockRequest(seconds)
        )
    assert clock.ahead == 0


@pytest.mark.parametrize("operation", ["GetClock", "AdvanceClock"])
def test_another_account_may_not(stranger: Kms, operation: str) -> None:
    with refused("AccessDeniedException"):
        answer_of(stranger.send(f"Keyspan.{operation}", b'{"seconds": 1}'))
