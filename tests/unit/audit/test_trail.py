"""A trail on a disk: begun, gone on with, torn by a crash, damaged, full, well again."""

from __future__ import annotations

import asyncio
import errno
import itertools
import json
import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.audit.chain import genesis
from node.audit.folder import FolderInUse, first_sequence, trail_files, trail_lines
from node.audit.opening import ForeignTrail
from node.audit.sink import GROUP_WAITERS, Rules, Sink, Unwritable
from node.audit.trail import OpenTrail, open_trail
from node.audit.verification import Verdict, verify_trail
from node.audit.writer import NewFile, Piece, Writer
from tests.unit.audit.trails import IDENTITY, OTHER, START

HEAD = genesis(IDENTITY.region, "ab" * 16)
BODY = b'{"eventTime":"2026-09-21T14:13:20Z","eventName":"Encrypt"}'


@dataclass
class Clock:
    moment: float = START

    def now(self) -> float:
        return self.moment


async def opened(folder: Path, clock: Clock | None = None, rules: Rules | None = None) -> OpenTrail:
    return await open_trail(folder, IDENTITY, os.urandom, clock or Clock(), rules or Rules())


async def record(sink: Sink, count: int = 1) -> None:
    for _ in range(count):
        sink.append("record", BODY)
        await sink.commit()


def verdict(folder: Path) -> Verdict:
    return verify_trail(trail_lines(trail_files(folder)), IDENTITY.public)


def kinds(folder: Path) -> list[str]:
    """The kinds of the trail's lines, in order."""
    return [list(json.loads(line))[-1] for _, line in trail_lines(trail_files(folder))]


async def test_a_trail_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(3):
        trail = await opened(tmp_path)
        await record(trail.sink, 2)
        await trail.close()
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert (found.records, found.signed) == (6, found.last)
    assert len(trail_files(tmp_path)) == 1


async def test_a_new_trail_has_no_file_before_its_first_record(tmp_path: Path) -> None:
    trail = await opened(tmp_path)
    await trail.close()
    assert trail_files(tmp_path) == []


async def test_what_one_process_writes_no_other_does(tmp_path: Path) -> None:
    trail = await opened(tmp_path)
    with pytest.raises(FolderInUse):
        await opened(tmp_path)
    await trail.close()
    await (await opened(tmp_path)).close()


async def test_a_folder_of_another_region_is_refused(tmp_path: Path) -> None:
    trail = await open_trail(tmp_path, OTHER, os.urandom, Clock(), Rules())
    await record(trail.sink)
    await trail.close()
    with pytest.raises(ForeignTrail):
        await opened(tmp_path)


async def test_files_end_by_size_and_by_age_with_a_checkpoint(tmp_path: Path) -> None:
    clock = Clock()
    trail = await opened(tmp_path, clock, Rules(file_bytes=4096, file_seconds=3600.0))
    await record(trail.sink, 60)
    by_size = len(trail_files(tmp_path))
    assert by_size > 2
    clock.moment += 3600
    await record(trail.sink)
    assert len(trail_files(tmp_path)) == by_size + 1
    await trail.close()
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert found.records == 61
    for path in trail_files(tmp_path):
        lines = path.read_bytes().splitlines(keepends=True)
        assert b'"opened":' in lines[0]
        assert b'"checkpoint":' in lines[-1]
        assert path.stat().st_size <= 4096 + 1024


async def test_lines_behind_another_are_read_from_the_files_that_have_them(tmp_path: Path) -> None:
    trail = await opened(tmp_path, rules=Rules(file_bytes=2048))
    await record(trail.sink, 60)
    await trail.close()
    files = trail_files(tmp_path)
    trail = await opened(tmp_path)
    last = trail.sink.head.sequence
    for path in files[:-3]:
        path.unlink()
    for sequence in range(first_sequence(files[-3]) - 1, last + 1):
        behind = [line.sequence for line in trail.lines_behind(sequence, files)]
        assert behind == list(range(sequence + 1, last + 1))
    with pytest.raises(FileNotFoundError):
        list(trail.lines_behind(first_sequence(files[-3]) - 2, files))
    await trail.close()


async def test_a_file_ends_by_its_age_also_after_a_restart(tmp_path: Path) -> None:
    clock, rules = Clock(), Rules(file_seconds=3600.0)
    for _ in range(2):
        trail = await opened(tmp_path, clock, rules)
        await record(trail.sink)
        await trail.close()
        clock.moment += 1800
    assert len(trail_files(tmp_path)) == 1
    trail = await opened(tmp_path, clock, rules)
    await record(trail.sink)
    await trail.close()
    assert len(trail_files(tmp_path)) == 2
    assert verdict(tmp_path).whole


