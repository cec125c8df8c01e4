"""A stream with seeded faults: the port as it is on a bad day, for tests and simulations.

Faults change what a reader is given, or fail the call; they never touch the stream below. A call
may also fail *after* it took effect, as when a connection dies before the answer arrives.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from replication.entries import StreamEntry
from replication.errors import StreamUnavailable
from replication.ports import StreamReader, StreamShape, StreamWriter


class _Stream(StreamReader, StreamWriter, Protocol):
    """Both sides of the port."""


@dataclass(frozen=True, slots=True)
class FaultRates:
    """How often each fault happens, from 0 (never) to 1 (always)."""

    unavailable: float = 0.0
    unavailable_after: float = 0.0
    shortened: float = 0.0
    repeated: float = 0.0
    swapped: float = 0.0
    dropped: float = 0.0
    flipped: float = 0.0


NO_FAULTS = FaultRates()


class FaultyStream:
    """Wraps a stream; `rates` may be set anew at any time, for example to NO_FAULTS."""

    def __init__(self, stream: _Stream, random: Random, rates: FaultRates) -> None:
        self._stream = stream
        self._random = random
        self.rates = rates

    async def read(self, after: str, count: int, wait_seconds: float) -> Sequence[StreamEntry]:
        """See ports.StreamReader."""
        self._may_fail(self.rates.unavailable)
        found = list(await self._stream.read(after, count, wait_seconds))
        return self._tampered(found)

    async def last(self) -> StreamEntry | None:
        """See ports.StreamReader."""
        self._may_fail(self.rates.unavailable)
        return await self._stream.last()

    async def append(self, entries: Sequence[StreamEntry]) -> None:
        """See ports.StreamWriter."""
        self._may_fail(self.rates.unavailable)
        await self._stream.append(entries)
        self._may_fail(self.rates.unavailable_after)

    async def range(self, start: str, count: int) -> Sequence[StreamEntry]:
        """See ports.StreamWriter."""
        self._may_fail(self.rates.unavailable)
        return await self._stream.range(start, count)

    async def shape(self) -> StreamShape:
        """See ports.StreamWriter."""
        self._may_fail(self.rates.unavailable)
        return await self._stream.shape()

    async def trim(self, first: str) -> None:
        """See ports.StreamWriter."""
        self._may_fail(self.rates.unavailable)
        await self._stream.trim(first)
        self._may_fail(self.rates.unavailable_after)

    async def replace(self, batches: Callable[[], Awaitable[Sequence[StreamEntry]]]) -> None:
        """See ports.StreamWriter."""
        self._may_fail(self.rates.unavailable)
        await self._stream.replace(batches)
        self._may_fail(self.rates.unavailable_after)

    async def close(self) -> None:
        """Close the stream below."""
        await self._stream.close()

    def _may_fail(self, rate: float) -> None:
        if self._random.random() < rate:
            raise StreamUnavailable("a seeded fault")

    def _tampered(self, found: list[StreamEntry]) -> list[StreamEntry]:
        if not found:
            return found
        at = self._random.randrange(len(found))
        if self._happens(self.rates.shortened):
            del found[at + 1 :]
        if self._happens(self.rates.repeated):
            found.insert(at, found[at])
        if self._happens(self.rates.swapped):
            found[at], found[0] = found[0], found[at]
        if self._happens(self.rates.flipped):
            found[at] = StreamEntry(found[at].id, self._flipped(found[at].data))
        if self._happens(self.rates.dropped):
            del found[at]
        return found

    def _happens(self, rate: float) -> bool:
        return self._random.random() < rate

    def _flipped(self, data: bytes) -> bytes:
        if not data:
            return data
        position = self._random.randrange(len(data))
        changed = bytearray(data)
        changed[position] ^= 1 << self._random.randrange(8)
        return bytes(changed)
