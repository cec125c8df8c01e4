"""Threads and cancellation at the driver: what a thread is using must not be closed under it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from node.store.inline_sqlite import InlineConnection, InlineCursor
from node.store.sql import SqlStore
from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import add_key

BUSY = sqlite3.OperationalError("database is locked")
BUSY.sqlite_errorcode = sqlite3.SQLITE_BUSY


class Slow:
    """A cursor and a connection of which `execute` and `commit` take until they are let go: another
    process has the write lock.
    """

    arraysize = 1

    def __init__(self, failure: Exception | None = None) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.ended = False
        self._failure = failure
        self._patient = True

    def execute(self, statement: str) -> Slow:
        if statement.startswith("PRAGMA"):
            self._patient = statement != "PRAGMA busy_timeout=0"
            return self
        if not self._patient:
            raise BUSY
        self.commit()
        return self

    def fetchone(self) -> tuple[int]:
        return (5000,)

    def commit(self) -> None:
        self.begun.set()
        assert self.let_go.wait(30)
        self.ended = True
        if self._failure is not None:
            raise self._failure


def beginning(slow: Slow, _: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    return lambda: InlineCursor(slow).execute("BEGIN IMMEDIATE")  # type: ignore[arg-type]


def committing(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    monkeypatch.setattr(sqlite3, "connect", lambda **_: slow)
    return InlineConnection().commit


@pytest.mark.parametrize("work", [beginning, committing])
@pytest.mark.parametrize("failure", [None, sqlite3.OperationalError("database is locked")])
async def test_a_cancelled_caller_waits_for_the_thread(
    work: Any, failure: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(failure)
    task = asyncio.ensure_future(work(slow, monkeypatch)())
    await asyncio.to_thread(slow.begun.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    slow.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.ended


async def test_who_need_not_wait_for_the_lock_needs_no_thread(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        threads.shutdown()  # it refuses work from now on
        connection = InlineConnection(tmp_path / "file", threads=threads)
        cursor = connection.cursor()
        await cursor.execute("PRAGMA busy_timeout=1234")
        await cursor.execute("BEGIN IMMEDIATE")
        await cursor.execute("PRAGMA busy_timeout")
        assert await cursor.fetchall() == [(1234,)]
        other = sqlite3.connect(tmp_path / "file", isolation_level=None, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
        await connection.close()


async def test_a_begin_that_fails_otherwise_is_not_tried_again(tmp_path: Path) -> None:
    connection = InlineConnection(tmp_path / "file")
    cursor = connection.cursor()
    await cursor.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        await cursor.execute("BEGIN IMMEDIATE")
    await connection.close()


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