@pytest.mark.parametrize("together", [1, 3])
async def test_a_record_is_on_disk_when_its_commit_returns(tmp_path: Path, together: int) -> None:
    trail = await opened(tmp_path)
    for turn in range(1, 5):
        await asyncio.gather(*(record(trail.sink) for _ in range(together)))
        assert kinds(tmp_path).count("record") == turn * together
    await trail.close()


async def test_who_waits_is_written_for_without_a_thread_unless_the_disk_is_slow(
    tmp_path: Path,
) -> None:
    writer = Faulty(tmp_path)
    sink = Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock(), stopwatch=lambda: writer.seconds)
    here = threading.get_ident()
    await record(sink, 2)
    assert writer.threads == [here, here]
    await asyncio.gather(record(sink), record(sink))
    assert writer.threads == [here, here, here]
    writer.took = 0.01
    await record(sink, 3)
    assert writer.threads[3] == here  # was told by this one that the disk is slow
    assert here not in writer.threads[4:]
    writer.took = 0.001
    await record(sink, 2)
    assert writer.threads[6] != here
    assert writer.threads[7] == here  # it was quick again
    await sink.close()


async def test_a_group_gathers_while_each_turn_of_the_loop_brings_more(tmp_path: Path) -> None:
    async def late(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await record(sink)

    writer = Faulty(tmp_path)
    sink = Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock())
    await asyncio.gather(*(late(turns) for turns in range(8)))
    assert writer.writes == 1
    await asyncio.gather(*(late(turns) for turns in range(2 * GROUP_WAITERS)))
    assert 2 <= writer.writes - 1 <= 3, "a group has an end"
    await sink.close()
    assert verdict(tmp_path).records == 8 + 2 * GROUP_WAITERS


async def test_who_waits_together_is_written_together(tmp_path: Path) -> None:
    writer = Faulty(tmp_path)
    sink = Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock())
    await asyncio.gather(*(record(sink) for _ in range(32)))
    await sink.close()
    assert writer.writes <= 3  # the first, everybody else, and the last checkpoint
    assert verdict(tmp_path).records == 32


async def test_asynchronous_commits_do_not_wait_and_are_written_all_the_same(
    tmp_path: Path,
) -> None:
    trail = await opened(tmp_path, rules=Rules(asynchronous=True))
    for _ in range(50):
        await record(trail.sink)
    await trail.sink.flush()
    assert kinds(tmp_path).count("record") == 50
    await trail.close()


async def test_an_asynchronous_trail_gathers_until_somebody_waits(tmp_path: Path) -> None:
    writer, rules = Faulty(tmp_path), Rules(asynchronous=True, behind_seconds=3600.0)
    sink = Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock(), rules)
    for _ in range(50):
        await record(sink)
        await asyncio.sleep(0)  # each in a turn of its own
    assert writer.writes == 0
    await asyncio.gather(sink.flush(), sink.flush())
    assert writer.writes == 1
    await record(sink)
    await sink.close()
    assert verdict(tmp_path).records == 51


async def test_what_nobody_waits_for_is_written_all_the_same(tmp_path: Path) -> None:
    writer, rules = Faulty(tmp_path), Rules(asynchronous=True, behind_seconds=0.0)
    sink = Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock(), rules)
    for count in (1, 2, 3):
        await record(sink)
        assert await asyncio.to_thread(writer.wrote.wait, 60)
        writer.wrote.clear()
        assert kinds(tmp_path).count("record") == count
    await sink.close()


@pytest.mark.parametrize("part", [0.0, 0.02, 0.3, 0.9])
async def test_a_torn_last_line_is_removed_and_told_of(
    tmp_path: Path, part: float, caplog: pytest.LogCaptureFixture
) -> None:
    trail = await opened(tmp_path)
    await record(trail.sink, 3)
    await trail.close()
    [path] = trail_files(tmp_path)
    last = path.read_bytes().splitlines(keepends=True)[-1]
    torn = last[: int(len(last) * part)]
    with path.open("ab") as file:
        file.write(torn + bytes(7))
    assert verdict(tmp_path).torn_bytes > 0
    with caplog.at_level(logging.WARNING):
        trail = await opened(tmp_path)
    assert "torn last line" in caplog.text
    await record(trail.sink)
    await trail.close()
    assert kinds(tmp_path).count("repaired") == 1
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert found.records == 4
    assert found.torn_bytes == 0


