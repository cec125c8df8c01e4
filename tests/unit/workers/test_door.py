"""When a worker takes over changes, and whom it has answer."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import Mock

import pytest

from node.model.errors import Internal
from node.wire.messages import WireRequest, WireResponse
from node.workers import questions
from node.workers.channel import Lost
from node.workers.door import Door, Following
from node.workers.page import ChangePage, new_page

OWN, OTHER = "TrentService.Encrypt", "TrentService.CreateKey"


def request(target: str | None) -> WireRequest:
    headers = {} if target is None else {"x-amz-target": target}
    return WireRequest("POST", "/", "", headers, b"{}", "192.0.2.7")


class Protocol:
    """Answers with words for who was asked."""

    problem = None

    def recorded(self, answer: Any, then: Any) -> Any: ...

    def refusal(self, error: Any) -> Any: ...

    async def answer(self, asked: WireRequest) -> Any:
        return "here", asked

    def passed_on(self, asked: WireRequest, response: WireResponse) -> Any:
        return "leader", response

    def turned_away(self, asked: WireRequest, error: Exception) -> WireResponse:
        return WireResponse(500, {}, type(error).__name__.encode())


class Leader:
    """Repeats what it is asked, or is gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.gone = gone
        self.asked: list[WireRequest] = []

    async def ask(self, kind: str, body: bytes = b"") -> bytes:
        if self.gone:
            raise Lost("gone")
        assert kind == questions.CALL
        self.asked.append(questions.request_of(body))
        return questions.answering(WireResponse(200, {"a": "b"}, b"said"))


def door(page: ChangePage, take_over: Any, leader: Leader | None = None) -> tuple[Any, Leader]:
    leader = leader or Leader()
    protocol: Any = Protocol()
    channel: Any = leader
    return Door(protocol, {OWN}, Following(page, take_over), channel), leader


async def nothing() -> None:
    raise AssertionError("nothing was changed")


async def test_what_only_reads_is_answered_here_and_all_else_by_the_leader() -> None:
    answering, leader = door(new_page(), nothing)
    assert await answering.answer(request(OWN)) == ("here", request(OWN))
    assert not leader.asked
    for target in (OTHER, "Keyspan.GetStatus", "TrentService.Nothing", None):
        said = await answering.answer(request(target))
        assert said == ("leader", WireResponse(200, {"a": "b"}, b"said"))
        assert leader.asked.pop() == request(target)


async def test_a_change_is_taken_over_once_and_before_anything_is_answered() -> None:
    page, taken = new_page(), []

    async def take_over() -> None:
        taken.append(page.changes)

    answering, _ = door(page, take_over)
    page.count()
    for _ in range(3):
        await answering.answer(request(OWN))
    assert taken == [1]
    page.count()
    page.count()
    await answering.answer(request(OTHER))
    assert taken == [1, 3]


async def test_whoever_comes_while_a_change_is_taken_over_waits_for_it_too() -> None:
    page, go_on, over = new_page(), asyncio.Event(), []

    async def take_over() -> None:
        await go_on.wait()
        over.append(True)

    answering, _ = door(page, take_over)
    page.count()
    waiting = [asyncio.create_task(answering.answer(request(OWN))) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(each.done() for each in waiting)
    go_on.set()
    for each in waiting:
        await each
    assert over


async def test_a_change_that_comes_while_another_is_taken_over_is_not_missed() -> None:
    page, taken = new_page(), []

    async def take_over() -> None:
        taken.append(page.changes)
        if len(taken) == 1:
            page.count()

    answering, _ = door(page, take_over)
    page.count()
    await answering.answer(request(OWN))
    await answering.answer(request(OWN))
    assert taken == [1, 2]


async def test_what_cannot_be_taken_over_is_no_reason_to_answer_from_the_past() -> None:
    page = new_page()
    failing = Mock(side_effect=[OSError("disk"), None])

    async def take_over() -> None:
        failing()

    answering, leader = door(page, take_over)
    page.count()
    who, response = await answering.answer(request(OWN))
    assert (who, response.body) == ("leader", Internal.__name__.encode())
    assert not leader.asked
    assert await answering.answer(request(OWN)) == ("here", request(OWN))


async def test_without_its_leader_a_worker_refuses_what_it_would_pass_on() -> None:
    answering, _ = door(new_page(), nothing, Leader(gone=True))
    _, response = await answering.answer(request(OTHER))
    assert (response.status, response.body) == (500, Internal.__name__.encode())
    assert await answering.answer(request(OWN)) == ("here", request(OWN))


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 1000])
def test_a_request_and_its_answer_pass_as_they_are(body: bytes) -> None:
    asked = WireRequest("POST", "/", "a=b", {"host": "h", "x": "é"}, body, "::1")
    assert questions.request_of(questions.asking(asked)) == asked
    said = WireResponse(400, {"x-amzn-RequestId": "1"}, body)
    assert questions.response_of(questions.answering(said)) == said
