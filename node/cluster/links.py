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
import threading
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from node.cluster.acts import Shape
from node.cluster.addresses import LOOPBACK, RegionAddress
from node.cluster.errors import ClusterError
from node.cluster.link_carrier import CHUNK_BYTES, Carrier, Streams

__all__ = ["Links", "Pair", "links_between"]

Pair = tuple[str, str]
T = TypeVar("T")

_ORDER_SECONDS: Final = 10.0


class Links:
    """All links of a cluster. A pair is (origin, reader): the origin's log, read by the reader."""

    def __init__(self, targets: Mapping[Pair, int]) -> None:
        """`targets` are the ports of the origins' stream servers."""
        self._links = {pair: Carrier(partial(_to, port)) for pair, port in targets.items()}
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


async def _to(port: int, _accepted: asyncio.StreamWriter) -> Streams:
    return await asyncio.open_connection(LOOPBACK, port, limit=CHUNK_BYTES)
