"""What protects the server before anybody is known: connections, and requests of one address."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from node.wire.http.doors import Refusals, counted_as
from node.wire.http.refusal import Refusal
from node.wire.limits import Limits
from node.wire.messages import Call
from node.wire.server import WireServer
from node.wire.shapes.encryption import EncryptRequest, EncryptResponse
from tests.wire.conftest import Connect, StartServer
from tests.wire.support import FakeAudit, RawConnection, Recorder, http_bytes, protocol
from tests.wire.support import signed_request as signed

HEALTH = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"
UNSIGNED = b"POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: TrentService.ListKeys\r\n"
UNSIGNED += b"Content-Length: 2\r\n\r\n{}"
UNSIGNED_QUERY = b"GET /?Action=GetCallerIdentity&Version=2011-06-15 HTTP/1.1\r\nHost: h\r\n\r\n"


def counts(server: WireServer) -> dict[str, int]:
    return dict(server._refusals.counts)


async def is_answered(connection: RawConnection) -> bool:
    """Whether it is kept: a connection that is turned away ends without an answer."""
    connection.send(HEALTH)
    try:
        response = await connection.response()
    except OSError:
        return False
    return response is not None and response.status == 200


class Busy(Recorder):
    """Answers nothing before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.at_work = 0
        self.go_on = asyncio.Event()
        self.changed = asyncio.Event()

    async def handle(self, call: Call, request: EncryptRequest) -> EncryptResponse:
        self.at_work += 1
        self.changed.set()
        await self.go_on.wait()
        return EncryptResponse(key_id=request.key_id)

    async def until_at_work(self, number: int) -> None:
        while self.at_work < number:
            self.changed.clear()
            await self.changed.wait()


ENCRYPT = ("TrentService.Encrypt", b'{"KeyId":"k","Plaintext":"AA=="}')


async def test_a_connection_too_many_is_cut_and_those_at_work_go_on(
    start_server: StartServer, connect: Connect
) -> None:
    busy = Busy()
    served = protocol(busy.operation("Encrypt", EncryptRequest))
    server = await start_server(served, Limits(connections=2))
    kept = [await connect(server) for _ in range(2)]
    for each in kept:
        each.send(http_bytes(signed(*ENCRYPT)))
    await busy.until_at_work(2)
    assert not await is_answered(await connect(server))
    assert counts(server) == {Refusal.TOO_MANY_CONNECTIONS.value: 1}
    busy.go_on.set()
    for each in kept:
        response = await each.response()
        assert response is not None
        assert response.status == 200
        assert await is_answered(each)


@pytest.mark.parametrize("sent", [b"", HEALTH, b"POST / HT"], ids=["nothing", "served", "half"])
async def test_who_asks_for_nothing_gives_way(
    start_server: StartServer, connect: Connect, sent: bytes
) -> None:
    """All places taken by those who hold them for nothing: everybody else is served."""
    server = await start_server(protocol(), Limits(connections=5))
    idle = [await connect(server) for _ in range(5)]
    for each in idle:
        each.send(sent)
        if sent == HEALTH:
            assert await each.response() is not None
    for _ in range(20):
        assert await is_answered(await connect(server))
    assert counts(server) == {}
    for each in idle:
        assert await each.closed()


async def test_a_place_is_free_again_when_a_connection_ends(
    start_server: StartServer, connect: Connect
) -> None:
    """Each way in which it ends gives its place back, and only once."""
    busy = Busy()
    served = protocol(busy.operation("Encrypt", EncryptRequest))
    server = await start_server(served, Limits(connections=1, header_seconds=0.05))
    for ending in (b"", b"no HTTP at all\r\n\r\n", b"POST / HT"):
        connection = await connect(server)
        assert await is_answered(connection)
        connection.send(ending)
        if not ending:
            connection.close()
        else:
            while await connection.response() is not None:
                pass
        await server._all_closed()
    last = await connect(server)
    last.send(http_bytes(signed(*ENCRYPT)))
    await busy.until_at_work(1)
    assert not await is_answered(await connect(server))
    busy.go_on.set()


async def test_one_address_may_not_take_all_places(
    start_server: StartServer, connect: Connect
) -> None:
    server = await start_server(protocol(), Limits(connections_per_address=1))
    assert await is_answered(await connect(server))
    assert not await is_answered(await connect(server))
    other = socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.0.2", 0))
    reader, writer = await asyncio.open_connection(sock=other)
    writer.write(HEALTH)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    assert counts(server) == {Refusal.TOO_MANY_OF_ADDRESS.value: 1}


async def test_requests_of_one_address_are_throttled_unread_and_unrecorded(
    start_server: StartServer, connect: Connect
) -> None:
    audit, recorder = FakeAudit(), Recorder()
    served = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    server = await start_server(served, Limits(requests_per_address=0.001))
    connection = await connect(server)
    connection.send(http_bytes(signed(*ENCRYPT)))
    first = await connection.response()
    assert first is not None
    assert len(audit.heard) == 1
    connection.send(UNSIGNED)
    second = await connection.response()
    assert second is not None
    assert (second.status, second.json["__type"]) == (400, "ThrottlingException")
    assert second.headers["x-amzn-requestid"]
    connection.send(UNSIGNED_QUERY)
    third = await connection.response()
    assert third is not None
    assert b"<Code>Throttling" in third.body
    assert await is_answered(connection)  # a probe asks for nothing that costs, and goes on
    assert len(audit.heard) == 1
    assert counts(server) == {Refusal.TOO_MANY_REQUESTS.value: 2}


async def test_who_is_too_slow_or_sends_no_http_is_counted(
    start_server: StartServer, connect: Connect
) -> None:
    server = await start_server(
        protocol(), Limits(header_seconds=0.05, body_seconds=0.05, linger_seconds=0.05)
    )
    for sent in (b"POST / HTTP/1.1\r\nHost:", UNSIGNED[:-1], b"\x16\x03\x01 hello\r\n\r\n"):
        connection = await connect(server)
        connection.send(sent)
        while await connection.response() is not None:
            pass
    assert counts(server) == {
        Refusal.TOO_SLOW_HEAD.value: 1,
        Refusal.TOO_SLOW.value: 1,
        Refusal.MALFORMED.value: 1,
    }


def test_the_log_has_one_line_a_second_of_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    moment = [0.0]
    refusals = Refusals(lambda: moment[0])
    with caplog.at_level(logging.INFO, "keyspan.wire"):
        for _ in range(1000):
            refusals.note(Refusal.MALFORMED, "192.0.2.1")
        refusals.note(Refusal.TOO_SLOW, "192.0.2.1")
        moment[0] = 1.0
        refusals.note(Refusal.MALFORMED, "192.0.2.7")
    assert [each.getMessage() for each in caplog.records] == [
        "refused from 192.0.2.1: malformed HTTP (1 since the start)",
        "refused from 192.0.2.1: a body that took too long (1 since the start)",
        "refused from 192.0.2.7: malformed HTTP (1001 since the start)",
    ]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("no:address", "no:address"),
    ],
)
def test_what_an_address_counts_as(address: str, counted: str) -> None:
    assert counted_as(address) == counted
