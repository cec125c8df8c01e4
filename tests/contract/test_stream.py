"""What every form of the stream port promises (replication/ports.py)."""

from __future__ import annotations

import asyncio

import pytest

from replication.errors import StreamConflict, StreamUnavailable
from replication.ports import StreamShape
from replication.redis_stream import RedisStream
from tests.contract.conftest import OnServer
from tests.contract.streams import Bench, entries, ids, in_batches


async def test_a_stream_that_does_not_exist_is_empty(bench: Bench) -> None:
    assert await bench.stream.shape() == StreamShape(0, "0-0")
    assert await bench.stream.last() is None
    assert list(await bench.stream.read("0-0", 10, 0)) == []
    assert list(await bench.stream.range("0-0", 10)) == []
    await bench.stream.trim("9-0")


async def test_what_was_appended_is_read_in_order_and_byte_for_byte(bench: Bench) -> None:
    written = entries(1, 5)
    await bench.stream.append(written[:2])
    await bench.stream.append(written[2:])
    assert list(await bench.stream.read("0-0", 10, 0)) == written
    assert list(await bench.stream.range("2-0", 2)) == written[1:3]
    assert await bench.stream.last() == written[-1]
    assert await bench.stream.shape() == StreamShape(5, "5-0")


async def test_reading_begins_after_an_id_and_keeps_to_the_count(bench: Bench) -> None:
    await bench.stream.append(entries(1, 5))
    assert ids(await bench.stream.read("2-0", 2, 0)) == ["3-0", "4-0"]
    assert ids(await bench.stream.read("5-0", 2, 0)) == []


async def test_a_reader_that_waits_is_given_what_comes(bench: Bench) -> None:
    reading = asyncio.create_task(_read_until_found(bench, "0-0"))
    await bench.stream.append(entries(1, 1))
    assert await asyncio.wait_for(reading, 30) == ["1-0"]


async def test_a_reader_that_waits_is_given_all_that_is_appended_at_once(bench: Bench) -> None:
    for first in range(1, 40, 2):
        reading = asyncio.create_task(_read_until_found(bench, f"{first - 1}-0"))
        await asyncio.sleep(0)  # most of the readers wait before there is anything
        await bench.stream.append(entries(first, 2))
        assert await asyncio.wait_for(reading, 30) == [f"{first}-0", f"{first + 1}-0"]


async def test_an_id_that_is_not_above_the_last_one_is_a_conflict(bench: Bench) -> None:
    await bench.stream.append(entries(9_999_999_999, 1))
    for first in (9_999_999_999, 1):
        with pytest.raises(StreamConflict):
            await bench.stream.append(entries(first, 1))
    assert ids(await bench.stream.range("0-0", 10)) == ["9999999999-0"]


async def test_trimming_removes_what_is_older_and_keeps_the_last_id(bench: Bench) -> None:
    await bench.stream.append(entries(1, 5))
    await bench.stream.trim("4-0")
    assert ids(await bench.stream.range("0-0", 10)) == ["4-0", "5-0"]
    await bench.stream.trim("6-0")
    assert await bench.stream.shape() == StreamShape(0, "5-0")
    with pytest.raises(StreamConflict):
        await bench.stream.append(entries(5, 1))


async def test_replacing_starts_the_ids_anew(bench: Bench) -> None:
    await bench.stream.append(entries(9_999_999_999, 1))
    await bench.stream.replace(in_batches(entries(3, 2), entries(5, 1)))
    assert list(await bench.stream.range("0-0", 10)) == entries(3, 3)
    await bench.stream.append(entries(6, 1))
    assert await bench.stream.shape() == StreamShape(4, "6-0")


async def test_replacing_with_nothing_leaves_nothing(bench: Bench) -> None:
    await bench.stream.append(entries(1, 3))
    await bench.stream.replace(in_batches())
    assert await bench.stream.shape() == StreamShape(0, "0-0")
    await bench.stream.append(entries(1, 1))


async def test_a_reader_sees_the_old_stream_or_the_new_one(bench: Bench) -> None:
    await bench.stream.append(entries(1, 3))
    seen: list[list[str]] = []

    async def batches() -> list[object]:
        seen.append(ids(await bench.stream.range("0-0", 10)))
        return list(entries(7, 1)) if len(seen) == 1 else []

    await bench.stream.replace(batches)  # type: ignore[arg-type]
    assert seen == [["1-0", "2-0", "3-0"]] * 2
    assert ids(await bench.stream.range("0-0", 10)) == ["7-0"]


async def test_a_reader_that_waits_hears_of_a_replaced_stream(bench: Bench) -> None:
    await bench.stream.append(entries(1, 1))
    reading = asyncio.create_task(_read_until_found(bench, "1-0"))
    await bench.stream.replace(in_batches(entries(1, 2)))
    assert await asyncio.wait_for(reading, 30) == ["2-0"]


async def test_a_server_that_lost_everything_takes_the_same_ids_again(bench: Bench) -> None:
    await bench.stream.append(entries(1, 3))
    await bench.lose()
    assert await bench.stream.shape() == StreamShape(0, "0-0")
    await bench.stream.append(entries(2, 2))
    assert ids(await bench.stream.read("1-0", 10, 0)) == ["2-0", "3-0"]


@pytest.mark.processes
async def test_a_key_of_another_type_is_a_conflict_and_is_replaced(on_server: OnServer) -> None:
    await on_server.occupy()
    with pytest.raises(StreamConflict):
        await on_server.stream.append(entries(1, 1))
    with pytest.raises(StreamConflict):
        await on_server.stream.read("0-0", 10, 0)
    await on_server.stream.replace(in_batches(entries(1, 2)))
    assert ids(await on_server.stream.read("0-0", 10, 0)) == ["1-0", "2-0"]


async def test_a_server_that_is_away_is_unavailable_and_its_password_untold() -> None:
    stream = RedisStream("redis://region:s3cret-word@127.0.0.1:1/0", "us-east-1")
    for call in (stream.shape(), stream.last(), stream.append(entries(1, 1)), stream.trim("1-0")):
        with pytest.raises(StreamUnavailable) as caught:
            await call
        assert "s3cret-word" not in str(caught.value)
        assert caught.value.__cause__ is None
    await stream.close()


async def _read_until_found(bench: Bench, after: str) -> list[str]:
    while not (found := await bench.stream.read(after, 10, 1.0)):
        pass
    return ids(found)
