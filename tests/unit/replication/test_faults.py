"""The faulty stream: each fault by itself, and none when there is to be none."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication.entries import StreamEntry
from replication.errors import StreamUnavailable
from replication.faults import NO_FAULTS, FaultRates, FaultyStream
from replication.memory_stream import MemoryStream

ENTRIES = [StreamEntry(f"{number}-0", b"entry %d" % number) for number in range(1, 7)]


async def _faulty(rates: FaultRates, seed: int = 0) -> tuple[MemoryStream, FaultyStream]:
    memory = MemoryStream()
    await memory.append(ENTRIES)
    return memory, FaultyStream(memory, Random(seed), rates)


async def _read(rates: FaultRates, seed: int = 0) -> Sequence[StreamEntry]:
    memory, faulty = await _faulty(rates, seed)
    found = await faulty.read("0-0", 10, 0)
    assert await memory.read("0-0", 10, 0) == ENTRIES  # the stream below is as it was
    return found


@given(st.integers(0, 2**32))
async def test_without_faults_it_is_the_stream_below(seed: int) -> None:
    assert await _read(NO_FAULTS, seed) == ENTRIES


@given(st.integers(0, 2**32))
async def test_a_shortened_answer_is_a_beginning(seed: int) -> None:
    found = await _read(FaultRates(shortened=1.0), seed)
    assert found
    assert found == ENTRIES[: len(found)]


@given(st.integers(0, 2**32))
async def test_a_repeated_entry_comes_twice(seed: int) -> None:
    found = await _read(FaultRates(repeated=1.0), seed)
    assert len(found) == len(ENTRIES) + 1
    assert list(dict.fromkeys(found)) == ENTRIES


@given(st.integers(0, 2**32))
async def test_swapped_entries_are_the_same_entries(seed: int) -> None:
    found = await _read(FaultRates(swapped=1.0), seed)
    assert sorted(found, key=lambda entry: entry.id) == ENTRIES
    assert sum(one != other for one, other in zip(found, ENTRIES, strict=True)) in (0, 2)


@given(st.integers(0, 2**32))
async def test_a_dropped_entry_is_missing(seed: int) -> None:
    found = await _read(FaultRates(dropped=1.0), seed)
    assert len(found) == len(ENTRIES) - 1
    assert set(found) < set(ENTRIES)


@given(st.integers(0, 2**32))
async def test_a_flipped_entry_differs_in_one_bit(seed: int) -> None:
    found = await _read(FaultRates(flipped=1.0), seed)
    [(one, other)] = [
        (one.data, other.data) for one, other in zip(found, ENTRIES, strict=True) if one != other
    ]
    assert (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count() == 1


async def test_an_empty_answer_stays_empty() -> None:
    rates = FaultRates(shortened=1.0, repeated=1.0, swapped=1.0, dropped=1.0, flipped=1.0)
    assert list(await FaultyStream(MemoryStream(), Random(0), rates).read("0-0", 9, 0)) == []


async def test_every_verb_can_fail() -> None:
    _, faulty = await _faulty(FaultRates(unavailable=1.0))

    async def nothing() -> Sequence[StreamEntry]:
        return []

    for call in (
        faulty.read("0-0", 9, 0),
        faulty.last(),
        faulty.range("0-0", 9),
        faulty.shape(),
        faulty.append([]),
        faulty.trim("9-0"),
        faulty.replace(nothing),
    ):
        with pytest.raises(StreamUnavailable):
            await call


async def test_a_failed_call_did_nothing_and_a_call_that_failed_after_did_it() -> None:
    new = [StreamEntry("7-0", b"entry 7")]
    memory, faulty = await _faulty(FaultRates(unavailable=1.0))
    with pytest.raises(StreamUnavailable):
        await faulty.append(new)
    assert await memory.last() == ENTRIES[-1]
    faulty.rates = FaultRates(unavailable_after=1.0)
    with pytest.raises(StreamUnavailable):
        await faulty.append(new)
    assert await memory.last() == new[0]
    with pytest.raises(StreamUnavailable):
        await faulty.trim("7-0")
    assert list(await memory.range("0-0", 9)) == new


async def test_the_same_seed_gives_the_same_day() -> None:
    rates = FaultRates(shortened=0.5, repeated=0.5, swapped=0.5, dropped=0.5, flipped=0.5)
    assert [await _read(rates, 7) for _ in range(3)] == [await _read(rates, 7) for _ in range(3)]
