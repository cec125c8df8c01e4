"""The publisher: the outbox is the truth, whatever has become of the stream."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replication.entries import StreamEntry, stream_id
from replication.errors import StreamUnavailable
from replication.faults import FaultRates, FaultyStream
from replication.memory_stream import MemoryStream
from replication.position import LogHead
from replication.publisher import Publisher
from tests.unit.replication.parts import AP, EU, LOG_ID

WINDOW = 4


class _Outbox:
    """An outbox whose entries a test writes itself."""

    def __init__(self, entries: int, first: int = 1) -> None:
        self.entries = {number: f"entry {number}".encode() for number in range(first, entries + 1)}
        self.last = entries
        self.acknowledged: dict[str, int] = {}
        self.answer = 0

    def add(self) -> None:
        self.last += 1
        self.entries[self.last] = f"entry {self.last}".encode()

    async def log_head(self) -> LogHead:
        return LogHead(LOG_ID, self.last, bytes(32))

    async def outbox(self, first: int, count: int) -> Sequence[StreamEntry]:
        numbers = sorted(each for each in self.entries if each >= first)[:count]
        return [StreamEntry(stream_id(each), self.entries[each]) for each in numbers]

    async def outbox_first(self) -> int:
        return min(self.entries, default=self.last + 1)

    async def trim_outbox(self, first: int) -> None:
        self.entries = {key: data for key, data in self.entries.items() if key >= first}

    async def answer_entries(self) -> int:
        return self.answer

    async def acknowledgements(self) -> dict[str, int]:
        return dict(self.acknowledged)


def _publisher(outbox: _Outbox, stream: MemoryStream | FaultyStream, **options: int) -> Publisher:
    return Publisher(outbox, stream, (EU, AP), **{"retention": 1000} | options)


def _same(outbox: _Outbox, stream: MemoryStream) -> bool:
    return stream.entries == {(number, 0): data for number, data in outbox.entries.items()}


async def _published(entries: int) -> tuple[_Outbox, MemoryStream, Publisher]:
    outbox, stream = _Outbox(entries), MemoryStream()
    publisher = _publisher(outbox, stream)
    await publisher.step(compare=True)
    assert _same(outbox, stream)
    return outbox, stream, publisher


async def test_it_publishes_what_is_new() -> None:
    outbox, stream, publisher = await _published(300)
    outbox.add()
    await publisher.step(compare=False)
    assert _same(outbox, stream)
    assert (publisher.status.published, publisher.status.rewrites) == (301, 0)


async def test_a_second_publisher_writes_nothing_twice() -> None:
    outbox, stream, _ = await _published(5)
    again = _publisher(outbox, stream)
    await again.step(compare=False)
    assert _same(outbox, stream)
    assert again.status.rewrites == 0


async def test_an_empty_stream_is_refilled() -> None:
    outbox, stream, publisher = await _published(5)
    stream.lose()
    await publisher.step(compare=True)
    assert _same(outbox, stream)


async def test_a_lost_tail_is_published_again_without_a_rewrite() -> None:
    outbox, stream, publisher = await _published(5)
    del stream.entries[5, 0]
    stream.last_id = (4, 0)
    await publisher.step(compare=True)
    assert _same(outbox, stream)
    assert publisher.status.rewrites == 0


@pytest.mark.parametrize("identifier", [(6, 0), (10**15, 0), (3, 1), (0, 7), (6, 7)])
async def test_an_invented_entry_is_written_away(identifier: tuple[int, int]) -> None:
    outbox, stream, publisher = await _published(5)
    stream.entries[identifier] = b"invented"
    stream.last_id = max(stream.last_id, identifier)
    await publisher.step(compare=True)
    assert _same(outbox, stream)
    outbox.add()
    await publisher.step(compare=False)
    assert _same(outbox, stream)


async def test_an_id_ahead_does_not_block_what_is_new() -> None:
    outbox, stream, publisher = await _published(5)
    stream.last_id = (10**9, 0)
    outbox.add()
    await publisher.step(compare=False)
    assert _same(outbox, stream)
    assert publisher.status.rewrites == 1


async def test_the_stream_of_a_log_that_is_no_more_is_written_anew() -> None:
    outbox, stream, publisher = await _published(9)
    outbox.entries, outbox.last = {1: b"new log", 2: b"of two entries"}, 2
    await publisher.step(compare=True)
    assert _same(outbox, stream)


async def test_a_difference_anywhere_is_found_though_no_peer_reads_there() -> None:
    """A peer that resyncs acknowledges nothing, so nothing was ever compared behind the window at
    its last acknowledgement: an altered answer there would have stayed altered for ever.
    """
    with patch("replication.publisher.WINDOW_ENTRIES", WINDOW):
        for altered in range(1, 31):
            outbox, stream, publisher = await _published(30)
            stream.entries[altered, 0] = b"altered"
            for _ in range(30 // WINDOW + 2):
                await publisher.step(compare=True)
            assert _same(outbox, stream), altered


async def test_where_a_peer_reads_on_is_compared_each_time() -> None:
    with patch("replication.publisher.WINDOW_ENTRIES", WINDOW):
        outbox, stream, publisher = await _published(30)
        outbox.acknowledged = {EU: 20, AP: 11}
        for altered in (21, 24, 12, 15, 1, 4):
            stream.entries[altered, 0] = b"altered"
            await publisher.step(compare=True)
            assert _same(outbox, stream), altered


async def test_what_every_peer_has_acknowledged_is_let_go() -> None:
    outbox, stream, publisher = await _published(9)
    outbox.acknowledged = {EU: 9, AP: 6}
    await publisher.trim()
    assert sorted(outbox.entries) == [7, 8, 9]
    assert _same(outbox, stream)


async def test_the_last_entry_stays() -> None:
    outbox, stream, publisher = await _published(9)
    outbox.acknowledged = {EU: 9, AP: 9}
    await publisher.trim()
    assert sorted(outbox.entries) == [9]
    await publisher.step(compare=True)
    assert _same(outbox, stream)
    assert publisher.status.rewrites == 0


async def test_a_peer_that_was_never_heard_of_keeps_everything() -> None:
    outbox, _, publisher = await _published(9)
    outbox.acknowledged = {EU: 9}
    await publisher.trim()
    assert len(outbox.entries) == 9


async def test_it_says_when_the_stream_is_away_and_goes_on_when_it_is_back() -> None:
    outbox, stream = _Outbox(5), MemoryStream()
    link = FaultyStream(stream, Random(0), FaultRates(unavailable=1.0))
    publisher = _publisher(outbox, link)
    await publisher.step(compare=True)
    await publisher.trim()
    assert (publisher.status.connected, publisher.status.problem) == (False, "a seeded fault")
    link.rates = FaultRates()
    await publisher.step(compare=False)
    assert _same(outbox, stream)
    assert publisher.status.connected


@pytest.mark.parametrize("verb", ["append", "replace", "trim"])
async def test_a_call_that_failed_after_it_took_effect_doubles_nothing(verb: str) -> None:
    outbox, stream = _Outbox(5), MemoryStream()
    if verb == "replace":
        stream.entries, stream.last_id = {(900, 0): b"invented"}, (900, 0)
    link = FaultyStream(stream, Random(0), FaultRates(unavailable_after=1.0))
    publisher = _publisher(outbox, link)
    for _ in range(3):
        await publisher.step(compare=True)
    link.rates = FaultRates()
    await publisher.step(compare=False)
    assert _same(outbox, stream)


class _Unavailable(MemoryStream):
    async def shape(self) -> None:  # type: ignore[override]
        raise StreamUnavailable("loading its files")


async def test_the_status_says_why() -> None:
    publisher = _publisher(_Outbox(1), _Unavailable())
    await publisher.step(compare=True)
    assert publisher.status.problem == "loading its files"


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 25))
async def test_whatever_becomes_of_the_stream_it_is_the_outbox_again(
    seed: int, entries: int
) -> None:
    random = Random(seed)
    with (
        patch("replication.publisher.WINDOW_ENTRIES", WINDOW),
        patch("replication.publisher.BATCH_ENTRIES", 3),
    ):
        outbox, stream, publisher = await _published(entries)
        for _ in range(6):
            _spoil(random, stream)
            if random.random() < 0.5:
                outbox.add()
            await publisher.step(compare=random.random() < 0.5)
        for _ in range(2 + 40 // WINDOW):
            await publisher.step(compare=True)
    assert _same(outbox, stream)


def _spoil(random: Random, stream: MemoryStream) -> None:
    at = (random.randrange(40), random.choice((0, 0, 0, 1)))
    act = random.randrange(4)
    if act == 0:
        stream.entries.pop(at, None)
    elif act == 1:
        stream.entries[at] = random.randbytes(4)
        stream.last_id = max(stream.last_id, at)
    elif act == 2:
        stream.last_id = max(stream.last_id, at)
    else:
        stream.lose()


@pytest.mark.parametrize(("answer", "first"), [(0, 91), (15, 61), (500, 1)])
async def test_an_answer_is_not_trimmed_under_its_reader(answer: int, first: int) -> None:
    """Two peers may each be reading one; nobody acknowledges any of it before its end."""
    outbox, stream = _Outbox(100), MemoryStream()
    outbox.answer = answer
    publisher = _publisher(outbox, stream, retention=10)
    await publisher.step(compare=True)
    await publisher.trim()
    assert min(outbox.entries) == first
    assert _same(outbox, stream)
