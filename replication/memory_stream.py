"""The stream port in memory: for tests and simulations, with a real server's rules about IDs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from replication.entries import StreamEntry
from replication.errors import StreamConflict
from replication.ports import StreamShape


class MemoryStream:
    """One stream; both the writer's and the readers' side of the port.

    Its entries are public so that a test can do what whoever controls a Redis server can.
    """

    def __init__(self) -> None:
        self.entries: dict[tuple[int, int], bytes] = {}
        self.last_id = (0, 0)
        self._changed = asyncio.Event()

    async def read(self, after: str, count: int, wait_seconds: float) -> Sequence[StreamEntry]:
        """See ports.StreamReader."""
        found = self._above(_parts(after), count)
        if found or wait_seconds <= 0:
            return found
        self._changed.clear()
        try:
            # Not wait_for: before Python 3.12 it loses a cancellation that meets the event.
            async with asyncio.timeout(wait_seconds):
                await self._changed.wait()
        except TimeoutError:
            return []
        return self._above(_parts(after), count)

    async def last(self) -> StreamEntry | None:
        """See ports.StreamReader."""
        if not self.entries:
            return None
        identifier = max(self.entries)
        return StreamEntry(_text(identifier), self.entries[identifier])

    async def append(self, entries: Sequence[StreamEntry]) -> None:
        """See ports.StreamWriter."""
        for entry in entries:
            identifier = _parts(entry.id)
            if identifier <= self.last_id:
                raise StreamConflict(f"the stream has entries up to {_text(self.last_id)}")
            self.entries[identifier] = entry.data
            self.last_id = identifier
        self._changed.set()

    async def range(self, start: str, count: int) -> Sequence[StreamEntry]:
        """See ports.StreamWriter."""
        number, rest = _parts(start)
        return self._above((number, rest - 1), count)

    async def shape(self) -> StreamShape:
        """See ports.StreamWriter."""
        return StreamShape(len(self.entries), _text(self.last_id))

    async def trim(self, first: str) -> None:
        """See ports.StreamWriter."""
        limit = _parts(first)
        self.entries = {key: data for key, data in self.entries.items() if key >= limit}

    async def replace(self, batches: Callable[[], Awaitable[Sequence[StreamEntry]]]) -> None:
        """See ports.StreamWriter."""
        written: dict[tuple[int, int], bytes] = {}
        while batch := await batches():
            written.update({_parts(entry.id): entry.data for entry in batch})
        self.entries = written
        self.last_id = max(written, default=(0, 0))
        self._changed.set()

    async def close(self) -> None:
        """Nothing to let go."""

    def lose(self) -> None:
        """Come back empty, as a Redis server without its files does."""
        self.entries = {}
        self.last_id = (0, 0)

    def _above(self, after: tuple[int, int], count: int) -> list[StreamEntry]:
        keys = sorted(key for key in self.entries if key > after)[:count]
        return [StreamEntry(_text(key), self.entries[key]) for key in keys]


def _parts(identifier: str) -> tuple[int, int]:
    number, _, rest = identifier.partition("-")
    return int(number), int(rest or 0)


def _text(identifier: tuple[int, int]) -> str:
    return f"{identifier[0]}-{identifier[1]}"
