"""From an answer to bytes (RFC 9112, section 4; RFC 9110, section 6.6.1 for `Date`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import msgspec

from node.wire.messages import WireResponse

SERVER_NAME: Final = "Keyspan"  # without a version: strangers need not know it
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_STATUS_LINES: Final[Mapping[int, str]] = MappingProxyType(
    {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n" for each in HTTPStatus}
)


class ResponseWriter:
    """Writes responses; keeps the text of `Date` for as long as it is true."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """`now` gives epoch seconds."""
        self._now = now
        self._second = -1
        self._heads: Mapping[int, str] = {}  # of this second, by status: all but the own headers

    def encode(
        self, response: WireResponse, *, last: bool = False, bodyless: bool = False
    ) -> bytes:
        """`last`: no other follows on this connection. `bodyless`: the answer to HEAD."""
        second = int(self._now())
        if second != self._second:
            self._second = second
            common = f"Server: {SERVER_NAME}\r\nDate: {formatdate(second, usegmt=True)}\r\n"
            self._heads = {status: line + common for status, line in _STATUS_LINES.items()}
        body, own = (
            response.body,
            [f"{name}: {text}\r\n" for name, text in response.headers.items()],
        )
        ending = "Connection: close\r\n\r\n" if last else "\r\n"
        head = (
            f"{self._heads[response.status]}{''.join(own)}Content-Length: {len(body)}\r\n{ending}"
        ).encode("latin-1")
        return head if bodyless else head + body


def plain_response(
    status: int, message: str, headers: Mapping[str, str] = MappingProxyType({})
) -> WireResponse:
    """An answer that is HTTP's, not KMS's: `{"message": …}`."""
    return json_response(status, {"message": message}, headers)


def json_response(
    status: int, body: Mapping[str, str], headers: Mapping[str, str] = MappingProxyType({})
) -> WireResponse:
    """An answer in JSON."""
    described = {"Content-Type": "application/json; charset=utf-8", **headers}
    return WireResponse(status, described, msgspec.json.encode(body))
