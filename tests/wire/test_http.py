"""Raw bytes over a socket: what is not HTTP, what is too much, what is too slow.

Each ends in an answer or a closed connection, never in a traceback; and the server goes on.
"""

from __future__ import annotations

import asyncio
import logging

import pytest

from node.model import errors
from node.wire.limits import Limits
from node.wire.messages import WireResponse
from node.wire.protocol import Answer
from node.wire.server import WireServer
from node.wire.shapes.encryption import EncryptRequest, EncryptResponse
from tests.wire.conftest import Connect, StartServer
from tests.wire.support import KEY_ARN, Recorder, http_bytes, protocol, signed_request

TARGET = "TrentService.Encrypt"
BODY = b'{"KeyId": "k", "Plaintext": "AAAA"}'
SMALL = Limits(
    body_bytes=4096,
    line_bytes=512,
    header_bytes=1024,
    headers=32,
    header_seconds=30,
    body_seconds=30,
    linger_seconds=0.1,
)
HEALTH = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(output=EncryptResponse(key_id=KEY_ARN))


@pytest.fixture
async def server(start_server: StartServer, recorder: Recorder) -> WireServer:
    return await start_server(protocol(recorder.operation("Encrypt", EncryptRequest)), SMALL)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture(autouse=True)
def _no_traceback(log: pytest.LogCaptureFixture) -> object:
    """After every test here: nothing worse than one line was logged."""
    yield
    for record in log.records:
        assert record.exc_info is None
        assert record.levelno < logging.WARNING, record.getMessage()


def good(extra: bytes = b"", body: bytes = BODY) -> bytes:
    return http_bytes(signed_request(TARGET, body), extra)


# What is right


async def test_a_call_is_answered_as_kms_answers(server: WireServer, connect: Connect) -> None:
    connection = await connect(server)
    connection.send(good())
    response = await connection.response()
    assert response is not None
    assert response.status == 200
    assert response.json == {"KeyId": KEY_ARN}
    assert response.headers["x-amzn-requestid"] == "request-1"
    assert response.headers["content-type"] == "application/x-amz-json-1.1"
    assert response.headers["server"] == "Keyspan"


async def test_a_connection_is_kept_and_may_be_pipelined(
    server: WireServer, connect: Connect, recorder: Recorder
) -> None:
    connection = await connect(server)
    connection.send(good() * 5)
    for number in range(1, 6):
        response = await connection.response()
        assert response is not None
        assert response.headers["x-amzn-requestid"] == f"request-{number}"
    connection.send(good())
    assert await connection.response() is not None
    assert len(recorder.calls) == 6


async def test_a_request_may_come_byte_by_byte(server: WireServer, connect: Connect) -> None:
    connection = await connect(server)
    for byte in good():
        connection.send(bytes([byte]))
        await connection.writer.drain()
        await asyncio.sleep(0)
    response = await connection.response()
    assert response is not None
    assert response.status == 200


async def test_a_body_in_chunks_is_read(server: WireServer, connect: Connect) -> None:
    request = http_bytes(signed_request(TARGET, BODY))
    head, _, _ = request.partition(b"content-length")
    chunked = b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    connection = await connect(server)
    connection.send(head + chunked)
    response = await connection.response()
    assert response is not None
    assert response.status == 200


async def test_a_client_may_ask_before_it_sends_the_body(
    server: WireServer, connect: Connect
) -> None:
    request = good(b"expect: 100-continue\r\n")
    head, _, body = request.partition(b"\r\n\r\n")
    connection = await connect(server)
    connection.send(head + b"\r\n\r\n")
    interim = await connection.response()
    assert interim is not None
    assert interim.status == 100
    connection.send(body)
    final = await connection.response()
    assert final is not None
    assert final.status == 200


async def test_a_compressed_body_is_not_decompressed(server: WireServer, connect: Connect) -> None:
    connection = await connect(server)
    connection.send(good(b"content-encoding: gzip\r\n"))
    response = await connection.response()
    assert response is not None
    assert response.status == 200  # what was signed is what was read


async def test_repeated_headers_are_joined_before_they_are_looked_at(
    server: WireServer, connect: Connect, recorder: Recorder
) -> None:
    connection = await connect(server)
    connection.send(good(b"X-Amz-Target: TrentService.Encrypt\r\n"))
    response = await connection.response()
    assert response is not None
    assert response.json == {"__type": "UnknownOperationException"}
    assert recorder.calls == []


# Places


