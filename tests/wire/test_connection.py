"""What a connection does over time: order, pressure, half-closed sides, interim answers, TLS."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from node.wire.limits import Limits
from node.wire.messages import Call
from node.wire.server import WireServer
from node.wire.shapes.encryption import EncryptRequest, EncryptResponse
from tests.wire.conftest import Connect, StartServer
from tests.wire.support import RawConnection, Recorder, http_bytes, protocol, signed_request

TARGET = "TrentService.Encrypt"
HEALTH = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"


class Named(Recorder):
    """Answers each call with the key it names; one whose name begins with `slow` waits."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.waiting = asyncio.Event()
        self.answered: list[str] = []

    async def handle(self, call: Call, request: EncryptRequest) -> EncryptResponse:
        if request.key_id.startswith("slow"):
            self.waiting.set()
            await self.go_on.wait()
        self.answered.append(request.key_id)
        return EncryptResponse(key_id=request.key_id)


@pytest.fixture
def named() -> Named:
    return Named()


@pytest.fixture
async def server(start_server: StartServer, named: Named) -> WireServer:
    return await start_server(
        protocol(named.operation("Encrypt", EncryptRequest)), Limits(linger_seconds=0.1)
    )


def encrypt(key_id: str, extra: bytes = b"") -> bytes:
    body = b'{"KeyId": "%b", "Plaintext": "AAAA"}' % key_id.encode()
    return http_bytes(signed_request(TARGET, body), extra)


async def key_ids(connection: RawConnection, count: int) -> list[str]:
    responses = [await connection.response() for _ in range(count)]
    return [each.json["KeyId"] for each in responses if each is not None]


# Order


async def test_answers_come_in_the_order_of_the_requests(
    server: WireServer, connect: Connect, named: Named
) -> None:
    names = ["a", "slow-b", "c", "slow-d", "slow-e", "f"]
    connection = await connect(server)
    connection.send(b"".join(map(encrypt, names)))
    await named.waiting.wait()
    assert await key_ids(connection, 1) == ["a"]
    assert named.answered == ["a"]  # what comes after a slow one is not begun before it has ended
    named.go_on.set()
    assert await key_ids(connection, 5) == names[1:]
    assert named.answered == names


async def test_one_slow_call_holds_up_no_other_connection(
    server: WireServer, connect: Connect, named: Named
) -> None:
    slow, quick = await connect(server), await connect(server)
    slow.send(encrypt("slow"))
    await named.waiting.wait()
    quick.send(encrypt("quick"))
    assert await key_ids(quick, 1) == ["quick"]
    named.go_on.set()
    assert await key_ids(slow, 1) == ["slow"]


async def test_what_came_before_what_is_refused_is_answered_first(
    server: WireServer, connect: Connect, named: Named
) -> None:
    connection = await connect(server)
    connection.send(encrypt("slow") + b"not HTTP\r\n\r\n" + encrypt("hidden"))
    await named.waiting.wait()
    named.go_on.set()
    assert await key_ids(connection, 1) == ["slow"]
    refused = await connection.response()
    assert refused is not None
    assert (refused.status, refused.headers["connection"]) == (400, "close")
    assert await connection.closed()
    assert named.answered == ["slow"]


async def test_a_client_may_stop_sending_and_still_be_answered(
    server: WireServer, connect: Connect, named: Named
) -> None:
    connection = await connect(server)
    connection.send(encrypt("slow") + encrypt("b"))
    connection.writer.write_eof()
    await named.waiting.wait()
    named.go_on.set()
    assert await key_ids(connection, 2) == ["slow", "b"]
    assert await connection.closed()


async def test_a_client_that_asks_to_close_is_told_so(server: WireServer, connect: Connect) -> None:
    connection = await connect(server)
    connection.send(encrypt("a", b"Connection: close\r\n") + encrypt("hidden"))
    response = await connection.response()
    assert response is not None
    assert response.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_client_of_http_1_0_is_answered_and_closed(
    server: WireServer, connect: Connect
) -> None:
    connection = await connect(server)
    connection.send(b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + HEALTH)
    response = await connection.response()
    assert response is not None
    assert response.json == {"status": "ok"}
    assert await connection.closed()


# Methods and interim answers


@pytest.mark.parametrize(("path", "status"), [(b"/", 405), (b"/health", 405), (b"/x", 404)])
async def test_head_has_no_body(
    server: WireServer, connect: Connect, path: bytes, status: int
) -> None:
    connection = await connect(server)
    connection.send(b"HEAD " + path + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    answer = await connection.reader.read()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b"\r\n\r\n")


