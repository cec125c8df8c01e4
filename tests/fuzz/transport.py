"""Signed HTTP over one socket, and HTTP that is not as it should be.

Deliberately no HTTP library: it would refuse to send half of this.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final
from urllib.parse import urlsplit

from node.settings import Administrator
from node.wire import sigv4
from node.wire.messages import WireRequest

HANG_SECONDS: Final = 60.0  # far more than the slowest request needs on a busy machine


class Hung(Exception):
    """A node did not answer in HANG_SECONDS."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; `status` 0 where the node closed the connection instead."""

    status: int
    headers: Mapping[str, str]
    body: bytes


CLOSED: Final = Response(0, {}, b"")


@dataclass(frozen=True, slots=True)
class Place:
    """A region's node, and who asks."""

    region: str
    endpoint: str
    administrator: Administrator

    def signed(self, target: str, body: bytes, **extra: str) -> dict[str, str]:
        """The headers of a signed request."""
        headers = {
            "host": urlsplit(self.endpoint).netloc,
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": target,
            **extra,
        }
        bare = WireRequest("POST", "/", "", headers, body, "")
        who = self.administrator
        scope = sigv4.Scope(self.region, "kms")
        return headers | sigv4.sign(
            bare, who.access_key_id, who.secret_access_key, scope, time.time()
        )


class Connection:
    """One connection to one node, opened again when it was closed."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, target: str, body: bytes) -> Response:
        """The response to a request as an SDK sends it."""
        headers = self.place.signed(target, body)
        return await self.send(http(headers, body))

    async def send(self, data: bytes) -> Response:
        """The response to any bytes at all. Raises Hung."""
        try:
            async with asyncio.timeout(HANG_SECONDS):
                return await self._exchange(data)
        except TimeoutError:
            raise Hung from None
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            return CLOSED

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, data: bytes) -> Response:
        reader, writer = await self._opened()
        writer.write(data)
        head = b"HTTP/1.1 100"
        while head.startswith(b"HTTP/1.1 100"):
            head = await reader.readuntil(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        parted = (field.partition(":") for field in fields)
        headers = {name.lower(): value.strip() for name, _, value in parted}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close" or not line.startswith("HTTP/1.1"):
            self.close()
        return Response(int(line.split()[1]), headers, body)

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None or self._streams[1].is_closing():
            address = urlsplit(self.place.endpoint)
            self._streams = await asyncio.open_connection(address.hostname, address.port)
        return self._streams


def http(headers: Mapping[str, str], body: bytes, line: str = "POST / HTTP/1.1") -> bytes:
    """A request as bytes."""
    fields = [line, *(f"{name}: {value}" for name, value in headers.items())]
    if "transfer-encoding" not in headers and "content-length" not in headers:
        fields.append(f"content-length: {len(body)}")
    return "\r\n".join(fields).encode("latin-1") + b"\r\n\r\n" + body


# HTTP and signatures that are not as they should be


def odd_http(place: Place, target: str, body: bytes, random: Random) -> bytes:
    """A request that is odd as HTTP, or whose signature is."""
    return random.choice(_ODD)(place, target, body, random)


def _unsigned(place: Place, target: str, body: bytes, random: Random) -> bytes:
    headers = place.signed(target, body)
    return http(
        {**headers, "authorization": random.choice(("", "Basic eDp5", "AWS4-HMAC-SHA256"))}, body
    )


def _tampered(place: Place, target: str, body: bytes, random: Random) -> bytes:
    return http(place.signed(target, body), body + b" ")


def _garbled_header(place: Place, target: str, body: bytes, random: Random) -> bytes:
    headers = place.signed(target, body)
    name = random.choice(sorted(headers))
    value = headers[name]
    at = random.randrange(len(value))
    headers[name] = value[:at] + random.choice(("", "\xff", "=", ",", "A" * 9000)) + value[at + 1 :]
    return http(headers, body)


def _old(place: Place, target: str, body: bytes, random: Random) -> bytes:
    headers = place.signed(target, body)
    return http({**headers, "x-amz-date": "20150830T123600Z"}, body)


def _other_target(place: Place, target: str, body: bytes, random: Random) -> bytes:
    other = random.choice(("", "TrentService.", target.lower(), target + "x", "Keyspan.Nothing"))
    return http(place.signed(other, body), body)


def _chunked(place: Place, target: str, body: bytes, random: Random) -> bytes:
    headers = {**place.signed(target, body), "transfer-encoding": "chunked"}
    middle = random.randint(0, len(body))
    parts = b"".join(
        b"%x\r\n%s\r\n" % (len(each), each) for each in (body[:middle], body[middle:]) if each
    )
    return http(headers, parts + b"0\r\n\r\n")


def _bad_chunks(place: Place, target: str, body: bytes, random: Random) -> bytes:
    headers = {**place.signed(target, body), "transfer-encoding": "chunked"}
    return http(
        headers,
        random.choice((b"zz\r\nx\r\n", b"-1\r\n", b"5\r\nabc", b"ffffffffffffffffff\r\n"))
        + b"0\r\n\r\n",
    )


def _other_line(place: Place, target: str, body: bytes, random: Random) -> bytes:
    lines = (
        "GET / HTTP/1.1",
        "PUT / HTTP/1.1",
        "POST /x HTTP/1.1",
        "POST /?a=b HTTP/1.1",
        "POST / HTTP/1.0",
        "POST / HTTP/9.9",
        "POST http://kms.test/ HTTP/1.1",
        "POST /%ff HTTP/1.1",
    )
    return http(place.signed(target, body), body, random.choice(lines))


def _bad_length(place: Place, target: str, body: bytes, random: Random) -> bytes:
    length = random.choice(("-1", "x", "1e3", "9" * 30, f"{len(body)}, {len(body)}"))
    return http({**place.signed(target, body), "content-length": length}, body)


def _expecting(place: Place, target: str, body: bytes, random: Random) -> bytes:
    return http({**place.signed(target, body), "expect": "100-continue"}, body)


def _compressed(place: Place, target: str, body: bytes, random: Random) -> bytes:
    return http({**place.signed(target, body), "content-encoding": "gzip"}, body)


def _other_type(place: Place, target: str, body: bytes, random: Random) -> bytes:
    kind = random.choice(("text/plain", "", "application/json; charset=utf-16", "\xff/\xff"))
    return http({**place.signed(target, body), "content-type": kind}, body)


def _noise(place: Place, target: str, body: bytes, random: Random) -> bytes:
    return random.randbytes(random.randint(1, 200)) + b"\r\n\r\n"


_ODD: tuple[Callable[[Place, str, bytes, Random], bytes], ...] = (
    _unsigned,
    _tampered,
    _garbled_header,
    _old,
    _other_target,
    _chunked,
    _bad_chunks,
    _other_line,
    _bad_length,
    _expecting,
    _compressed,
    _other_type,
    _noise,
)
