"""What passes between transport, protocol and operations: fixed values and small ports.

`WireRequest` and `WireResponse` are HTTP without a socket. `Call` is what an operation learns of
its caller. They are made for each request, and their `__init__` is written out: compiled, it and
each attribute cost a tenth of what a frozen dataclass costs, or a msgspec struct (decision 0028).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import msgspec

from node.model.errors import KmsError
from node.model.principal import Credential, Principal
from node.wire.errors import Dialect


@dataclass(init=False, repr=False, slots=True)
class WireRequest:
    """One HTTP request, read to its end.

    `headers` has lower-case names and values without blanks around them; a name that came more
    than once has its values joined with a comma, as Signature Version 4 does. `path` and `query`
    are as they were on the request line, still percent-encoded, without the question mark.
    """

    method: Final[str]
    path: Final[str]
    query: Final[str]
    headers: Final[Mapping[str, str]]
    body: Final[bytes]
    source_address: Final[str]

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        source_address: str,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.source_address = source_address

    def __repr__(self) -> str:
        return f"WireRequest({self.method} {self.path}, {len(self.body)} bytes)"


@dataclass(init=False, repr=False, slots=True)
class WireResponse:
    """One HTTP response."""

    status: Final[int]
    headers: Final[Mapping[str, str]]
    body: Final[bytes]

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"WireResponse({self.status}, {len(self.body)} bytes)"


@dataclass(init=False, slots=True)
class Call:
    """Who asks, and under which request ID. `received` is epoch seconds of this node's clock.

    Whoever finds out what the call is about adds the ARN to `resources`, for the audit record.
    """

    principal: Final[Principal]
    request_id: Final[str]
    source_address: Final[str]
    user_agent: Final[str]
    received: Final[float]
    resources: Final[list[str]]

    def __init__(
        self,
        principal: Principal,
        request_id: str,
        source_address: str,
        user_agent: str,
        received: float,
        resources: list[str],
    ) -> None:
        self.principal = principal
        self.request_id = request_id
        self.source_address = source_address
        self.user_agent = user_agent
        self.received = received
        self.resources = resources


class Heard:
    """What is known of one request so far, for its audit record; filled in as it is answered.

    `access_key_id` is what the request names; it is proved once `principal` is there. `asked` and
    `output` are the decoded request and the response, `error` is what it is refused with.
    """

    __slots__ = (
        "access_key_id",
        "asked",
        "dialect",
        "error",
        "output",
        "principal",
        "request",
        "request_id",
        "resources",
        "target",
    )

    def __init__(
        self, request: WireRequest, request_id: str, target: str, dialect: Dialect = "json"
    ) -> None:
        self.request: Final = request
        self.request_id: Final = request_id
        self.target = target
        self.dialect: Final = dialect
        self.access_key_id: str | None = None
        self.principal: Principal | None = None
        self.resources: list[str] = []
        self.asked: msgspec.Struct | None = None
        self.output: msgspec.Struct | None = None
        self.error: KmsError | None = None


Handler: TypeAlias = Callable[[Call, Any], Awaitable[msgspec.Struct | None]]
"""What does an operation: from the caller and the request to the answer."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its target on the wire, the shape of its request, and what does it.

    Of the query protocol, the target is the service and the action: "sts.GetCallerIdentity".

    The handler answers with a response shape, or None where KMS answers with an empty body. It
    raises `node.model.errors.KmsError` for everything that the caller shall know.
    """

    target: str  # as in X-Amz-Target: "TrentService.Encrypt"
    request: type[msgspec.Struct]
    handler: Handler
    service: str = "kms"  # that requests are signed for


class CredentialSource(Protocol):
    """Where access keys are found."""

    def cached(self, access_key_id: str) -> Credential | None:
        """The credential if it is at hand. No I/O: this is the hot path."""

    async def find(self, access_key_id: str) -> Credential | None:
        """The credential, or None where there is no such access key. May read the store."""

    def cached_session(self, access_key_id: str, token: str, now: float) -> Credential | None:
        """The temporary credential of a session token, if it is at hand. No I/O."""

    async def session(self, access_key_id: str, token: str, now: float) -> Credential:
        """The temporary credential of a session token at `now` (epoch seconds).

        Raises UnrecognizedClient if the token is none, or not this access key's, and ExpiredToken.
        """
        ...


Settled = Callable[[bool], None]
"""Told whether what was recorded is kept."""


class Audit(Protocol):
    """Where calls are recorded (decision D9: no request without its audit record)."""

    @property
    def problem(self) -> str | None:
        """Why no call can be taken now, for operators; None if all is well."""

    def admit(self) -> None:
        """Raise Internal if no call can be taken now, because it could not be recorded."""

    def changes(self, target: str) -> bool:
        """Whether an operation may change something, so that it is told of before it begins."""

    async def begin(self, heard: Heard) -> None:
        """Tell of a call before it changes something, durably. Raises Internal."""

    def note(self, heard: Heard) -> None:
        """Record a call. Its reply may leave when `settle` says so."""

    def settle(self, then: Settled) -> bool:
        """Whether replies to what was recorded so far may leave now. If not yet, `then` is called
        once, from the event loop and from no task: with True when they may, with False if what was
        recorded cannot be kept. Raises Internal if that is known now.
        """


class Clock(Protocol):
    """The time. Signatures are checked against real time, also where tests move other clocks."""

    def now(self) -> float:
        """Epoch seconds (UTC)."""