async def test_leave_to_send_comes_after_the_answers_before_it(
    server: WireServer, connect: Connect, named: Named
) -> None:
    head, _, body = encrypt("b", b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    connection = await connect(server)
    connection.send(encrypt("slow") + head + b"\r\n\r\n")
    await named.waiting.wait()
    named.go_on.set()
    assert await key_ids(connection, 1) == ["slow"]
    interim = await connection.response()
    assert interim is not None
    assert interim.status == 100
    connection.send(body)
    assert await key_ids(connection, 1) == ["b"]


async def test_no_leave_is_given_to_a_body_that_is_there_or_too_long(
    server: WireServer, connect: Connect
) -> None:
    connection = await connect(server)
    connection.send(encrypt("a", b"Expect: 100-continue\r\n"))
    assert await key_ids(connection, 1) == ["a"]
    connection.send(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n")
    connection.send(b"Content-Length: 99999999\r\n\r\n")
    response = await connection.response()
    assert response is not None
    assert response.status == 413


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"Expect: the best\r\n", 417),
        (b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n", 501),
    ],
)
async def test_what_is_asked_for_in_vain_has_its_own_status(
    server: WireServer, connect: Connect, lines: bytes, status: int
) -> None:
    connection = await connect(server)
    connection.send(b"POST / HTTP/1.1\r\nHost: h\r\n" + lines + b"\r\na" + HEALTH)
    response = await connection.response()
    assert response is not None
    assert response.status == status
    assert await connection.closed()


async def test_an_upgrade_is_not_taken_but_its_request_is_answered(
    server: WireServer, connect: Connect
) -> None:
    connection = await connect(server)
    connection.send(
        b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    )
    response = await connection.response()
    assert response is not None
    assert (response.status, response.headers["connection"]) == (200, "close")
    assert await connection.closed()


# Pressure

MANY = 20_000  # answers: more than the sockets of both sides hold


async def test_a_client_that_reads_late_gets_every_answer(
    server: WireServer, connect: Connect
) -> None:
    connection = await connect(server)
    connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
    connection.send(HEALTH * MANY)
    quick = await connect(server)
    for _ in range(20):  # others are answered meanwhile
        quick.send(HEALTH)
        assert await quick.response() is not None
    connection.writer.transport.resume_reading()  # type: ignore[attr-defined]
    for _ in range(MANY):
        assert await connection.response() is not None


async def test_a_client_that_never_reads_is_cut(
    start_server: StartServer, connect: Connect
) -> None:
    server = await start_server(protocol(), Limits(write_seconds=0.05))
    connection = await connect(server)
    connection.writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def send_without_end() -> None:
        while True:
            connection.send(HEALTH * MANY)
            await connection.writer.drain()

    with pytest.raises(ConnectionError):
        await send_without_end()


# The end


async def test_a_server_that_stops_finishes_what_was_read(
    start_server: StartServer, connect: Connect, named: Named
) -> None:
    server = await start_server(protocol(named.operation("Encrypt", EncryptRequest)))
    busy, half = await connect(server), await connect(server)
    busy.send(encrypt("slow") + encrypt("b"))
    request = encrypt("half")
    half.send(HEALTH + request[:-3])
    assert await half.response() is not None
    await named.waiting.wait()
    stopping = asyncio.ensure_future(server.stop())
    await asyncio.sleep(0)
    named.go_on.set()
    assert await key_ids(busy, 2) == ["slow", "b"]
    assert await busy.closed()
    half.send(request[-3:])
    last = await half.response()
    assert last is not None
    assert last.headers["connection"] == "close"
    assert await half.closed()
    await stopping


async def test_a_server_that_stops_does_not_wait_for_ever(
    start_server: StartServer, connect: Connect, named: Named
) -> None:
    server = await start_server(
        protocol(named.operation("Encrypt", EncryptRequest)), Limits(shutdown_seconds=0.05)
    )
    connection = await connect(server)
    connection.send(encrypt("slow"))
    await named.waiting.wait()
    await server.stop()
    assert await connection.closed()
    assert named.answered == []


async def test_a_call_goes_on_when_its_client_has_gone(
    start_server: StartServer, connect: Connect, named: Named
) -> None:
    """A change that was asked for is made; a server that stops waits for it."""
    server = await start_server(protocol(named.operation("Encrypt", EncryptRequest)))
    connection = await connect(server)
    connection.send(encrypt("slow"))
    await named.waiting.wait()
    connection.writer.transport.abort()
    stopping = asyncio.ensure_future(server.stop())
    after = await asyncio.wait([stopping], timeout=0.01)
    assert after[1] == {stopping}
    named.go_on.set()
    await stopping
    assert named.answered == ["slow"]


# TLS


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kms.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("kms.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain = folder / "chain.pem"
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain)
    return serving, ssl.create_default_context(cafile=str(chain))


async def test_the_same_over_tls(tmp_path: Path, named: Named) -> None:
    serving, trusting = certificate(tmp_path)
    operation = named.operation("Encrypt", EncryptRequest)
    limits = Limits(linger_seconds=0.05)
    server = WireServer(protocol(operation), "127.0.0.1", 0, limits, serving)
    await server.start()
    plain = await RawConnection.open(server.port)
    plain.send(HEALTH)
    assert await plain.closed()  # no answer without TLS, and no trace left of the attempt
    connection = RawConnection(
        *await asyncio.open_connection(
            "127.0.0.1", server.port, ssl=trusting, server_hostname="kms.test"
        )
    )
    connection.send(encrypt("a") + encrypt("slow"))
    assert await key_ids(connection, 1) == ["a"]
    named.go_on.set()
    assert await key_ids(connection, 1) == ["slow"]
    connection.send(b"not HTTP\r\n\r\n")
    refused = await connection.response()
    assert refused is not None
    assert refused.status == 400
    assert await connection.closed()
    await server.stop()
