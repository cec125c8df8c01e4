"""Reference (f): the honest minimum on a raw asyncio protocol, parsed by httptools.

It believes whatever is sent: no limit, no time, no order beside what the socket gives.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from functools import partial
from pathlib import Path
from typing import cast

import httptools
import uvloop

from bench.references.minimum import CONTENT_TYPE, Minimum, minimum

HEAD = f"HTTP/1.1 %d OK\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: %d\r\n\r\n".encode()


class Connection(asyncio.Protocol):
    """One connection; the methods `on_…` are called by httptools."""

    def __init__(self, honest: Minimum) -> None:
        self._honest = honest
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path, self._body = url.decode(), b""
        self._headers: dict[str, str] = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode().lower()] = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        body = self._honest.answer(method, self._path, self._headers, self._body)
        self._transport.write(HEAD % (200 if body else 403, len(body)) + body)


async def serve(port: int, honest: Minimum) -> asyncio.Server:
    """A server that answers."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(partial(Connection, honest), "127.0.0.1", port)


async def main(port: int, credentials: Path) -> None:
    server = await serve(port, minimum(credentials))
    gc.freeze()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2])))
