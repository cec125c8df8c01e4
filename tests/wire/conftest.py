"""Servers for the wire tests, each on a free port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest
import uvloop

from node.wire.limits import DEFAULT_LIMITS, Limits
from node.wire.protocol import WireProtocol
from node.wire.server import WireServer
from tests.wire.support import RawConnection

StartServer = Callable[..., Awaitable[WireServer]]
Connect = Callable[[WireServer], Awaitable[RawConnection]]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of a node: transports of another one behave differently at their edges."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def start_server() -> AsyncIterator[StartServer]:
    """Starts servers; stops them when the test ends."""
    started: list[WireServer] = []

    async def start(protocol: WireProtocol, limits: Limits = DEFAULT_LIMITS) -> WireServer:
        server = WireServer(protocol, "127.0.0.1", 0, limits)
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens raw connections; closes them when the test ends."""
    opened: list[RawConnection] = []

    async def open_connection(server: WireServer) -> RawConnection:
        connection = await RawConnection.open(server.port)
        opened.append(connection)
        return connection

    yield open_connection
    for connection in opened:
        connection.close()