async def test_a_file_that_a_crash_left_empty_is_removed(tmp_path: Path) -> None:
    trail = await opened(tmp_path, rules=Rules(file_bytes=4096))
    await record(trail.sink, 20)
    await trail.close()
    last = verdict(tmp_path).last
    (tmp_path / f"audit-{last + 1:012}.jsonl").write_bytes(b'{"hash":"12')
    trail = await opened(tmp_path, rules=Rules(file_bytes=4096))
    await record(trail.sink, 20)
    await trail.close()
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert found.records == 40


async def test_damage_is_left_for_verification_and_never_repaired(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trail = await opened(tmp_path)
    await record(trail.sink, 5)
    await trail.close()
    [path] = trail_files(tmp_path)
    damaged = path.read_bytes().replace(b"Encrypt", b"Nothing", 1)
    path.write_bytes(damaged)
    with caplog.at_level(logging.ERROR):
        trail = await opened(tmp_path)
    assert "keyspan audit verify" in caplog.text
    await record(trail.sink)
    await trail.close()
    assert path.read_bytes() == damaged
    assert len(trail_files(tmp_path)) == 2
    finding = verdict(tmp_path).finding
    assert finding is not None
    assert finding.sequence == 2


class Faulty(Writer):
    """A disk that is full while `full` is set: part of what is written gets there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, None, 0)
        self.full = False
        self.writes = 0
        self.took = 0.0  # seconds, of each write
        self.seconds = 0.0
        self.threads: list[int] = []
        self.wrote = threading.Event()

    def write(self, pieces: Sequence[Piece]) -> None:
        self.writes += 1
        self.seconds += self.took
        self.threads.append(threading.get_ident())
        super().write(pieces)
        self.wrote.set()

    def _make_durable(self, runs: Sequence[Piece]) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super()._make_durable(runs)


async def test_a_full_disk_refuses_loses_nothing_and_recovers(tmp_path: Path) -> None:
    disk, clock = Faulty(tmp_path), Clock()
    sink = Sink(IDENTITY, "ab" * 16, disk, HEAD, clock)
    await record(sink, 2)
    disk.full = True
    with pytest.raises(Unwritable, match="No space left"):
        await record(sink)
    assert sink.problem == "No space left on device"
    for _ in range(3):
        with pytest.raises(Unwritable):
            sink.admit()
    with pytest.raises(Unwritable):
        await record(sink)  # of a call that was under way
    assert not await sink.retry()
    assert kinds(tmp_path).count("record") == 2
    disk.full = False
    clock.moment += 90
    assert await sink.retry()
    sink.admit()
    await record(sink)
    await sink.close()
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert found.records == 5  # those of the two refused calls too: they may have had effects
    [resumed] = [
        json.loads(line)["resumed"]
        for _, line in trail_lines(trail_files(tmp_path))
        if b'"resumed":' in line
    ]
    assert resumed["refused"] == 3
    assert resumed["reason"] == "No space left on device"


async def test_a_disk_that_is_full_while_a_file_ends(tmp_path: Path) -> None:
    disk = Faulty(tmp_path)
    sink = Sink(IDENTITY, "ab" * 16, disk, HEAD, Clock(), Rules(file_bytes=2048))
    await record(sink, 3)
    disk.full = True
    for _ in range(20):
        with pytest.raises(Unwritable):
            await record(sink)
    assert len(trail_files(tmp_path)) == 1
    disk.full = False
    assert await sink.retry()
    await sink.close()
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert found.records == 23


def test_a_batch_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    disk = Faulty(tmp_path)
    disk.write([NewFile(1), b"one\n"])
    disk.full = True
    with pytest.raises(OSError, match="No space"):
        disk.write([b"two\n", NewFile(3), b"three\n"])
    assert [path.name for path in trail_files(tmp_path)] == ["audit-000000000001.jsonl"]
    disk.full = False
    disk.write([b"two\n", NewFile(3), b"three\n"])
    disk.close()
    assert [path.read_bytes() for path in trail_files(tmp_path)] == [b"one\ntwo\n", b"three\n"]


async def test_witnesses_alone_are_no_news_that_asks_for_a_checkpoint(tmp_path: Path) -> None:
    """Or two idle regions would witness each other's witnesses for ever."""
    trail = await opened(tmp_path)
    await record(trail.sink)
    assert trail.sink.fresh
    await trail.sink.checkpoint()
    trail.sink.append("witness", b"{}")
    await trail.sink.flush()
    assert not trail.sink.fresh
    await trail.close()
    assert kinds(tmp_path)[-1] == "checkpoint", "at the end, all of it is signed"


async def test_nobody_is_left_waiting_whatever_goes_wrong(tmp_path: Path) -> None:
    class Broken(Writer):
        def write(self, pieces: Sequence[Piece]) -> None:
            raise ValueError("a fault of our own")

    sink = Sink(IDENTITY, "ab" * 16, Broken(tmp_path, None, 0), HEAD, Clock())
    with pytest.raises(Unwritable, match="ValueError"):
        await record(sink)
    waiting = [record(sink) for _ in range(3)]
    assert all(
        isinstance(each, Unwritable)
        for each in await asyncio.gather(*waiting, return_exceptions=True)
    )


class Held(Writer):
    """A disk whose writes wait for leave, one by one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, None, 0)
        self.begun = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)

    def write(self, pieces: Sequence[Piece]) -> None:
        self.begun.release()
        self.leave.acquire()
        super().write(pieces)


async def test_who_comes_while_the_last_lines_are_written_waits_for_that_write(
    tmp_path: Path,
) -> None:
    disk, seconds = Held(tmp_path), itertools.count()
    sink = Sink(IDENTITY, "ab" * 16, disk, HEAD, Clock(), stopwatch=lambda: float(next(seconds)))
    disk.leave.release()
    await record(sink)  # shows that the disk is slow: from now on, a thread waits for it
    await asyncio.to_thread(disk.begun.acquire)
    first = [asyncio.create_task(record(sink)) for _ in range(2)]
    await asyncio.to_thread(disk.begun.acquire)
    late = asyncio.create_task(sink.flush())  # has added nothing
    await asyncio.sleep(0)
    assert not late.done()
    disk.leave.release()
    await asyncio.gather(*first, late)
    assert kinds(tmp_path).count("record") == 3
    disk.leave.release()
    await sink.close()


async def test_who_waits_is_told_once_and_what_fails_there_keeps_nobody_else_waiting(
    tmp_path: Path,
) -> None:
    sink = Sink(IDENTITY, "ab" * 16, Writer(tmp_path, None, 0), HEAD, Clock())
    told: list[bool] = []

    def broken(_: bool) -> None:
        raise RuntimeError("a fault of the wire")

    sink.append("record", BODY)
    assert not sink.settle(broken)
    assert not sink.settle(told.append)
    await sink.flush()
    assert told == [True]
    assert sink.settle(told.append), "all of it is on the disk already"
    assert told == [True]
    await sink.close()


async def test_who_waits_is_told_that_the_disk_is_full(tmp_path: Path) -> None:
    disk = Faulty(tmp_path)
    sink = Sink(IDENTITY, "ab" * 16, disk, HEAD, Clock())
    told: list[bool] = []
    disk.full = True
    sink.append("record", BODY)
    assert not sink.settle(told.append)
    with pytest.raises(Unwritable):
        await sink.flush()
    assert told == [False]
    with pytest.raises(Unwritable):
        sink.settle(told.append)
    assert told == [False]


async def test_an_asynchronous_trail_lets_replies_leave_at_once(tmp_path: Path) -> None:
    rules = Rules(asynchronous=True)
    sink = Sink(IDENTITY, "ab" * 16, Writer(tmp_path, None, 0), HEAD, Clock(), rules)
    sink.append("record", BODY)
    assert sink.settle(lambda _: pytest.fail("nobody waits"))
    await sink.flush()
    assert kinds(tmp_path).count("record") == 1
    await sink.close()


async def test_behind_the_first_reply_of_a_turn_the_others_leave_at_its_end_unwritten(
    tmp_path: Path,
) -> None:
    writer, rules = Faulty(tmp_path), Rules(asynchronous=True, behind_seconds=3600.0)
    sink = Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock(), rules)
    told: list[bool] = []

    def broken(_: bool) -> None:
        raise RuntimeError("a fault of the wire")

    for turn in range(2):
        sink.append("record", BODY)
        assert sink.settle(lambda _: pytest.fail("the first waits for nobody"))
        assert not sink.settle(broken)
        assert not sink.settle(told.append)
        assert told == turn * [True]
        await asyncio.sleep(0)
        assert told == (turn + 1) * [True]
    assert writer.writes == 0
    await sink.close()
    assert verdict(tmp_path).records == 2


async def test_an_asynchronous_trail_that_fails_tells_those_who_come_then(tmp_path: Path) -> None:
    disk = Faulty(tmp_path)
    sink = Sink(IDENTITY, "ab" * 16, disk, HEAD, Clock(), Rules(asynchronous=True))
    disk.full = True
    sink.append("record", BODY)
    with pytest.raises(Unwritable):
        await sink.flush()
    with pytest.raises(Unwritable):
        sink.settle(lambda _: pytest.fail("it was refused already"))
