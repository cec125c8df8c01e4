"""Calls that need not wait are done at once; those that have to notice no difference."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from node.wire.http.worker import Worker

Outcome = str | BaseException
VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE")


class Told:
    """A worker, and what it said of calls that had to wait."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.outcomes: asyncio.Queue[Outcome] = asyncio.Queue()
        self.next: Coroutine[Any, Any, str] | None = (
            None  # to run when one is told, as a server does
        )
        self.next_result: str | None = None
        self.worker: Worker[str] = Worker(self.loop, self._told)

    async def run(self, coroutine: Coroutine[Any, Any, str]) -> str | None:
        """Runs it from a callback, as bytes from a socket do."""
        ran: asyncio.Future[str | None] = self.loop.create_future()

        def callback() -> None:
            try:
                ran.set_result(self.worker.run(coroutine))
            except Exception as error:  # noqa: BLE001  raised where it is awaited
                ran.set_exception(error)

        self.loop.call_soon(callback)
        return await ran

    def _told(self, outcome: Outcome) -> None:
        following, self.next = self.next, None
        if following is not None:
            self.next_result = self.worker.run(following)
        self.outcomes.put_nowait(outcome)


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    told = Told()
    yield told
    told.worker.stop()


async def at_once(text: str) -> str:
    return text


async def failing() -> str:
    raise ValueError("at once")


async def test_a_call_that_need_not_wait_is_answered_at_once(told: Told) -> None:
    assert await told.run(at_once("a")) == "a"
    assert await told.run(at_once("b")) == "b"
    await asyncio.sleep(0)
    assert told.outcomes.empty()


async def test_what_fails_at_once_is_raised(told: Told) -> None:
    with pytest.raises(ValueError, match="at once"):
        await told.run(failing())
    assert await told.run(at_once("after")) == "after"


@pytest.mark.parametrize("turns_before", [0, 1, 3])
async def test_a_call_that_waits_is_told_when_it_ends(told: Told, turns_before: int) -> None:
    """Also where the worker's own task has not begun yet."""
    for _ in range(turns_before):
        await asyncio.sleep(0)
    go_on = asyncio.Event()

    async def waiting() -> str:
        await go_on.wait()
        await asyncio.sleep(0)
        return "done"

    for _ in range(2):
        go_on.clear()
        assert await told.run(waiting()) is None
        assert told.outcomes.empty()
        go_on.set()
        assert await told.outcomes.get() == "done"
    assert await told.run(at_once("after")) == "after"


async def test_what_fails_later_is_told(told: Told) -> None:
    async def failing_later() -> str:
        await asyncio.sleep(0)
        raise ValueError("later")

    assert await told.run(failing_later()) is None
    outcome = await told.outcomes.get()
    assert isinstance(outcome, ValueError)
    assert await told.run(at_once("after")) == "after"


async def test_a_call_that_cancels_itself_is_a_failure_like_any_other(told: Told) -> None:
    async def cancelled() -> str:
        await asyncio.sleep(0)
        raise asyncio.CancelledError

    assert await told.run(cancelled()) is None
    assert isinstance(await told.outcomes.get(), asyncio.CancelledError)
    assert await told.run(at_once("after")) == "after"


async def test_the_current_task_is_the_same_before_and_after_a_wait(told: Told) -> None:
    async def tasks() -> str:
        before = asyncio.current_task()
        await asyncio.sleep(0)
        assert before is not None
        return str(before is asyncio.current_task())

    mine = asyncio.current_task()
    assert await told.run(tasks()) is None
    assert await told.outcomes.get() == "True"
    assert asyncio.current_task() is mine


async def test_a_time_limit_that_began_before_the_wait_holds_after_it(told: Told) -> None:
    async def limited() -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError:
            return "timed out"
        return "not limited"

    assert await told.run(limited()) is None
    assert await told.outcomes.get() == "timed out"


async def test_context_variables_stay_with_the_worker(told: Told) -> None:
    async def setting() -> str:
        VARIABLE.set("mine")
        await asyncio.sleep(0)
        return VARIABLE.get()

    assert await told.run(setting()) is None
    assert await told.outcomes.get() == "mine"
    assert VARIABLE.get("unset") == "unset"


async def test_a_worker_that_is_stopped_cancels_what_waits(told: Told) -> None:
    ended = asyncio.Event()

    async def waiting() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    assert await told.run(waiting()) is None
    await asyncio.sleep(0)  # the task has taken over
    told.worker.stop()
    await ended.wait()
    assert told.outcomes.empty()


@pytest.mark.parametrize("waits", [False, True])
async def test_the_next_call_may_be_run_when_one_is_told(told: Told, waits: bool) -> None:
    async def first() -> str:
        await asyncio.sleep(0)
        return "first"

    async def second() -> str:
        task = asyncio.current_task()
        assert task is not None
        if waits:
            await asyncio.sleep(0)
        return "second"

    told.next = second()
    assert await told.run(first()) is None
    assert await told.outcomes.get() == "first"
    assert told.next_result == (None if waits else "second")
    if waits:
        assert await told.outcomes.get() == "second"
    assert await told.run(at_once("after")) == "after"
