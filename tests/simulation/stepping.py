"""Runs coroutines by hand, from one await to the next: no event loop, no clock, no threads.

A coroutine of the real code stops only where the store's or the stream's twin awaits pause(). So a
simulation decides at each such point who goes on, and can abandon a coroutine there, as a crash
does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from types import coroutine
from typing import Any, TypeVar

from replication.entries import StreamEntry
from replication.ports import StreamShape

T = TypeVar("T")


@coroutine
def pause() -> Generator[None, None, None]:
    """Let the simulation decide who goes on."""
    yield


async def inline(work: Callable[[], T]) -> T:
    """Run what production runs in a thread (replication.ports.Offload)."""
    await pause()
    return work()


async def in_place(work: Callable[..., T], *arguments: Any) -> T:
    """What operations run in a thread (asyncio.to_thread)."""
    await pause()
    return work(*arguments)


class InFlight:
    """A coroutine that has been started and may not have ended."""

    def __init__(self, coroutine: Coroutine[Any, Any, object]) -> None:
        self.result: object = None  # what it returned, once it has ended
        self._coroutine = coroutine

    def advance(self, pauses: int) -> bool:
        """Go on over at most so many pauses. Returns whether it has ended."""
        for _ in range(pauses):
            try:
                self._coroutine.send(None)
            except StopIteration as stop:
                self.result = stop.value
                return True
        return False

    def abandon(self) -> None:
        """Never go on: whatever it had not committed is lost."""
        self._coroutine.close()


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that nothing else competes with to its end."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as stop:
            result: T = stop.value
            return result


async def in_time(coroutine: Coroutine[Any, Any, T], pauses: int) -> object:
    """What it returns, or None if that takes more pauses than these."""
    work = InFlight(coroutine)
    try:
        for _ in range(pauses):
            if work.advance(1):
                return work.result
            await pause()
    finally:
        work.abandon()
    return None


class PausingEvent:
    """In the place of asyncio.Event, where there is no event loop."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """See asyncio.Event."""
        self._set = True

    async def wait(self) -> None:
        """See asyncio.Event."""
        while not self._set:
            await pause()


class PausingStream:
    """A stream whose every call may be interrupted before and after it took effect."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def read(self, after: str, count: int, wait_seconds: float) -> Sequence[StreamEntry]:
        """See ports.StreamReader."""
        return await _interruptible(self._stream.read(after, count, wait_seconds))

    async def last(self) -> StreamEntry | None:
        """See ports.StreamReader."""
        return await _interruptible(self._stream.last())

    async def append(self, entries: Sequence[StreamEntry]) -> None:
        """See ports.StreamWriter. A pipeline that dies may have added a part of its entries."""
        for entry in entries:
            await _interruptible(self._stream.append([entry]))

    async def range(self, start: str, count: int) -> Sequence[StreamEntry]:
        """See ports.StreamWriter."""
        return await _interruptible(self._stream.range(start, count))

    async def shape(self) -> StreamShape:
        """See ports.StreamWriter."""
        return await _interruptible(self._stream.shape())

    async def trim(self, first: str) -> None:
        """See ports.StreamWriter."""
        await _interruptible(self._stream.trim(first))

    async def replace(self, batches: Callable[[], Awaitable[Sequence[StreamEntry]]]) -> None:
        """See ports.StreamWriter."""
        await _interruptible(self._stream.replace(batches))

    async def close(self) -> None:
        """See ports."""
        await self._stream.close()


async def _interruptible(call: Coroutine[Any, Any, T]) -> T:
    try:
        await pause()
    except GeneratorExit:
        call.close()
        raise
    result = await call
    await pause()
    return result
