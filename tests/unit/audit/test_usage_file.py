"""How keys were used, after restarts, crashes and faults of the disk: what the trail says."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.audit import usage_file
from node.audit.counting import Usage
from node.audit.folder import trail_files, trail_lines
from node.audit.service import AuditService
from node.audit.sink import Rules
from node.audit.usage import BEFORE_ALL, Count, LastUse
from node.audit.usage_file import USAGE_FILE, UsageFile
from tests.unit.audit.usages import Clock, arn, service, told, use

TRAIL = "ab" * 16
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("use"), st.sampled_from("abc")),
        st.tuples(st.just("refuse"), st.sampled_from("abc")),
        st.tuples(st.sampled_from(["keep", "end", "kill"]), st.just("")),
    ),
    max_size=30,
)


async def killed(kept: AuditService) -> None:
    """What a killed process leaves: its lines, and the rows that it had written."""
    assert kept._trail is not None
    await kept._trail.close()
    kept._trail = None
    await kept.close()


def used(key: str, served: int, refused: int = 0) -> Count:
    return Count(arn(key), "Encrypt", "alice", served, refused)


@given(steps=STEPS)
def test_nothing_is_lost_or_counted_twice(steps: Sequence[tuple[str, str]]) -> None:
    asyncio.run(_lived(steps))


async def _lived(steps: Sequence[tuple[str, str]]) -> None:
    served, refused, last = Counter[str](), Counter[str](), dict[str, float]()
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), Clock()
        kept = service(folder, clock, Rules(file_bytes=2048))
        await kept.open()
        for step, key in steps:
            if step in ("use", "refuse"):
                use(kept, clock, key, served=step == "use")
                (served if step == "use" else refused)[key] += 1
                if step == "use":
                    last[key] = clock.moment
            elif step == "keep":
                await kept._usage.keep(kept._sink)
            else:
                await (kept.close() if step == "end" else killed(kept))
                kept = service(folder, clock, Rules(file_bytes=2048))
                await kept.open()
        counts = [used(key, served[key], refused[key]) for key in sorted({*served, *refused})]
        assert await told(kept) == counts
        for key in "abc":
            found = (await kept.last_use(arn(key))).last
            assert (None if found is None else found.moment) == last.get(key)
        await kept.close()


CHILD = """
import asyncio, sys
from pathlib import Path
from tests.unit.audit.usages import Clock, service, use

async def main():
    clock = Clock()
    kept = service(Path(sys.argv[1]), clock)
    await kept.open()
    for number in range(1_000_000):
        use(kept, clock, str(number % 7))
        await kept._sink.commit()
        if number % 3 == 0:
            await kept._usage.keep(kept._sink)
        if number % 20 == 0:
            print(number, flush=True)

