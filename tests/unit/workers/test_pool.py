"""Worker processes that are started, end, and are started again: real ones, with nothing to do."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from node.workers import pool as pools
from node.workers.channel import Lost
from node.workers.pool import Pool

PORT = 4601
BEGIN = """
import asyncio, signal, socket, sys
from node.workers.channel import open_channel
given = dict(word.removeprefix("--").split("=") for word in sys.argv[1:])
async def echo(body):
    return body + given["number"].encode() + given["port"].encode()
async def main():
    channel = await open_channel(socket.socket(fileno=int(given["channel"])), {"echo": echo})
"""
SERVES = f"""{BEGIN}
    await channel.ask("ready")
    await channel.closed.wait()
asyncio.run(main())
"""
DEAF = f"""{BEGIN}
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    await channel.ask("ready")
    await asyncio.Event().wait()
asyncio.run(main())
"""
FAILS = "import sys; sys.exit(3)"


@asynccontextmanager
async def running(script: str, count: int = 2) -> AsyncIterator[Pool]:
    pool = Pool((sys.executable, "-c", script), count, ())
    try:
        await pool.start(PORT, {})
        yield pool
    finally:
        await pool.stop(0.0)


async def echoed(pool: Pool, number: int) -> bytes:
    return await pool.ask(pool.workers[number], "echo", b"said by ", 30.0)


async def test_every_worker_serves_once_the_pool_is_started_and_none_once_it_is_stopped() -> None:
    async with running(SERVES, 3) as pool:
        pids = [each.pid for each in pool.workers]
        assert None not in pids
        assert len(set(pids)) == 2
        assert await echoed(pool, 0) == b"said by 24601"
        assert await echoed(pool, 1) == b"said by 34601"
    assert [each.pid for each in pool.workers] == [None, None]
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_one_that_is_killed_is_started_again_and_waited_for() -> None:
    async with running(SERVES) as pool:
        killed = pool.workers[0].pid
        assert killed is not None
        for _ in range(2):
            os.kill(pool.workers[0].pid or 0, signal.SIGKILL)
            ends = pool.workers[0].ends
            while pool.workers[0].ends == ends:
                await pool._news.wait()
            assert await echoed(pool, 0) == b"said by 24601"
        assert pool.workers[0].pid not in (None, killed)
        assert pool.workers[0].ends == 2


async def test_one_that_ends_at_once_holds_up_neither_the_start_nor_the_stop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(FAILS) as pool:
        assert pool.workers[0].ends >= 1
        assert pool.workers[0].pid is None
        with pytest.raises(Lost):
            await pool.ask(pool.workers[0], "echo", b"", 0.01)
    assert "worker 2 ended with status 3; it is started again" in caplog.text


async def test_one_that_cannot_be_started_is_told_of() -> None:
    pool = Pool(("/no/such/program",), 2, ())
    await pool.start(PORT, {})
    assert pool.workers[0].ends >= 1
    await pool.stop(0.0)


async def test_one_that_does_not_hear_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "END_SECONDS", 0.01)
    async with running(DEAF) as pool:
        pid = pool.workers[0].pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_question_to_one_that_dies_meanwhile_is_lost() -> None:
    silent = SERVES.replace("return body", "await asyncio.Event().wait()")
    async with running(silent) as pool:
        worker = pool.workers[0]
        assert worker.channel is not None
        asked = worker.channel.ask("echo")
        os.kill(worker.pid or 0, signal.SIGKILL)
        with pytest.raises(Lost):
            await asked