async def test_health_needs_no_signature(server: WireServer, connect: Connect) -> None:
    connection = await connect(server)
    connection.send(HEALTH + b"GET http://h/health?x=1 HTTP/1.1\r\nHost: h\r\n\r\n")
    for _ in range(2):
        response = await connection.response()
        assert response is not None
        assert (response.status, response.json) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("line", "status", "allowed"),
    [
        (b"GET /", 405, "POST"),
        (b"PUT /", 405, "POST"),
        (b"OPTIONS /", 405, "POST"),
        (b"POST /health", 405, "GET"),
        (b"GET /metrics", 404, None),
        (b"POST //", 404, None),
        (b"POST /%2e", 404, None),
        (b"GET /../etc/passwd", 404, None),
        (b"OPTIONS *", 404, None),
        (b"CONNECT h:443", 404, None),
        (b"GET //h@:x/", 404, None),
    ],
)
async def test_other_places_and_methods_are_told_apart(
    server: WireServer, connect: Connect, line: bytes, status: int, allowed: str | None
) -> None:
    connection = await connect(server)
    connection.send(line + b" HTTP/1.1\r\nHost: h\r\n\r\n")
    response = await connection.response()
    assert response is not None
    assert response.status == status
    assert response.headers.get("allow") == allowed
    assert "message" in response.json


# What is not HTTP

