"""A machine that crashes: of each file there is what was synced, and of the rest some.

No line is lost for which a reply had left, whatever the file system had kept of the trail's files.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.audit.chain import Head, genesis, sealed
from node.audit.folder import trail_files
from node.audit.journal import Journal, lines_after
from node.audit.sink import Rules, Sink
from node.audit.writer import NewFile, Piece, Writer
from tests.unit.audit.test_trail import BODY, Clock, kinds, opened, record, verdict
from tests.unit.audit.trails import IDENTITY

JOURNAL_BYTES = 4096
HEAD = genesis(IDENTITY.region, "ab" * 16)


class Platter:
    """What is durable of every file: it is told of each sync, and of no write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: dict[Path, bytes] = {}
        for name in ("fsync", "fdatasync"):
            monkeypatch.setattr(os, name, self._synced(getattr(os, name)))

    def _synced(self, sync: object) -> object:
        def synced(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if path.is_file():
                self.files[path] = path.read_bytes()

        return synced

    def after_crash(self, folder: Path, place: Path, kept: float) -> None:
        """Put into `place` what a crash leaves of `folder`: of what a file had grown by since it
        was synced, the part `kept`.
        """
        place.mkdir()
        for path in folder.iterdir():
            durable = self.files.get(path, b"")
            now = path.read_bytes()
            if path.name == "journal":
                (place / path.name).write_bytes(durable)
            else:
                more = now[len(durable) :]
                (place / path.name).write_bytes(durable + more[: int(len(more) * kept)])


def sink_in(folder: Path) -> Sink:
    folder.mkdir(exist_ok=True)
    writer = Writer(folder, None, 0, JOURNAL_BYTES)
    rules = Rules(file_bytes=3 * JOURNAL_BYTES)
    return Sink(IDENTITY, "ab" * 16, writer, HEAD, Clock(), rules)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="tells files by Linux' /proc")
@given(
    groups=st.lists(st.integers(1, 12), min_size=1, max_size=12),
    kept=st.floats(0.0, 1.0),
)
@settings(max_examples=60, deadline=None)
def test_no_acknowledged_line_is_lost_by_a_crash_of_the_machine(
    tmp_path_factory: pytest.TempPathFactory, groups: list[int], kept: float
) -> None:
    folder = tmp_path_factory.mktemp("trail")
    place = folder / "after"

    async def run() -> None:
        sink = sink_in(folder / "before")
        with pytest.MonkeyPatch.context() as monkeypatch:
            platter = Platter(monkeypatch)
            for count in groups:
                await asyncio.gather(*(record(sink) for _ in range(count)))
            platter.after_crash(folder / "before", place, kept)
        trail = await opened(place)
        await record(trail.sink)
        await trail.close()
        await sink.close()

    asyncio.run(run())
    found = verdict(place)
    assert found.whole, found.finding
    assert found.records == sum(groups) + 1
    shutil.rmtree(folder)


def journalled(folder: Path, count: int) -> Path:
    """A trail of a process that ended without a word, every line durable in the journal alone."""

    async def run() -> None:
        sink = sink_in(folder)
        await record(sink)
        for _ in range(count):
            await record(sink)

    asyncio.run(run())
    [path] = trail_files(folder)
    return path


async def reopened(folder: Path) -> None:
    trail = await opened(folder)
    await record(trail.sink)
    await trail.close()


def test_a_torn_end_is_not_told_of_where_the_journal_has_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = journalled(tmp_path, 5)
    os.truncate(path, path.stat().st_size - 100)
    with caplog.at_level(logging.WARNING):
        asyncio.run(reopened(tmp_path))
    assert "lacked 1 lines" in caplog.text
    assert "repaired" not in kinds(tmp_path)
    assert verdict(tmp_path).records == 7


def test_pages_that_were_never_written_are_put_back_though_good_lines_follow(
    tmp_path: Path,
) -> None:
    path = journalled(tmp_path, 8)
    data = path.read_bytes()
    begin, end = len(data) // 3, len(data) // 2
    path.write_bytes(data[:begin] + bytes(end - begin) + data[end:])
    asyncio.run(reopened(tmp_path))
    assert path.read_bytes().startswith(data)
    found = verdict(tmp_path)
    assert found.whole, found.finding
    assert found.records == 10