asyncio.run(main())
"""


def test_a_killed_process_leaves_rows_that_the_trail_completes(tmp_path: Path) -> None:
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            for _ in range(3):
                assert child.stdout.readline()
            child.send_signal(signal.SIGKILL)
    lines = [line for _, line in trail_lines(trail_files(tmp_path))]
    written = Counter(key for line in lines for key in "0123456" if arn(key).encode() in line)
    assert sum(written.values()) > 80

    async def reopened() -> list[Count]:
        kept = service(tmp_path, Clock())
        await kept.open()
        assert kept._usage._file.sequence > 0  # or the rows would not matter here
        found = await told(kept)
        await kept.close()
        return found

    assert asyncio.run(reopened()) == [used(key, written[key]) for key in sorted(written)]


async def test_what_the_disk_refused_is_written_next_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    kept = service(tmp_path, clock)
    await kept.open()
    use(kept, clock, "a")
    other = sqlite3.connect(tmp_path / USAGE_FILE, isolation_level=None)
    kept._usage._file._connection.execute("PRAGMA busy_timeout=0")
    other.execute("BEGIN IMMEDIATE")
    await kept._usage.keep(kept._sink)
    assert "was not written" in caplog.text
    use(kept, clock, "a")
    assert await told(kept) == [used("a", 2)]
    other.execute("ROLLBACK")
    await kept._usage.keep(kept._sink)
    assert await told(kept) == [used("a", 2)]
    assert other.execute("SELECT served FROM counts").fetchall() == [(2,)]
    other.close()
    await kept.close()


async def test_who_is_cancelled_leaves_what_is_written_to_its_end(tmp_path: Path) -> None:
    clock = Clock()
    kept = service(tmp_path, clock)
    await kept.open()
    for _ in range(3):
        use(kept, clock, "a")
        keeping = asyncio.create_task(kept._usage.keep(kept._sink))
        await asyncio.sleep(0)
        keeping.cancel()
    assert await told(kept) == [used("a", 3)]
    await kept.close()
    with sqlite3.connect(tmp_path / USAGE_FILE) as rows:
        assert rows.execute("SELECT served FROM counts").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "spoilt",
    [b"no database at all" * 400, b"", b"SQLite format 3\0" + bytes(4080)],
    ids=["another file", "empty", "torn"],
)
async def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, spoilt: bytes) -> None:
    clock = Clock()
    for _ in range(2):
        kept = service(tmp_path, clock)
        await kept.open()
        use(kept, clock, "a")
        await kept.close()
        (tmp_path / USAGE_FILE).write_bytes(spoilt)
    kept = service(tmp_path, clock)
    await kept.open()
    assert await told(kept) == [used("a", 2)]
    await kept.close()
    assert stat.S_IMODE((tmp_path / USAGE_FILE).stat().st_mode) == 0o600


async def test_rows_that_cannot_be_read_now_are_not_taken_for_lost(tmp_path: Path) -> None:
    clock = Clock()
    kept = service(tmp_path, clock)
    await kept.open()
    use(kept, clock, "a")
    await kept.close()
    (tmp_path / f"{USAGE_FILE}-wal").mkdir()  # as where the disk does not give what it holds
    kept = service(tmp_path, clock)
    with pytest.raises(OSError, match="how keys were used is not written: "):
        await kept.open()
    await kept.close()
    (tmp_path / f"{USAGE_FILE}-wal").rmdir()
    with sqlite3.connect(tmp_path / USAGE_FILE) as rows:
        assert rows.execute("SELECT served FROM counts").fetchall() == [(1,)]
    await kept.open()
    assert await told(kept) == [used("a", 1)]
    await kept.close()


def test_rows_of_another_trail_or_of_lines_that_are_lost_are_not_taken(tmp_path: Path) -> None:
    usage = Usage()
    usage.count([arn("a")], "Encrypt", "alice", LastUse("Encrypt", 1.0, "event", "request"))
    file = UsageFile(tmp_path, TRAIL, 0, 5.0)
    file.add(usage, 9)
    file.close()
    for trail, last, held in ((TRAIL, 9, 1), (TRAIL, 8, 0), (TRAIL, 9, 0), ("cd" * 16, 9, 0)):
        file = UsageFile(tmp_path, trail, last, 7.0)
        assert file.sequence == 9 * held
        page = file.page(BEFORE_ALL, 9)
        assert (page.since, len(page.counts)) == ((5.0, 1) if held else (7.0, 0))
        assert (file.last(arn("a")).last is not None) == bool(held)
        file.close()


def opening_steps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many steps SQLite's machine takes to open the file (sqlite.org/opcode.html)."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def connection(path: Path) -> sqlite3.Connection:
        made = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        made.set_progress_handler(step, 1)
        return made

    with monkeypatch.context() as patched:
        patched.setattr(usage_file, "_connection", connection)
        UsageFile(folder, TRAIL, 10, 0.0).close()
    return steps


def test_what_a_start_reads_does_not_grow_with_the_keys_that_were_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for number in (1, 3000):
        folder = tmp_path / str(number)
        folder.mkdir()
        usage = Usage()
        for key in range(number):
            usage.count([arn(str(key))], "Encrypt", "alice", LastUse("Encrypt", 1.0, "e", "r"))
        file = UsageFile(folder, TRAIL, 10, 0.0)
        file.add(usage, 10)
        file.close()
        found.append(opening_steps(folder, monkeypatch))
    assert 0 < found[0] == found[1]


async def test_what_a_start_counts_is_what_no_row_knows_of(tmp_path: Path) -> None:
    clock = Clock()
    kept = service(tmp_path, clock)
    await kept.open()
    for number in range(40):
        use(kept, clock, str(number))
    await kept._usage.keep(kept._sink)
    use(kept, clock, "a")
    await killed(kept)
    kept = service(tmp_path, clock)
    await kept.open()
    assert [each.key for each in kept._usage.usage.page(BEFORE_ALL, 9)] == [arn("a")]
    assert len(await told(kept)) == 41
    await kept.close()