MALFORMED = {
    "binary": b"\x00\x01\x02\xff\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no version": b"POST /\r\n\r\n",
    "no path": b"POST HTTP/1.1\r\n\r\n",
    "another version": b"POST / HTTP/3.0\r\nHost: h\r\n\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a path that is not ASCII": b"POST /\xff\xfe HTTP/1.1\r\nHost: h\r\n\r\n",
    "an address that is none": b"POST http://[::1/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "a port that is none": b"POST http://h:99999999/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "no host": b"POST / HTTP/1.1\r\n\r\n",
    "two hosts": b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no colon": b"POST / HTTP/1.1\r\nHost h\r\n\r\n",
    "a blank before the colon": b"POST / HTTP/1.1\r\nHost : h\r\n\r\n",
    "a folded header": b"POST / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
    "a null in a header": b"POST / HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n",
    "bare line feeds": b"POST / HTTP/1.1\nHost: h\n\n",
    "a length and chunks": (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"
    ),
    "a list of lengths": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
    "a negative length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabc",
    "a length with a sign": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
    "a length beyond 64 bits": (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\nabc"
    ),
    "an unknown encoding": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\nabc",
    "chunks that are not last": (
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc"
    ),
    "a chunk without a size": (
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"
    ),
    "a long line": b"POST /" + b"a" * 2000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "a long header": b"POST / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 2000 + b"\r\n\r\n",
    "a long name": b"POST / HTTP/1.1\r\nHost: h\r\n" + b"X" * 2000 + b": a\r\n\r\n",
    "many headers": (
        b"POST / HTTP/1.1\r\nHost: h\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(40)) + b"\r\n"
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_not_http_is_answered_once_and_closed(
    server: WireServer, connect: Connect, recorder: Recorder, name: str
) -> None:
    connection = await connect(server)
    connection.send(MALFORMED[name] + good())  # what follows is not looked at
    response = await connection.response()
    assert response is not None
    assert response.status == 400
    assert response.json["message"].endswith("is not valid HTTP.")
    assert await connection.closed()
    assert recorder.calls == []

    after = await connect(server)
    after.send(HEALTH)
    assert await after.response() is not None


async def test_chunks_that_break_off_are_no_request(
    server: WireServer, connect: Connect, recorder: Recorder
) -> None:
    head, _, _ = good().partition(b"content-length")
    connection = await connect(server)
    connection.send(head + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
    connection.send(b"not a size\r\n")
    response = await connection.response()
    assert response is not None
    assert response.status == 400
    assert await connection.closed()
    assert recorder.calls == []


# What is too much


async def test_a_body_that_says_it_is_too_long_is_not_waited_for(
    server: WireServer, connect: Connect
) -> None:
    connection = await connect(server)
    connection.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4097\r\n\r\n")
    response = await connection.response()
    assert response is not None
    assert response.status == 413
    assert response.json == {
        "__type": "RequestEntityTooLargeException",
        "message": "The request body exceeds 4096 bytes.",
    }
    assert "x-amzn-requestid" in response.headers
    assert await connection.closed()


@pytest.mark.parametrize("ending", [b"\r\n0\r\n\r\n", b""])
async def test_a_body_in_chunks_that_is_too_long_is_cut(
    server: WireServer, connect: Connect, ending: bytes
) -> None:
    connection = await connect(server)
    connection.send(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.send(b"1001\r\n" + b"a" * 4097 + ending)
    response = await connection.response()
    assert response is not None
    assert response.status == 413
    assert await connection.closed()


async def test_a_body_as_long_as_allowed_is_read(server: WireServer, connect: Connect) -> None:
    body = BODY + b" " * (4096 - len(BODY))
    connection = await connect(server)
    connection.send(good(body=body))
    response = await connection.response()
    assert response is not None
    assert response.status == 200


# What is too slow


async def test_headers_that_do_not_end_are_cut(
    start_server: StartServer, connect: Connect, log: pytest.LogCaptureFixture
) -> None:
    server = await start_server(protocol(), Limits(header_seconds=0.05))
    connection = await connect(server)
    connection.send(good()[:60])
    assert await connection.closed()
    assert "headers that took too long" in log.text


async def test_headers_that_drip_are_cut_although_something_comes(
    start_server: StartServer, connect: Connect
) -> None:
    server = await start_server(protocol(), Limits(header_seconds=0.05))
    connection = await connect(server)
    connection.send(HEALTH)
    assert await connection.response() is not None  # a kept connection is not trusted more
    connection.send(b"GET /health HTTP/1.1\r\n")
    closed = asyncio.ensure_future(connection.closed())
    while not closed.done():
        connection.send(b"X: y\r\n")  # at a pace that stays below the number of headers
        await asyncio.wait([closed], timeout=0.005)
    assert closed.result()


async def test_a_slow_body_has_its_own_time(start_server: StartServer, connect: Connect) -> None:
    server = await start_server(protocol(), Limits(body_seconds=0.05, linger_seconds=0.05))
    connection = await connect(server)
    connection.send(good()[:-5])
    response = await connection.response()
    assert response is not None
    assert response.status == 408
    assert response.json["__type"] == "RequestTimeoutException"
    assert await connection.closed()


async def test_the_time_for_headers_does_not_run_during_the_body(
    start_server: StartServer, connect: Connect
) -> None:
    """Headers may take no time at all here, so a clock started by body bytes would cut at once."""
    server = await start_server(
        protocol(Recorder().operation("Encrypt", EncryptRequest)), Limits(header_seconds=0)
    )
    connection = await connect(server)
    request = good()
    connection.send(request[:-5])
    for byte in request[-5:]:
        await connection.writer.drain()
        await asyncio.sleep(0)
        connection.send(bytes([byte]))
    response = await connection.response()
    assert response is not None
    assert response.status == 200


async def test_an_idle_connection_is_closed(start_server: StartServer, connect: Connect) -> None:
    server = await start_server(protocol(), Limits(keep_alive_seconds=0.05))
    connection = await connect(server)
    connection.send(HEALTH)
    assert await connection.response() is not None
    assert await connection.closed()


# A fault of our own

PLAINTEXT = "secret text"


class BrokenProtocol:
    """What cannot happen: the protocol itself raises."""

    async def answer(self, request: object) -> Answer:
        raise RuntimeError(PLAINTEXT)

    def recorded(self, answer: object, then: object) -> WireResponse:
        raise RuntimeError(PLAINTEXT)


async def test_a_fault_behind_the_server_is_told_without_detail(
    start_server: StartServer, connect: Connect, log: pytest.LogCaptureFixture
) -> None:
    server = await start_server(BrokenProtocol())
    connection = await connect(server)
    connection.send(good())
    response = await connection.response()
    assert response is not None
    assert (response.status, response.json) == (500, {"message": "Internal error."})
    assert await connection.closed()
    [record] = [each for each in log.records if each.levelno >= logging.WARNING]
    assert "RuntimeError" in record.getMessage()
    assert PLAINTEXT not in record.getMessage()
    log.clear()


# Clients that go, servers that stop


@pytest.mark.parametrize("sent", [0, 20, -20, -1])
async def test_a_client_that_goes_away_leaves_no_trace(
    server: WireServer, connect: Connect, sent: int
) -> None:
    connection = await connect(server)
    connection.send(good()[:sent])
    await connection.writer.drain()
    connection.writer.transport.abort()
    after = await connect(server)
    after.send(good())
    assert await after.response() is not None


async def test_a_request_under_way_is_finished_before_the_server_stops(
    start_server: StartServer, connect: Connect
) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    class Waiting(Recorder):
        async def handle(self, call: object, request: object) -> None:
            arrived.set()
            await go_on.wait()

    server = await start_server(protocol(Waiting().operation("Encrypt", EncryptRequest)))
    busy, idle = await connect(server), await connect(server)
    idle.send(HEALTH)
    assert await idle.response() is not None
    busy.send(good())
    await arrived.wait()
    stopping = asyncio.ensure_future(server.stop())
    assert await idle.closed()
    go_on.set()
    response = await busy.response()
    assert response is not None
    assert response.status == 200
    assert await busy.closed()
    await stopping
    with pytest.raises(ConnectionRefusedError):
        await connect(server)


async def test_a_server_may_stop_twice_or_without_a_start() -> None:
    server = WireServer(protocol(), "127.0.0.1", 0)
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()


async def test_a_port_that_is_taken_is_said_at_the_start(server: WireServer) -> None:
    second = WireServer(protocol(), "127.0.0.1", server.port)
    with pytest.raises(OSError, match="address already in use"):
        await second.start()


async def test_errors_keep_the_connection(
    server: WireServer, connect: Connect, recorder: Recorder
) -> None:
    recorder.failure = errors.Disabled(f"{KEY_ARN} is disabled.")
    connection = await connect(server)
    for _ in range(2):
        connection.send(good())
        response = await connection.response()
        assert response is not None
        assert response.status == 400
        assert response.json["__type"] == "DisabledException"
