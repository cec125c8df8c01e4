"""Requests signed beforehand, as bytes that a load generator only has to send.

A signature lives for five minutes (node/wire/sigv4/timestamp.py), so requests are signed anew for
each cell. The headers are those that boto3 sends with them, in its order.

A replay file holds, for each request, its length in decimal on a line of its own, then its bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.operations import target
from node.settings import Administrator
from node.wire.messages import WireRequest
from node.wire.sigv4 import Scope, sign

LONGEST_CELL_SECONDS: Final = 240.0  # leaves a minute of a signature's life for what goes before

_USER_AGENT: Final = (
    "Boto3/1.44 md/Botocore#1.44 ua/2.1 os/linux lang/python#3.11 cfg/retry-mode#legacy"
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests to one server."""

    host: str  # as in the Host header: 127.0.0.1:4601
    scope: Scope
    administrator: Administrator

    def signed(self, operation: str, body: bytes, now: float) -> WireRequest:
        """The request for `operation`, with the headers that are signed and their signature."""
        headers = {
            "host": self.host,
            "x-amz-target": target(operation),
            "content-type": "application/x-amz-json-1.1",
        }
        request = WireRequest("POST", "/", "", headers, body, "127.0.0.1")
        access_key_id = self.administrator.access_key_id
        secret = self.administrator.secret_access_key
        signature = sign(request, access_key_id, secret, self.scope, now)
        return WireRequest("POST", "/", "", {**headers, **signature}, body, "127.0.0.1")

    def replay(self, operation: str, bodies: Sequence[bytes], now: float) -> list[bytes]:
        """One request on the wire for each body."""
        return [
            encode(self.signed(operation, body, now), number) for number, body in enumerate(bodies)
        ]


def encode(request: WireRequest, number: int) -> bytes:
    """The request as it goes over the wire, with the unsigned headers that an SDK adds."""
    headers = {
        **request.headers,
        "accept-encoding": "identity",
        "user-agent": _USER_AGENT,
        "amz-sdk-invocation-id": str(uuid.UUID(int=number, version=4)),
        "amz-sdk-request": "attempt=1",
        "content-length": str(len(request.body)),
    }
    lines = [f"{request.method} {request.path} HTTP/1.1", *map(": ".join, headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def replay_file(requests: Iterable[bytes]) -> bytes:
    """The text of a replay file."""
    return b"".join(b"%d\n%s" % (len(request), request) for request in requests)


def requests_of(replay: bytes) -> list[bytes]:
    """The requests of a replay file."""
    requests, at = [], 0
    while at < len(replay):
        start = replay.index(b"\n", at) + 1
        at = start + int(replay[at:start])
        requests.append(replay[start:at])
    return requests
