"""Asks a node the same thing again and again, at as little cost to the machine as can be: the
request is signed once (a signature lives for five minutes) and kept as bytes.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Final

from bench.errors import BenchError
from bench.replay import Signer

_PATIENCE_SECONDS: Final = 10.0
_READ_BYTES: Final = 65_536
_LENGTH: Final = b"\r\ncontent-length: "


class Watch:
    """One request on a kept connection."""

    def __init__(self, signer: Signer, operation: str, body: bytes) -> None:
        host, port = signer.host.split(":")
        (self._request,) = signer.replay(operation, [body], time.time())
        self._socket = socket.create_connection((host, int(port)), _PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> dict[str, Any]:
        """The decoded answer, whatever its status. OSError or BenchError where none comes."""
        self._socket.sendall(self._request)
        answer = self._socket.recv(_READ_BYTES)
        while not _whole(answer):
            more = self._socket.recv(_READ_BYTES)
            if not more:
                raise BenchError("a node closed the connection before it had answered.")
            answer += more
        found: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return found

    def close(self) -> None:
        """Give the connection back."""
        self._socket.close()


def _whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    _, told, rest = head.lower().partition(_LENGTH)
    return bool(end) and bool(told) and len(body) == int(rest.partition(b"\r\n")[0])