def test_a_changed_line_is_left_for_verification_whatever_the_journal_has(tmp_path: Path) -> None:
    path = journalled(tmp_path, 8)
    damaged = path.read_bytes().replace(b"Encrypt", b"Nothing", 1)
    path.write_bytes(damaged)
    asyncio.run(reopened(tmp_path))
    assert path.read_bytes() == damaged
    assert not verdict(tmp_path).whole


def test_lines_that_do_not_follow_the_trail_are_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = journalled(tmp_path, 5)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    journal = tmp_path / "journal"
    journal.write_bytes(journal.read_bytes().split(b"\n", 1)[1])
    with caplog.at_level(logging.ERROR):
        asyncio.run(reopened(tmp_path))
    assert "do not follow it" in caplog.text


@pytest.mark.parametrize("cut", [0, 1, 10, 100, 170, 250])
def test_a_journal_whose_end_was_torn_gives_the_lines_before_it(tmp_path: Path, cut: int) -> None:
    head, lines = HEAD, []
    for _ in range(4):
        line, head = sealed(head, b"record", BODY)
        lines.append(line)
    journal = Journal(tmp_path, JOURNAL_BYTES)
    assert journal.put(b"".join(lines))
    journal.close()
    path, size = tmp_path / "journal", sum(map(len, lines))
    data = path.read_bytes()
    path.write_bytes(data[: size - cut] + bytes(len(data) - size + cut))
    whole = [b"".join(lines)[: size - cut].count(b"\n"), 4][cut == 0]
    assert [data for _, data in lines_after(tmp_path, HEAD)] == lines[:whole]


def test_what_a_journal_held_before_it_began_anew_is_not_given(tmp_path: Path) -> None:
    journal, head, heads = Journal(tmp_path, JOURNAL_BYTES), HEAD, [HEAD]
    for _ in range(30):
        line, head = sealed(head, b"record", BODY)
        heads.append(head)
        if not journal.put(line):
            journal.restart()
            began = len(heads) - 2
            assert journal.put(line)
    journal.close()
    found = [line for line, _ in lines_after(tmp_path, HEAD)]
    assert [line.sequence for line in found] == list(range(began + 1, 31))
    assert found[0].follows(heads[began])
    assert lines_after(tmp_path, Head(30, head.hash)) == []


def test_there_is_no_room_for_more_than_a_journal_holds(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 100)
    assert not journal.put(bytes(101))
    assert journal.put(bytes(100))
    assert not journal.put(b"1")
    journal.restart()
    assert journal.put(b"1")
    journal.close()
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600
    assert lines_after(tmp_path / "nowhere", HEAD) == []


def test_what_the_system_does_not_take_at_once_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: pwrite(file, data[:50], at))
    line, _ = sealed(HEAD, b"record", BODY)
    journal = Journal(tmp_path, JOURNAL_BYTES)
    assert journal.put(line)
    journal.close()
    assert [data for _, data in lines_after(tmp_path, HEAD)] == [line]
    assert (tmp_path / "journal").stat().st_size == JOURNAL_BYTES


def test_a_trail_that_was_ended_needs_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        trail = await opened(tmp_path)
        await record(trail.sink, 3)
        await trail.close()

    platter = Platter(monkeypatch)
    asyncio.run(run())
    [path] = trail_files(tmp_path)
    assert platter.files[path] == path.read_bytes()


def test_what_only_the_journal_had_is_written_again_after_a_failure(tmp_path: Path) -> None:
    """A new file begins after it: then the old one must be durable itself."""
    folder = tmp_path / "trail"
    folder.mkdir()
    full = False

    class Disk(Writer):
        def _sync(self) -> None:
            if full:
                raise OSError("full")
            super()._sync()

    def written(disk: Disk, *pieces: Piece) -> None:
        disk.write(pieces)

    disk = Disk(folder, None, 0, JOURNAL_BYTES)
    written(disk, NewFile(1), b"one\n")
    written(disk, b"two\n")
    full = True
    with pytest.raises(OSError, match="full"):
        written(disk, b"three\n", NewFile(4), b"four\n")
    full = False
    first = folder / "audit-000000000001.jsonl"
    assert first.read_bytes() == b"one\ntwo\n"
    os.truncate(first, 4)  # what had not been synced is gone from the file
    with pytest.MonkeyPatch.context() as monkeypatch:
        platter = Platter(monkeypatch)
        written(disk, NewFile(3), b"three\n")
        assert platter.files[first] == b"one\ntwo\n"
    disk.close()
