"""A thread that the event loop can wait for: what it returns or raises, here or by a callback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from node.store.own_thread import OwnThread

LONG = 30.0


@pytest.fixture
def thread() -> Iterator[OwnThread]:
    made = OwnThread("of a test")
    yield made
    made.close()


async def turns(work: asyncio.Task[object]) -> int:
    """How many turns the event loop has before the work is done."""
    number = 0
    while not work.done():
        await asyncio.sleep(0)
        number += 1
    return number


@pytest.mark.parametrize("seconds", [0.0, LONG])
async def test_what_a_call_returns_or_raises(thread: OwnThread, seconds: float) -> None:
    assert await thread.done(threading.current_thread, seconds) is not threading.current_thread()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await thread.done(lambda: 1 // 0, seconds)
    assert await thread.done(lambda: "again", seconds) == "again"


async def test_the_event_loop_waits_so_long_and_no_longer(thread: OwnThread) -> None:
    """A first turn begins the task; a second one is that of a callback."""
    quick = asyncio.create_task(thread.done(lambda: "done", LONG))
    assert await turns(quick) == 1
    let_go = threading.Event()
    slow = asyncio.create_task(thread.done(lambda: let_go.wait(LONG), 0.001))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not slow.done()
    let_go.set()
    assert await slow


async def test_calls_are_done_one_after_the_other(thread: OwnThread) -> None:
    done: list[int] = []
    await asyncio.gather(*(thread.done(partial(done.append, each)) for each in range(9)))
    assert done == list(range(9))


@pytest.mark.parametrize("failure", [None, ValueError("too late to be told")])
async def test_who_is_cancelled_waits_for_the_end(
    thread: OwnThread, failure: Exception | None
) -> None:
    begun, let_go = threading.Event(), threading.Event()
    ended: list[bool] = []

    def work() -> None:
        begun.set()
        ended.append(let_go.wait(LONG))
        if failure is not None:
            raise failure

    task = asyncio.create_task(thread.done(work))
    await asyncio.to_thread(begun.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
    let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_the_thread_ends_with_what_it_was_given_and_begins_again(thread: OwnThread) -> None:
    let_go = threading.Event()
    slow = asyncio.create_task(thread.done(lambda: let_go.wait(LONG)))
    first = asyncio.create_task(thread.done(threading.current_thread))
    await asyncio.sleep(0)
    thread.close()
    thread.close()
    second = await thread.done(threading.current_thread)
    let_go.set()
    assert await slow
    before = await first
    assert before is not second
    await asyncio.to_thread(before.join, LONG)
    assert not before.is_alive()
