"""How the keys of one trail were used: what is written (node.audit.usage_file) and what is not yet.

The event loop counts, and hands over what it counted in one step; a thread of the book's own writes
and reads the file. So the loop never stops for the file, and what is counted is in one of the two
places at any moment.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from node.audit.counting import Usage
from node.audit.sink import Sink
from node.audit.usage import KeyUse, Page, Which, summed
from node.audit.usage_file import UsageFile

logger = logging.getLogger("keyspan.audit")
UNWRITTEN_MOST: Final = 16_384  # totals: some 10 MiB of memory, and 0.2 s of the thread
T = TypeVar("T")


class UsageBook:
    """Counts with `usage` on the event loop."""

    def __init__(self, usage: Usage, file: UsageFile) -> None:
        """`usage` is what was counted behind the lines of which the file knows."""
        self.usage = usage
        self._file = file
        self._turn = asyncio.Lock()
        self._threads = ThreadPoolExecutor(1, "usage")

    @property
    def full(self) -> bool:
        """Whether so much is not written that it should be."""
        return len(self.usage) >= UNWRITTEN_MOST

    async def keep(self, sink: Sink) -> None:
        """Write what was counted of the trail in `sink`, once its lines are durable.

        Raises Unwritable for the trail. Where the rows cannot be written, it goes on: they are
        written next time. Who is cancelled leaves the writing to go on, and others wait for it.
        """
        await asyncio.shield(asyncio.create_task(self._keep(sink)))

    async def last_use(self, key_arn: str) -> KeyUse:
        """When a key was last used. Raises sqlite3.Error."""
        async with self._turn:
            written = await self._in_thread(lambda: self._file.last(key_arn))
            return KeyUse(written.since, self.usage.last(key_arn) or written.last)

    async def page(self, after: Which, most: int) -> Page:
        """The first totals behind `after`, in order. Raises sqlite3.Error."""
        async with self._turn:
            written = await self._in_thread(lambda: self._file.page(after, most))
            counts = summed([written.counts, self.usage.page(after, most)], most)
            return Page(written.since, counts)

    async def close(self) -> None:
        """Let the file go; what is not written is counted again from the trail."""
        async with self._turn:
            await self._in_thread(self._file.close)
            self._threads.shutdown()

    async def _keep(self, sink: Sink) -> None:
        async with self._turn:
            sequence = sink.head.sequence
            if sequence == self._file.sequence:
                return
            taken = self.usage.taken()
            try:
                await sink.flush()
                await self._in_thread(lambda: self._file.add(taken, sequence))
            except sqlite3.Error as error:
                self.usage.put_back(taken)
                logger.warning("the usage of keys was not written (%s); it is tried again", error)
            except BaseException:
                self.usage.put_back(taken)
                raise

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
