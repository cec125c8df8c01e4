"""For every operation: requests of all kinds never produce a fault, and the right kind of refusal.

The oracle is botocore's model (tests/wire/model.py), not our shapes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire.test_model import OURS
from tests.wire.model import SERVED, Verdict, anything, input_shape, mutated, valid, verdict
from tests.wire.support import FixedClock, Recorder, protocol, signed_request

CLOCK = FixedClock()
FEW = settings(max_examples=30)
OPERATIONS = st.sampled_from(SERVED)
JUDGEMENTS = get_args(Verdict)
for_each_operation = pytest.mark.parametrize("operation", SERVED)


class Door:
    """The protocol in front of one operation, which notes what reaches it."""

    def __init__(self, operation: str) -> None:
        self.recorder = Recorder()
        self.target = f"TrentService.{operation}"
        shape = OURS[input_shape(operation).name]
        self.protocol = protocol(self.recorder.operation(operation, shape), clock=CLOCK)


@cache
def runner() -> asyncio.Runner:
    return asyncio.Runner()


@pytest.fixture(scope="module", autouse=True)
def _one_event_loop() -> Iterator[None]:
    """All examples run in one event loop, which ends with the module."""
    yield
    runner().close()
    runner.cache_clear()


@cache
def door_of(operation: str) -> Door:
    """Made once: the examples of a test are thousands."""
    return Door(operation)


def ask(operation: str, body: bytes) -> tuple[str, list[Any]]:
    """What is answered ("accepted" or the name of the error), and what reached the handler."""
    door = door_of(operation)
    door.recorder.calls.clear()
    request = signed_request(door.target, body, now=CLOCK.now())
    response = runner().run(door.protocol.handle(request))
    requests = [request for _, request in door.recorder.calls]
    if response.status == 200:
        return "accepted", requests
    assert response.status == 400, response.body
    return msgspec.json.decode(response.body)["__type"], requests


@for_each_operation
@FEW
@given(data=st.data())
def test_a_valid_request_is_accepted_and_read_right(operation: str, data: st.DataObject) -> None:
    document = data.draw(valid(input_shape(operation)))
    answer, requests = ask(operation, json.dumps(document).encode())
    assert answer == "accepted"
    assert msgspec.json.decode(msgspec.json.encode(requests[0])) == document


@for_each_operation
@FEW
@given(data=st.data())
def test_a_mutated_request_is_judged_as_the_model_judges_it(
    operation: str, data: st.DataObject
) -> None:
    document = data.draw(mutated(input_shape(operation)))
    answer, requests = ask(operation, json.dumps(document).encode())
    assert answer == verdict(input_shape(operation), document)
    assert bool(requests) == (answer == "accepted")


@given(operation=OPERATIONS, document=anything())
def test_any_json_is_judged_as_the_model_judges_it(operation: str, document: Any) -> None:
    answer, _ = ask(operation, json.dumps(document).encode())
    assert answer == verdict(input_shape(operation), document)


@given(operation=OPERATIONS, data=st.data())
def test_a_damaged_body_is_no_fault(operation: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(data.draw(valid(input_shape(operation)))).encode())
    place = data.draw(st.integers(0, len(body)))
    body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    answer, _ = ask(operation, bytes(body))
    assert answer in JUDGEMENTS


@given(operation=OPERATIONS, body=st.binary(max_size=40))
def test_any_bytes_are_no_fault(operation: str, body: bytes) -> None:
    answer, _ = ask(operation, body)
    assert answer in JUDGEMENTS
