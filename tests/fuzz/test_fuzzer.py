"""The fuzzer itself: what it makes is what it says, it can be played again, and it finds faults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from botocore.model import Shape

from node.settings import Administrator
from tests.fuzz import judge
from tests.fuzz.conversation import HANGS, Asked, Conversation
from tests.fuzz.patterns import matching
from tests.fuzz.sensible import ADJUSTED, FOLLOWERS, KIN, MADE, RENAMED
from tests.fuzz.spoiling import spoil
from tests.fuzz.tally import MIB, Sample, Tally, memory_objections
from tests.fuzz.transport import Connection, Hung, Place, Response
from tests.fuzz.values import valid
from tests.wire.model import MODEL, input_shape, verdict

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
PLACE = Place(
    "us-east-1",
    "http://127.0.0.1:1",
    Administrator("111122223333", "AKIA", "secret", "arn:aws:iam::111122223333:user/a"),
)


def response(
    status: int = 400, error: str = "UnsupportedOperationException", **answer: Any
) -> Response:
    body = {"__type": error} if status != 200 else answer
    return Response(status, {"x-amzn-requestid": ID}, json.dumps(body).encode())


def shapes() -> Iterator[Shape]:
    for operation in MODEL.operation_names:
        yield from input_shape(operation).members.values()


# What it makes


@pytest.mark.parametrize(
    "pattern", sorted({each.metadata["pattern"] for each in shapes() if "pattern" in each.metadata})
)
def test_text_for_every_pattern_of_the_model(pattern: str) -> None:
    for seed in range(200):
        assert re.fullmatch(pattern, matching(pattern, Random(seed), 1, 128))


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_a_valid_request_is_what_the_model_allows(operation: str) -> None:
    random = Random(operation)
    shape = input_shape(operation)
    timeless = {name: each for name, each in shape.members.items() if each.type_name != "timestamp"}
    for _ in range(40):
        for each in timeless.values():
            value = valid(each, random)
            assert verdict(each, value) == "accepted", (each, value)


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_spoilt_requests_are_often_not_what_the_model_allows(operation: str) -> None:
    random, shape, refused = Random(operation), input_shape(operation), 0
    for _ in range(100):
        members = {name: valid(each, random) for name, each in shape.members.items()}
        spoil(members, shape, random)
        members.pop("ValidTo", None)
        refused += verdict(shape, members) != "accepted"
    assert refused > 10


def test_the_names_written_out_are_the_models() -> None:
    members = {
        name for operation in MODEL.operation_names for name in input_shape(operation).members
    }
    operations = set(MODEL.operation_names)
    assert set(KIN) | set(MADE) <= members
    assert set(ADJUSTED) | set(FOLLOWERS) | set(RENAMED) <= operations
    assert {each for followers in FOLLOWERS.values() for each in followers} <= operations


# A conversation


class Node:
    """A node that answers from the request alone."""

    def __init__(self, *, fault_at: int | None = None, hang_at: int | None = None) -> None:
        self.heard: list[bytes] = []
        self._fault_at = fault_at
        self._hang_at = hang_at

    async def ask(self, connection: Connection, target: str, body: bytes) -> Response:
        self.heard.append(target.encode() + body)
        if len(self.heard) == self._hang_at:
            raise Hung
        if len(self.heard) == self._fault_at:
            return response(500, "KMSInternalException")
        if not target.endswith(".CreateKey"):
            return response()
        metadata = {
            "KeyId": ID,
            "Origin": "AWS_KMS",
            "Arn": f"arn:aws:kms:us-east-1:111122223333:key/{ID}",
        }
        return response(200, KeyMetadata=metadata)

    async def send(self, connection: Connection, data: bytes) -> Response:
        self.heard.append(b"odd")
        return response()


async def held(node: Node, monkeypatch: pytest.MonkeyPatch, number: int = 0) -> list[Asked]:
    monkeypatch.setattr(Connection, "ask", lambda *given: node.ask(*given))
    monkeypatch.setattr(Connection, "send", lambda *given: node.send(*given))
    heard: list[Asked] = []
    await Conversation(7, number, [PLACE, PLACE]).hold(60, heard.append)
    return heard


async def test_a_conversation_can_be_played_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, again, other = Node(), Node(), Node()
    await held(first, monkeypatch)
    await held(again, monkeypatch)
    await held(other, monkeypatch, number=1)
    assert first.heard == again.heard != other.heard
    assert any(ID.encode() in each for each in first.heard)


async def test_a_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = await held(Node(fault_at=5), monkeypatch)
    assert [each.objection for each in heard if each.objection] == [
        "status 500, KMSInternalException"
    ]


async def test_a_node_that_hangs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = await held(Node(hang_at=5), monkeypatch)
    assert heard[-1].objection == HANGS


# What an answer may be


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (response(), None),
        (response(413, "RequestEntityTooLargeException"), None),
        (response(400, "NotFoundException"), None),
        (response(400, "TagException"), "TagException, which clients of Encrypt do not know"),
        (response(503, "KMSInternalException"), "status 503, KMSInternalException"),
        (Response(0, {}, b""), "the connection was closed without an answer"),
        (Response(400, {}, b"{}"), "no x-amzn-RequestId"),
        (Response(400, {"x-amzn-requestid": ID}, b"<"), "an answer that is not JSON"),
        (response(200, KeyId="k"), None),
        (response(200, KeyId=1), "answer.KeyId is no string"),
        (response(200, Other="x"), "answer has Other, which the model has not"),
        (response(200, EncryptionAlgorithm="x"), "answer.EncryptionAlgorithm is none of"),
    ],
)
def test_what_is_wrong_with_an_answer(answer: Response, said: str | None) -> None:
    found = judge.objection("Encrypt", answer)
    assert found == said if said is None else (found or "").startswith(said)


def test_an_answer_where_there_should_be_none() -> None:
    assert judge.objection("EnableKey", response(200, KeyId="k")) == "answer is not empty"
    assert judge.odd_objection(Response(500, {}, b"")) == "status 500"
    assert judge.odd_objection(Response(0, {}, b"")) is None


def test_memory_may_grow_with_what_was_made_and_no_more() -> None:
    def grown(by: int, made: int) -> list[str]:
        samples = [Sample(n, 0, (100 * MIB,)) for n in range(10)]
        return list(memory_objections([*samples, Sample(10, made, (100 * MIB + by,))]))

    assert not grown(10 * MIB, 0)
    assert grown(60 * MIB, 0)
    assert not grown(60 * MIB, 5000)


def test_what_was_served_and_never_right_is_named() -> None:
    tally = Tally()
    tally.count(Asked("Encrypt", "sensible", b"", response(), 0.1, None))
    tally.count(Asked("Decrypt", "sensible", b"", response(200), 0.1, None))
    assert tally.never_answered() == ["Encrypt"]
