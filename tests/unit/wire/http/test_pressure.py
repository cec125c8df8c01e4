"""A connection on a transport that is in our hands: what it does while its client does not read."""

from __future__ import annotations

import asyncio
from typing import Any

from node.wire.http.connection import Connection, Shared
from node.wire.http.doors import Doors, Refusals
from node.wire.http.site import Site
from node.wire.limits import DEFAULT_LIMITS
from tests.wire.support import protocol

HEALTH = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"


class Transport(asyncio.Transport):
    """Notes what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.reading = True
        self.aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 50000) if name == "peername" else default

    def write(self, data: Any) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.aborted

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def abort(self) -> None:
        self.aborted = True


def connected() -> tuple[Connection, Transport]:
    site = Site(protocol(), DEFAULT_LIMITS)
    loop = asyncio.get_running_loop()
    opened: set[Connection] = set()
    doors = Doors(DEFAULT_LIMITS, Refusals(loop.time), loop.time)
    shared = Shared(site, DEFAULT_LIMITS, loop, doors, opened.add, opened.discard, lambda: False)
    connection = Connection(shared)
    transport = Transport()
    connection.connection_made(transport)
    return connection, transport


async def test_nothing_is_answered_or_read_while_the_client_does_not_read() -> None:
    connection, transport = connected()
    connection.data_received(HEALTH)
    assert len(transport.written) == 1
    connection.pause_writing()
    connection.data_received(HEALTH * 3)
    assert len(transport.written) == 1
    assert not transport.reading
    connection.resume_writing()
    assert len(transport.written) == 4
    assert transport.reading
    connection.connection_lost(None)


async def test_bytes_without_a_whole_request_do_not_stop_the_reading() -> None:
    connection, transport = connected()
    connection.pause_writing()
    connection.data_received(HEALTH[:-1])
    assert transport.reading
    connection.data_received(HEALTH[-1:])
    assert not transport.reading
    connection.connection_lost(None)
    connection.resume_writing()  # too late: nothing is written to what is lost
    assert transport.written == []
