"""The store's file is asked for before its pages are."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from node.store.sql import SqlStore
from node.store.warm import warm

MIB = 1024 * 1024


class Advised:
    """What an operating system was advised: whether of each byte, and how much at once."""

    def __init__(self) -> None:
        self.bytes: list[range] = []
        self.threads: set[int] = set()

    def __call__(self, descriptor: int, offset: int, size: int, advice: int) -> None:
        assert advice == os.POSIX_FADV_WILLNEED
        assert os.fstat(descriptor).st_size >= offset + size
        self.bytes.append(range(offset, offset + size))
        self.threads.add(threading.get_ident())


@pytest.mark.parametrize(
    ("size", "most", "end"),
    [
        (40 * MIB + 5, 100 * MIB, 40 * MIB + 5),
        (40 * MIB, 17 * MIB + 1, 17 * MIB + 1),
        (3, 100, 3),
        (0, 100, 0),
    ],
)
async def test_every_byte_up_to_the_most_is_asked_for_once(
    tmp_path: Path, size: int, most: int, end: int
) -> None:
    file, advised = tmp_path / "store", Advised()
    file.touch()
    os.truncate(file, size)
    await warm(file, most, advised)
    starts = [each.start for each in advised.bytes]
    assert starts == [0, *(each.stop for each in advised.bytes)][: len(starts)]
    assert max((each.stop for each in advised.bytes), default=0) == end
    assert all(len(each) <= 128 * 1024 for each in advised.bytes)
    assert threading.get_ident() not in advised.threads  # the event loop never waits for it


async def test_it_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    file, asked, go_on = tmp_path / "store", asyncio.Event(), threading.Event()
    file.touch()
    os.truncate(file, 64 * MIB)
    loop = asyncio.get_running_loop()
    last = 0

    def slowly(descriptor: int, offset: int, size: int, advice: int) -> None:
        nonlocal last
        last = offset + size
        loop.call_soon_threadsafe(asked.set)
        go_on.wait()

    warming = asyncio.create_task(warm(file, 64 * MIB, slowly))
    await asked.wait()
    warming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await warming
    go_on.set()
    await loop.shutdown_default_executor()
    assert last == 16 * MIB  # what one thread had begun with, and no more


async def test_the_operating_system_takes_the_advice(tmp_path: Path) -> None:
    file = tmp_path / "store"
    file.write_bytes(bytes(MIB))
    await warm(file, MIB)


async def test_a_file_that_cannot_be_read_ahead_is_told_of_and_no_more(
    store: SqlStore, store_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await store.warm()
    assert caplog.text == ""
    await asyncio.to_thread(store_file.unlink)
    await store.warm()
    assert "could not be read ahead (No such file or directory)" in caplog.text


async def test_another_process_that_comes_and_goes_leaves_the_write_ahead_log(
    store: SqlStore, store_file: Path
) -> None:
    """The last one to close a store removes its write-ahead log, and knows by the locks whether it
    is the last. A process that closes any descriptor of a file loses all its locks on it
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    await store.last_change()
    await store.warm()
    program = (
        "import sqlite3, sys; store = sqlite3.connect(sys.argv[1]); "
        "store.execute('SELECT * FROM log').fetchall(); store.close()"
    )
    command = [sys.executable, "-c", program, str(store_file)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    assert store_file.with_name(f"{store_file.name}-wal").exists()
