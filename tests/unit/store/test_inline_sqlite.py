"""Threads and cancellation at the driver: what a thread is using must not be closed under it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from node.store.inline_sqlite import QUICK_SECONDS, Connection, connected
from node.store.own_thread import OwnThread
from node.store.sql import SqlStore
from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import add_key

T = TypeVar("T")
BUSY = sqlite3.OperationalError("database is locked")
BUSY.sqlite_errorcode = sqlite3.SQLITE_BUSY


class Slow:
    """A connection that takes until it is let go, to begin or to commit: another process has the
    write lock, or the disk is slow.
    """

    def __init__(self, at: str, failure: Exception | None = None) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.ended = False
        self.undone = False
        self._at = at
        self._failure = failure
        self._patient = True
        self._changes = 0

    def execute(self, statement: str) -> Slow:
        if statement.startswith("PRAGMA"):
            self._patient = statement != "PRAGMA busy_timeout=0"
        elif self._at == "begin":
            if not self._patient:
                raise BUSY
            self._work()
        return self

    def fetchone(self) -> tuple[int]:
        return (5000,)

    def commit(self) -> None:
        assert self._at == "commit"
        self._work()

    @property
    def total_changes(self) -> int:
        """Something is written between any two questions."""
        self._changes += 1
        return self._changes

    def rollback(self) -> None:
        assert self.ended
        self.undone = True

    def _work(self) -> None:
        self.begun.set()
        assert self.let_go.wait(30)
        self.ended = True
        if self._failure is not None:
            raise self._failure


async def write(connection: Connection) -> None:
    async with connection.transaction():
        pass


class Gone(OwnThread):
    """A thread that takes no work any more."""

    async def done(self, call: Callable[[], T], seconds: float = 0.0) -> T:
        raise RuntimeError(f"no thread for {call} within {seconds}")


class AtOnce(OwnThread):
    """One that does what it is given at once, and notes how long the event loop would wait."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.waited: list[float] = []

    async def done(self, call: Callable[[], T], seconds: float = 0.0) -> T:
        self.waited.append(seconds)
        return call()


@pytest.fixture
def thread() -> Iterator[OwnThread]:
    made = OwnThread("of a test")
    yield made
    made.close()


@pytest.mark.parametrize("at", ["begin", "commit"])
@pytest.mark.parametrize("failure", [None, sqlite3.OperationalError("database is locked")])
async def test_a_cancelled_caller_waits_for_the_thread(
    at: str, failure: Exception | None, thread: OwnThread
) -> None:
    slow: Any = Slow(at, failure)
    task = asyncio.create_task(write(Connection(slow, thread)))
    await asyncio.to_thread(slow.begun.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    slow.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.ended
    assert slow.undone


async def test_who_waits_for_no_lock_and_writes_nothing_needs_no_thread(
    tmp_path: Path,
) -> None:
    file = sqlite3.connect(tmp_path / "file", isolation_level=None)
    other = sqlite3.connect(tmp_path / "file", isolation_level=None, timeout=0)
    async with Connection(file, Gone("gone")).transaction():
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()
    file.close()


async def test_who_waits_for_the_lock_is_as_patient_each_time(
    tmp_path: Path, thread: OwnThread
) -> None:
    file = connected(tmp_path / "file")
    file.execute("PRAGMA busy_timeout=1")
    connection = Connection(file, thread)
    other = sqlite3.connect(tmp_path / "file", isolation_level=None, timeout=0)
    for _ in range(2):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await write(connection)
        other.execute("ROLLBACK")
        await write(connection)
    other.close()
    connection.close()


async def test_a_commit_is_waited_for_here_while_the_disk_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And while the event loop has not much else to do."""
    slow: Any = Slow("commit")
    slow.let_go.set()
    busy, thread = [False], AtOnce("of a test")
    connection = Connection(slow, thread, lambda: busy[0])

    async def commit(seconds: float) -> None:
        """One that takes so long, by the clock of this test."""
        moments = iter((0.0, seconds))
        monkeypatch.setattr(time, "perf_counter", lambda: next(moments))
        await write(connection)

    quick, late = QUICK_SECONDS / 2, QUICK_SECONDS * 2
    for seconds in (quick, late, late, quick, quick):
        await commit(seconds)
    assert thread.waited == [QUICK_SECONDS, QUICK_SECONDS, 0.0, 0.0, QUICK_SECONDS]
    busy[0] = True
    await commit(quick)
    assert thread.waited[-1] == 0.0


async def test_what_was_written_is_committed_in_a_thread_or_undone(
    tmp_path: Path, thread: OwnThread
) -> None:
    file = connected(tmp_path / "file")
    file.execute("CREATE TABLE things (name)")

    async def add(thread: OwnThread) -> None:
        async with Connection(file, thread).transaction():
            file.execute("INSERT INTO things VALUES ('one')")

    await add(thread)
    with pytest.raises(RuntimeError, match="no thread"):
        await add(Gone("gone"))
    assert not file.in_transaction
    assert file.execute("SELECT count(*) FROM things").fetchone() == (1,)
    file.close()


async def test_a_begin_that_fails_otherwise_is_not_tried_again(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "file", isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        await write(Connection(file, Gone("gone")))
    file.close()


async def test_the_event_loop_goes_on_while_a_writer_waits(
    open_store: OpenStore, store_file: Path
) -> None:
    store = await open_store()
    await add_key(store)
    other = sqlite3.connect(store_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer = asyncio.create_task(add_key(store))
    for _ in range(20):
        assert await store.count_keys() == {"Enabled": 1}
        await asyncio.sleep(0)
    assert not writer.done()
    other.execute("ROLLBACK")
    await writer
    other.close()
    assert await store.count_keys() == {"Enabled": 2}


async def test_a_commit_waits_for_no_slow_cryptography(open_store: OpenStore) -> None:
    store = await open_store()
    let_go = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(threads)
        slow = loop.run_in_executor(None, let_go.wait)
        await add_key(store)
        assert not slow.done()
        let_go.set()
        await slow
    loop.set_default_executor(ThreadPoolExecutor())


async def test_a_writer_that_is_cancelled_while_it_waits_leaves_no_lock(
    open_store: OpenStore, store_file: Path
) -> None:
    store = await open_store()
    other = sqlite3.connect(store_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer = asyncio.create_task(add_key(store))
    for _ in range(20):
        await asyncio.sleep(0)
    writer.cancel()
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    with pytest.raises(asyncio.CancelledError):
        await writer
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()
    await add_key(store)
    assert await store.count_keys() == {"Enabled": 1}


async def test_writers_cancelled_anywhere_do_all_or_nothing(store: SqlStore) -> None:
    """A transaction is cancelled after 0, 1, 2 … turns of the event loop: wherever it stands."""
    done = 0
    for turns in range(60):
        writer = asyncio.create_task(add_key(store))
        for _ in range(turns):
            await asyncio.sleep(0)
        writer.cancel()
        await asyncio.wait([writer])
        held = sum((await store.count_keys()).values())
        assert held in (done, done + 1)
        assert writer.cancelled() or held == done + 1
        done = held
    await add_key(store)
    assert sum((await store.count_keys()).values()) == done + 1
    assert await store.last_change() == done + 1
