"""Questions and answers between two processes, here between the two ends in one."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.workers.channel import Answers, Channel, Frame, Lost
from tests.unit.workers.support import joined

LARGE = bytes(3 * 1024 * 1024)


def ends(answers: Answers) -> AbstractAsyncContextManager[tuple[Channel, Channel]]:
    """Two ends that answer alike."""
    return joined(answers, answers)


async def echo(body: bytes) -> bytes:
    return body


async def test_both_ends_may_ask_at_once_and_each_gets_its_own_answer() -> None:
    async with ends({"echo": echo}) as (one, other):
        asked = [
            channel.ask("echo", b"%d" % number) for number in range(50) for channel in (one, other)
        ]
        answers = await asyncio.gather(*asked)
        assert answers == [b"%d" % number for number in range(50) for _ in (one, other)]


async def test_a_large_body_arrives_whole() -> None:
    async with ends({"echo": echo}) as (one, _):
        assert await one.ask("echo", LARGE) == LARGE
        assert await one.ask("echo") == b""


async def test_a_later_question_is_answered_first_if_its_answer_is_ready_first() -> None:
    go_on = asyncio.Event()

    async def slow(body: bytes) -> bytes:
        await go_on.wait()
        return body

    async with ends({"slow": slow, "echo": echo}) as (one, _):
        waiting = asyncio.create_task(one.ask("slow", b"first"))
        assert await one.ask("echo", b"second") == b"second"
        assert not waiting.done()
        go_on.set()
        assert await waiting == b"first"


async def test_what_cannot_be_answered_is_lost_and_the_channel_goes_on() -> None:
    async def fails(_: bytes) -> bytes:
        raise ValueError("a secret")

    async with ends({"fails": fails, "echo": echo}) as (one, _):
        for kind in ("fails", "unknown"):
            with pytest.raises(Lost) as lost:
                await one.ask(kind)
            assert "secret" not in str(lost.value)
        assert await one.ask("echo", b"on") == b"on"


async def test_who_waits_for_an_end_that_is_gone_is_told_and_so_is_who_asks_later() -> None:
    asked = asyncio.Event()

    async def never(_: bytes) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    async with ends({"never": never}) as (one, other):
        waiting = asyncio.create_task(one.ask("never"))
        await asked.wait()
        other.close()
        with pytest.raises(Lost):
            await waiting
        await one.closed.wait()
        with pytest.raises(Lost):
            await one.ask("never")


async def test_an_answer_that_nobody_waits_for_any_more_is_passed_over() -> None:
    go_on, asked = asyncio.Event(), asyncio.Event()

    async def slow(body: bytes) -> bytes:
        asked.set()
        await go_on.wait()
        return body

    async with ends({"slow": slow, "echo": echo}) as (one, _):
        waiting = asyncio.create_task(one.ask("slow"))
        await asked.wait()
        waiting.cancel()
        go_on.set()
        assert await one.ask("echo", b"on") == b"on"


@given(bodies=st.lists(st.binary(max_size=40), max_size=8), cuts=st.lists(st.integers(1, 9)))
def test_frames_are_read_however_the_bytes_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    seen: list[Frame] = []

    class Kept(Channel):
        def _take(self, frame: Frame) -> None:
            seen.append(frame)

    sent = bytearray()

    class Sending(asyncio.Transport):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            sent.extend(data)

        def is_closing(self) -> bool:
            return False

    async def play() -> None:
        sender, receiver = Channel({}), Kept({})
        sender.connection_made(Sending())
        frames = [Frame(number, "kind", body) for number, body in enumerate(bodies)]
        for frame in frames:
            sender._send(frame)
        data, pieces = bytes(sent), iter(cuts)
        while data:
            size = next(pieces, len(data))
            receiver.data_received(data[:size])
            data = data[size:]
        assert seen == frames

    asyncio.run(play())
