"""Tasks that are to end do, though they miss that they were cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from replication.ending import end_all


async def _after(cancellations: int, begun: asyncio.Event) -> None:
    """Ends with the cancellation after so many that are lost."""
    for _ in range(cancellations):
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
    begun.set()
    await asyncio.Event().wait()


async def test_a_task_that_loses_cancellations_is_cancelled_again() -> None:
    begun = [asyncio.Event() for _ in range(3)]
    tasks = [asyncio.create_task(_after(number, each)) for number, each in enumerate(begun)]
    for each in begun:
        await each.wait()
    await end_all(tasks)
    assert all(each.cancelled() for each in tasks)


async def test_what_wait_for_loses_is_one_of_them() -> None:
    """As redis-py waits: what is waited for is done in the turn in which the task is cancelled."""
    answer = asyncio.get_running_loop().create_future()

    async def asking() -> None:
        while True:
            await asyncio.wait_for(asyncio.shield(answer), 10.0)
            await asyncio.Event().wait()

    task = asyncio.create_task(asking())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    answer.set_result(None)
    await asyncio.sleep(0)
    await end_all([task])
    assert task.cancelled()


async def test_what_has_ended_or_fails_is_let_be() -> None:
    async def failing() -> None:
        raise ValueError

    ended = asyncio.create_task(asyncio.sleep(0))
    await ended
    failed = asyncio.create_task(failing())
    await end_all([ended, failed])
    assert ended.done()
    assert failed.done()
    assert failed.cancelled() or isinstance(failed.exception(), ValueError)


async def test_nothing_is_nothing_to_wait_for() -> None:
    await end_all(())
