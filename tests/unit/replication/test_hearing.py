"""Readings of every log that begin when asked for, and are shared by all who ask."""

from __future__ import annotations

import asyncio

import pytest

from replication import hearing
from replication.hearing import Hearing


class Peer:
    """A peer whose log is read to its end when the test says so."""

    def __init__(self, *, ends: bool = True) -> None:
        self.begun = 0
        self.has_begun = asyncio.Event()
        self.ends = ends
        self.may_end = asyncio.Event()

    async def read(self) -> bool:
        self.begun += 1
        self.has_begun.set()
        await self.may_end.wait()
        return self.ends


async def test_all_who_ask_at_once_share_one_reading() -> None:
    peers = Peer(), Peer(ends=False)
    asked = Hearing([each.read for each in peers])
    answers = [asked.ask() for _ in range(100)]
    for each in peers:
        each.may_end.set()
    for answer in answers:
        assert [await each for each in answer] == [True, False]
    assert [each.begun for each in peers] == [1, 1]


async def test_a_reading_that_had_begun_answers_nobody_who_asks_later() -> None:
    peer = Peer()
    asked = Hearing([peer.read])
    (first,) = asked.ask()
    await peer.has_begun.wait()
    (second,) = asked.ask()
    peer.may_end.set()
    assert [await first, await second] == [True, True]
    assert peer.begun == 2


async def test_readings_are_spaced_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "SPACING_SECONDS", 3600.0)
    peer = Peer()
    peer.may_end.set()
    asked = Hearing([peer.read])
    assert [await each for each in asked.ask()] == [True]
    late = [asked.ask() for _ in range(100)]
    await asyncio.sleep(0)
    assert peer.begun == 1
    await asked.stop()
    assert [await each for (each,) in late] == [False] * 100


async def test_a_peer_that_does_not_answer_in_time_was_not_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hearing, "HEARING_SECONDS", 0.01)
    asked = Hearing([Peer().read])
    assert [await each for each in asked.ask()] == [False]


async def test_a_reading_that_fails_is_a_peer_that_was_not_heard() -> None:
    async def failing() -> bool:
        raise OSError("disk")

    assert [await each for each in Hearing([failing]).ask()] == [False]


async def test_a_stop_leaves_nobody_waiting() -> None:
    peer = Peer()
    asked = Hearing([peer.read])
    (answer,) = asked.ask()
    await peer.has_begun.wait()
    await asked.stop()
    assert not await answer
