"""The fallback load generator, for machines without wrk: asyncio on raw sockets.

    KEYSPAN_REPLAY=FILE python -m bench.load.sockets HOST:PORT CONNECTIONS SECONDS

Each connection sends the next request as soon as it has read the answer to the last, as wrk does.
It reads just as much of HTTP as the servers under measurement answer (RFC 9112: a status line,
Content-Length, a body) and counts anything else as broken. The last line is a `LoadResult`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import sys
import time
from collections.abc import Awaitable, Iterator, Sequence
from pathlib import Path
from typing import cast

import uvloop

from bench.load.result import LoadResult, result_of, written
from bench.replay import requests_of

_HEAD_END = b"\r\n\r\n"
_STATUS_AT = slice(9, 12)  # HTTP/1.1 200 OK
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Tally:
    """What all connections together have seen."""

    def __init__(self) -> None:
        self.latencies: list[float] = []  # seconds
        self.refused = 0
        self.broken = 0


class Replayer(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        self._requests = requests
        self._tally = tally
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of no common class
        self._send(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = parsed(self._received)
        if answer is None or self._transport is None:
            return
        size, status = answer
        self._tally.latencies.append(time.perf_counter() - self._sent)
        self._tally.refused += not 200 <= status < 300
        self._received = self._received[size:]
        self._send(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.broken += self._transport is not None
        self._transport = None

    def finish(self) -> None:
        """End it, without counting that as broken."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def _send(self, transport: asyncio.Transport) -> None:
        self._sent = time.perf_counter()
        transport.write(next(self._requests))


def parsed(received: bytes) -> tuple[int, int] | None:
    """The size and the status of the answer at the start of `received`, once it is complete."""
    head_end = received.find(_HEAD_END)
    if head_end < 0:
        return None
    length = _LENGTH.search(received, 0, head_end + 2)
    size = head_end + len(_HEAD_END) + (int(length[1]) if length else 0)
    return (size, int(received[_STATUS_AT])) if len(received) >= size else None


async def replay(
    host: str, port: int, connections: int, requests: Sequence[bytes], until: Awaitable[object]
) -> LoadResult:
    """Replay until something has come about. Raises OSError where there is no server."""
    tally, turns = Tally(), itertools.cycle(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: Replayer(turns, tally), host, port)
        for _ in range(connections)
    ]
    await until
    for _, replayer in made:
        replayer.finish()
    took = time.perf_counter() - started
    return result_of(tally.latencies, took, tally.refused, tally.broken)


async def _main(requests: Sequence[bytes], address: str, connections: str, seconds: str) -> None:
    host, _, port = address.partition(":")
    until = asyncio.sleep(float(seconds))
    sys.stdout.write(written(await replay(host, int(port), int(connections), requests, until)))


if __name__ == "__main__":
    replayed = requests_of(Path(os.environ["KEYSPAN_REPLAY"]).read_bytes())
    uvloop.run(_main(replayed, *sys.argv[1:]))
