"""What carries the connections of one link: real bytes, cut, silenced or slowed.

A cut breaks connections, silence leaves them half open, and what is slow comes later and in order.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from random import Random
from typing import Any, Final

from node.cluster.acts import OPEN, Shape, State
from node.cluster.addresses import LOOPBACK
from node.cluster.link_pace import Pace

__all__ = ["CHUNK_BYTES", "Carrier", "Connect", "Streams"]

CHUNK_BYTES: Final = 16 * 1024
_CHUNKS_ON_THE_WAY: Final = 256

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[asyncio.StreamWriter], Awaitable[Streams]]
"""Connects to where an accepted connection is to be carried to. Raises OSError."""


class Carrier:
    """One link: a listener, and its connections. All of it runs on one event loop."""

    def __init__(self, connect: Connect, shape: Shape = OPEN) -> None:
        self.shape = shape
        self._connect = connect
        self._server: asyncio.Server | None = None
        self._passable = asyncio.Event()
        self._passable.set()
        self._transports: set[asyncio.WriteTransport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Listen on a port that the system chooses, and give it."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=CHUNK_BYTES)
        return int(self._server.sockets[0].getsockname()[1])

    async def reshape(self, shape: Shape) -> None:
        self.shape = shape
        if shape.state is State.CUT:
            self._break()
        if shape.state is State.SILENT:
            self._passable.clear()
        else:
            self._passable.set()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._break()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _break(self) -> None:
        for transport in tuple(self._transports):
            transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it, or the link is cut."""
        self._transports.add(writer.transport)
        try:
            if self.shape.state is State.CUT:
                return
            await self._passable.wait()
            inner, outer = await self._connect(writer)
            self._transports.add(outer.transport)
            try:
                await _until_first(self._one_way(reader, outer), self._one_way(inner, writer))
            finally:
                self._transports.discard(outer.transport)
                outer.transport.abort()
        except OSError:  # the server is down, or a side has gone: so is the connection
            pass
        finally:
            self._transports.discard(writer.transport)
            writer.transport.abort()

    async def _one_way(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Carry what comes from the source; returns when that has ended."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_CHUNKS_ON_THE_WAY)
        await _until_first(self._take(source, on_the_way), self._deliver(on_the_way, sink))

    async def _take(
        self, source: asyncio.StreamReader, on_the_way: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        pace = Pace(Random(os.urandom(16)))  # noqa: S311  the weather of a network
        clock = asyncio.get_running_loop().time
        while True:
            data = await source.read(CHUNK_BYTES)
            await on_the_way.put((pace.due(self.shape, clock(), len(data)), data))
            if not data:
                await asyncio.Event().wait()  # the end is delivered in its turn

    async def _deliver(
        self, on_the_way: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, data = await on_the_way.get()
            if (seconds := due - clock()) > 0:
                await asyncio.sleep(seconds)
            await self._passable.wait()
            if not data:
                return
            sink.write(data)
            await sink.drain()


async def _until_first(*works: Coroutine[Any, Any, None]) -> None:
    """Run all until one has ended, then end the others. Raises what that one raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
