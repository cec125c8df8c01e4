"""Links between the regions of a local cluster that can be cut, silenced and slowed.

A region's node reads another region's log at that region's stream server, over TCP. Where links
are asked for (`keyspan up --links`), it does so through a listener of its own here, one for each
ordered pair of regions; its own stream it reaches directly. Everything that passes is the real
bytes of real connections: a cut breaks them, silence leaves them half open.

It runs in a thread with an event loop of its own, so that the supervisor may block.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Coroutine, Mapping, Sequence
from random import Random
from typing import Any, Final, TypeVar

from node.cluster.acts import OPEN, Shape, State
from node.cluster.addresses import LOOPBACK, RegionAddress
from node.cluster.errors import ClusterError
from node.cluster.link_pace import Pace

__all__ = ["Links", "Pair", "links_between"]

Pair = tuple[str, str]
T = TypeVar("T")

_CHUNK_BYTES: Final = 16 * 1024
_CHUNKS_ON_THE_WAY: Final = 256
_ORDER_SECONDS: Final = 10.0


class Links:
    """All links of a cluster. A pair is (origin, reader): the origin's log, read by the reader."""

    def __init__(self, targets: Mapping[Pair, int]) -> None:
        """`targets` are the ports of the origins' stream servers."""
        self._links = {pair: _Link(port) for pair, port in targets.items()}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._streams: dict[Pair, str] = {}
        for pair, link in self._links.items():
            port = self._loop.run_until_complete(link.open())
            self._streams[pair] = f"redis://{LOOPBACK}:{port}/0"

    def start(self) -> None:
        """Begin to carry, unless it does."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Break every connection and end the thread."""
        if self._thread.is_alive():
            with contextlib.suppress(TimeoutError):
                self._do(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_ORDER_SECONDS)
        else:
            self._loop.run_until_complete(self._close())
        if not self._thread.is_alive():
            self._loop.close()

    def streams_for(self, reader: str) -> dict[str, str]:
        """The URLs at which a region's node reaches the other regions' streams."""
        return {origin: url for (origin, other), url in self._streams.items() if other == reader}

    def reshape(self, origin: str, reader: str, shape: Shape) -> None:
        """Give one link another shape, at once. Raises ClusterError when there is no such link."""
        link = self._links.get((origin, reader))
        if link is None:
            raise ClusterError(
                f"There is no link from {origin} to {reader}; "
                "name two different regions of this cluster."
            )
        self._do(link.reshape(shape))

    def shapes(self) -> dict[Pair, Shape]:
        """How every link behaves now."""
        return {pair: link.shape for pair, link in self._links.items()}

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ORDER_SECONDS)

    async def _close(self) -> None:
        for link in self._links.values():
            await link.close()


def links_between(addresses: Sequence[RegionAddress]) -> Links:
    """A link for each ordered pair of regions, open."""
    return Links(
        {
            (origin.region, reader.region): origin.stream_port
            for origin in addresses
            for reader in addresses
            if origin is not reader
        }
    )


class _Link:
    """One listener, and its connections. All of it runs on the event loop of `Links`."""

    def __init__(self, target: int) -> None:
        self.shape = OPEN
        self._target = target
        self._server: asyncio.Server | None = None
        self._passable = asyncio.Event()
        self._passable.set()
        self._transports: set[asyncio.WriteTransport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Listen on a port that the system chooses, and give it."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=_CHUNK_BYTES)
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
            inner, outer = await asyncio.open_connection(LOOPBACK, self._target, limit=_CHUNK_BYTES)
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
            data = await source.read(_CHUNK_BYTES)
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
