"""Reads of every peer's log that begin when somebody asks, shared by all who ask at once.

A read that was under way when a question came up proves nothing about it, so a question waits for
reads that begin after it. Whoever asks can make a region read no more than once in SPACING_SECONDS.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from replication.ending import end_all

HEARING_SECONDS: Final = 1.0  # how long a peer's log may take to be read to its end
SPACING_SECONDS: Final = 0.1  # at the least, between the beginnings of two readings of all logs
T = TypeVar("T")
logger = logging.getLogger(__name__)


class Hearing:
    """The readings of one region. `reads` are one for each peer: each waits until the peer's log is
    applied to where it ended when the read began, and tells whether that could be had.
    """

    def __init__(self, reads: Sequence[Callable[[], Awaitable[bool]]]) -> None:
        self._reads = reads
        self._coming: Sequence[asyncio.Future[bool]] | None = None
        self._last_began = float("-inf")
        self._tasks: set[asyncio.Task[Any]] = set()

    def ask(self) -> Sequence[asyncio.Future[bool]]:
        """For each peer, whether its log is applied to an end that is read after this call; False
        if that cannot be had in HEARING_SECONDS. The answers are shared: cancel none.
        """
        if self._coming is None:
            loop = asyncio.get_running_loop()
            self._coming = [loop.create_future() for _ in self._reads]
            self._spawn(self._begin())
        return self._coming

    async def stop(self) -> None:
        """Read no more; whoever waits is answered False."""
        await end_all(self._tasks)
        for answer in self._coming or ():
            answer.set_result(False)
        self._coming = None

    async def _begin(self) -> None:
        now = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._last_began + SPACING_SECONDS - now()))
        answers, self._coming = self._coming or (), None
        self._last_began = now()
        for read, answer in zip(self._reads, answers, strict=True):
            self._spawn(_bounded(read)).add_done_callback(partial(_tell, answer))

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _bounded(read: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(HEARING_SECONDS):
            return await read()
    except TimeoutError:
        return False
    except Exception:
        logger.exception("a peer's log could not be read on demand")
        return False


def _tell(answer: asyncio.Future[bool], read: asyncio.Task[bool]) -> None:
    if not answer.done():
        answer.set_result(not read.cancelled() and read.result())
