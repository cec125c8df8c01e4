"""A node's wire layer with fake operations behind it, and a client that sends raw bytes."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from node.model import errors
from node.model.principal import Credential, Principal
from node.wire import sigv4
from node.wire.messages import Call, Heard, Operation, Settled, WireRequest
from node.wire.protocol import WireProtocol

REGION = "us-east-1"
SCOPE = sigv4.Scope(REGION, "kms")
ACCEPTED = sigv4.Accepted("kms", (REGION,))
PRINCIPAL = Principal(
    "111122223333", "arn:aws:iam::111122223333:user/alice", "AIDAALICE", "IAMUser"
)
CREDENTIAL = Credential("AKIDALICE", "alice's secret", PRINCIPAL, active=True)
RETIRED = Credential("AKIDRETIRED", "an old secret", PRINCIPAL, active=False)
KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


class FakeCredentials:
    """Alice is at hand; others have to be found; finds are counted."""

    def __init__(self) -> None:
        self.at_hand = {CREDENTIAL.access_key_id: CREDENTIAL}
        self.stored = {RETIRED.access_key_id: RETIRED}
        self.sessions: dict[str, Credential] = {}  # by token
        self.finds: list[str] = []

    def cached(self, access_key_id: str) -> Credential | None:
        return self.at_hand.get(access_key_id)

    async def find(self, access_key_id: str) -> Credential | None:
        self.finds.append(access_key_id)
        return self.stored.get(access_key_id)

    def cached_session(self, access_key_id: str, token: str, now: float) -> Credential | None:
        return None

    async def session(self, access_key_id: str, token: str, now: float) -> Credential:
        self.finds.append(access_key_id)
        found = self.sessions.get(token)
        if found is None or found.access_key_id != access_key_id:
            raise errors.UnrecognizedClient
        return found


class FakeAudit:
    """Keeps what was heard of each call; with a `problem`, takes none."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.begun: list[str] = []
        self.changing: frozenset[str] = frozenset()
        self.problem: str | None = None

    def admit(self) -> None:
        if self.problem is not None:
            raise errors.Internal

    def changes(self, target: str) -> bool:
        return target in self.changing

    async def begin(self, heard: Heard) -> None:
        self.begun.append(heard.request_id)

    def note(self, heard: Heard) -> None:
        self.heard.append(heard)

    def settle(self, then: Settled) -> bool:
        self.admit()
        return True


class RealClock:
    """botocore signs with real time, so the node under test reads it too."""

    def now(self) -> float:
        return time.time()


@dataclass
class FixedClock:
    """Time stands where it is put."""

    moment: float = 1_790_000_000.0

    def now(self) -> float:
        return self.moment


@dataclass
class Recorder:
    """Operations that note what reaches them and answer as they are told."""

    calls: list[tuple[Call, Any]] = field(default_factory=list)
    output: msgspec.Struct | None = None
    failure: BaseException | None = None

    async def handle(self, call: Call, request: Any) -> msgspec.Struct | None:
        self.calls.append((call, request))
        if self.failure is not None:
            raise self.failure
        return self.output

    def operation(self, name: str, shape: type[msgspec.Struct]) -> Operation:
        return Operation(f"TrentService.{name}", shape, self.handle)


def request_ids() -> Callable[[], str]:
    """request-1, request-2, …"""
    numbers = itertools.count(1)
    return lambda: f"request-{next(numbers)}"


def protocol(
    *operations: Operation,
    clock: RealClock | FixedClock | None = None,
    credentials: FakeCredentials | None = None,
    audit: FakeAudit | None = None,
    region: str = REGION,
) -> WireProtocol:
    """The protocol in front of `operations`."""
    return WireProtocol(
        {operation.target: operation for operation in operations},
        credentials or FakeCredentials(),
        clock or RealClock(),
        region,
        request_ids(),
        audit or FakeAudit(),
    )


def signed_request(
    target: str,
    body: bytes,
    *,
    now: float | None = None,
    credential: Credential = CREDENTIAL,
    scope: sigv4.Scope = SCOPE,
    extra: dict[str, str] | None = None,
) -> WireRequest:
    """A request as our own client would sign it."""
    headers = {
        "host": "kms.test",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": target,
        **(extra or {}),
    }
    bare = WireRequest("POST", "/", "", headers, body, "192.0.2.1")
    signature = sigv4.sign(
        bare,
        credential.access_key_id,
        credential.secret,
        scope,
        time.time() if now is None else now,
    )
    return WireRequest("POST", "/", "", {**headers, **signature}, body, "192.0.2.1")


def http_bytes(request: WireRequest, extra: bytes = b"") -> bytes:
    """`request` as it goes over a socket; `extra` are further header lines."""
    lines = [f"{request.method} {request.path} HTTP/1.1".encode()]
    lines += [f"{name}: {value}".encode() for name, value in request.headers.items()]
    lines.append(f"content-length: {len(request.body)}".encode())
    return b"\r\n".join(lines) + b"\r\n" + extra + b"\r\n" + request.body


@dataclass(frozen=True)
class RawResponse:
    """One HTTP response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class RawConnection:
    """One TCP connection to a server under test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> RawConnection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def response(self) -> RawResponse | None:
        """The next response, or None where the server has closed instead."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        status_line, *lines = head.decode().rstrip("\r\n").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (each.partition(":") for each in lines)
        }
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return RawResponse(int(status_line.split()[1]), headers, body)

    async def closed(self) -> bool:
        """Whether the server closes without another byte (waits until it does)."""
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        self.writer.close()
