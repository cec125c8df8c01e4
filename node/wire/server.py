"""The HTTP server of a node: a listener, and the connections that it has open."""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from itertools import islice
from time import monotonic

from node.wire.http.connection import Connection, Shared
from node.wire.http.doors import Doors, Refusals
from node.wire.http.site import Answering, Site
from node.wire.limits import DEFAULT_LIMITS, Limits

BACKLOG = 1024
LOOKED_AT_FOR_ROOM = 64


class WireServer:
    """Serves one protocol on one address."""

    def __init__(
        self,
        protocol: Answering,
        host: str,
        port: int,
        limits: Limits = DEFAULT_LIMITS,
        tls: ssl.SSLContext | None = None,
        refusals: Refusals | None = None,
        *,
        shares_port: bool = False,
    ) -> None:
        """`port` 0 takes a free one; `port` tells which after `start`. `refusals` counts what is
        turned away. With `shares_port`, other processes of this user may listen there too, and the
        kernel chooses among them for each connection (socket(7), SO_REUSEPORT).
        """
        self._site = Site(protocol, limits)
        self._host = host
        self._port = port
        self._limits = limits
        self._tls = tls
        self._shares_port = shares_port
        self._refusals = refusals or Refusals(monotonic)
        self._listener: asyncio.Server | None = None
        self._connections: dict[Connection, None] = {}  # those that were looked at last come last
        self._one_closed = asyncio.Event()

    @property
    def port(self) -> int:
        """The port served, or to be served."""
        if self._listener is None:
            return self._port
        return int(self._listener.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begins to answer. Raises OSError where the address cannot be had."""
        loop = asyncio.get_running_loop()
        doors = Doors(self._limits, self._refusals, loop.time)
        shared = Shared(
            self._site,
            self._limits,
            loop,
            doors,
            opened=self._remember,
            closed=self._forget,
            make_room=self._make_room,
        )
        self._listener = await loop.create_server(
            partial(Connection, shared),
            self._host,
            self._port,
            backlog=BACKLOG,
            reuse_port=self._shares_port or None,
            ssl=self._tls,
            ssl_handshake_timeout=self._limits.header_seconds if self._tls else None,
        )

    async def stop(self) -> None:
        """Takes no new connection, lets the requests under way finish, and closes."""
        if self._listener is None:
            return
        self._listener.close()
        self._listener = None
        for connection in tuple(self._connections):
            connection.finish()
        try:
            async with asyncio.timeout(self._limits.shutdown_seconds):
                await self._all_closed()
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.abort()

    async def _all_closed(self) -> None:
        while self._connections:
            self._one_closed.clear()
            await self._one_closed.wait()

    def _remember(self, connection: Connection) -> None:
        self._connections[connection] = None

    def _forget(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        self._one_closed.set()

    def _make_room(self) -> bool:
        """Let the first of a few connections go that is idle; the busy ones go to the end."""
        for connection in tuple(islice(self._connections, LOOKED_AT_FOR_ROOM)):
            if connection.give_way():
                return True
            self._connections[connection] = self._connections.pop(connection)
        return False
