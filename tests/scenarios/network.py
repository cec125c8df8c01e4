"""The streams of regions under test: in memory, and away when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from node.parts import Stream
from replication.entries import StreamEntry
from replication.errors import StreamUnavailable
from replication.memory_stream import MemoryStream
from replication.ports import StreamShape

READ_WAIT_SECONDS = 0.05
"""How long a read waits at the most. What a node waits for would be real seconds here, and a region
looks at the end of a log only when there is nothing to read in it.
"""

T = TypeVar("T")


class Network:
    """One memory stream per region, and the regions that are cut off from all others.

    A region that is away goes on writing its own stream; nobody else reads it, and it reads nobody.
    A `slow` region sees where the others' streams end, and gets none of their entries yet.
    `appended` has every entry that was ever put at a stream's end, trimmed since or not.
    """

    def __init__(self, regions: Iterable[str]) -> None:
        self.streams = {region: MemoryStream() for region in regions}
        self.away: set[str] = set()
        self.slow: set[str] = set()
        self.appended: list[bytes] = []

    def opener(self, reader: str) -> Callable[[str, str], Stream]:
        """What a region's World opens streams with."""
        return lambda _, origin: Link(self, reader, origin)

    def reaches(self, reader: str, origin: str) -> bool:
        """Whether `reader` can talk to the stream of `origin` now."""
        return reader == origin or not self.away & {reader, origin}


class Link:
    """One region's connection to one stream."""

    def __init__(self, network: Network, reader: str, origin: str) -> None:
        self._network = network
        self._reader = reader
        self._origin = origin
        self._stream = network.streams[origin]

    async def read(self, after: str, count: int, wait_seconds: float) -> Sequence[StreamEntry]:
        waits = min(wait_seconds, READ_WAIT_SECONDS)
        found = await self._over(self._stream.read(after, count, waits))
        while self._reader in self._network.slow:  # noqa: ASYNC110 (set by synchronous tests)
            await asyncio.sleep(0.001)
        return found

    async def last(self) -> StreamEntry | None:
        return await self._over(self._stream.last())

    async def append(self, entries: Sequence[StreamEntry]) -> None:
        await self._over(self._stream.append(entries))
        self._network.appended += [entry.data for entry in entries]

    async def range(self, start: str, count: int) -> Sequence[StreamEntry]:
        return await self._over(self._stream.range(start, count))

    async def shape(self) -> StreamShape:
        return await self._over(self._stream.shape())

    async def trim(self, first: str) -> None:
        await self._over(self._stream.trim(first))

    async def replace(self, batches: Callable[[], Awaitable[Sequence[StreamEntry]]]) -> None:
        await self._over(self._stream.replace(batches))

    async def close(self) -> None:
        await self._stream.close()

    async def _over(self, answer: Awaitable[T]) -> T:
        """An answer that was under way when the link broke is lost too."""
        found = await answer
        if not self._network.reaches(self._reader, self._origin):
            raise StreamUnavailable("cut off by the test")
        return found
