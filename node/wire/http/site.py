"""What a node answers where: `POST /` is the API, and so is `GET /` with a query string, as in the
query protocol's presigned requests; `GET /health` says that it answers, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from node.model import errors
from node.wire.http.refusal import Refusal
from node.wire.http.response import json_response, plain_response
from node.wire.limits import Limits
from node.wire.messages import WireRequest, WireResponse
from node.wire.protocol import Answer

_ALLOWED: Final = MappingProxyType({"/": "POST", "/health": "GET"})
_PLAIN: Final[Mapping[Refusal, WireResponse]] = MappingProxyType(
    {
        Refusal.MALFORMED: plain_response(400, "The request is not valid HTTP."),
        Refusal.MALFORMED_BODY: plain_response(400, "The request body is not valid HTTP."),
        Refusal.UNKNOWN_EXPECTATION: plain_response(417, "Only 100-continue may be expected."),
        Refusal.UPGRADE_WITH_BODY: plain_response(501, "Only HTTP/1.1 is spoken here."),
    }
)
FAULT: Final = plain_response(500, "Internal error.")


class Answering(Protocol):
    """What answers calls (node.wire.protocol.WireProtocol)."""

    @property
    def problem(self) -> str | None: ...

    def answer(self, request: WireRequest) -> Coroutine[Any, Any, Answer]: ...

    def recorded(
        self, answer: Answer, then: Callable[[WireResponse], None]
    ) -> WireResponse | None: ...

    def refusal(self, error: errors.KmsError) -> WireResponse: ...

    def turned_away(self, request: WireRequest, error: errors.KmsError) -> WireResponse: ...


class Site:
    """The answers of one node, for every connection."""

    def __init__(self, protocol: Answering, limits: Limits) -> None:
        self.call: Callable[[WireRequest], Coroutine[Any, Any, Answer]] = protocol.answer
        self.recorded = protocol.recorded
        self._protocol = protocol
        self._limits = limits

    def place(self, request: WireRequest) -> WireResponse | None:
        """The answer that the place alone gives, or None where `call` is to be asked."""
        if request.path == "/" and (
            request.method == "POST" or (request.method == "GET" and request.query)
        ):
            return None
        allowed = _ALLOWED.get(request.path)
        if allowed is None:
            return plain_response(404, "Keyspan answers POST / and GET /health.")
        if request.method != allowed:
            message = f"{request.path} answers {allowed} only."
            return plain_response(405, message, {"Allow": allowed})
        return self._health()

    def too_many(self, request: WireRequest) -> WireResponse:
        """The answer to a call above what its address may make: KMS's, unread and unproved."""
        return self._protocol.turned_away(request, errors.Throttling())

    def _health(self) -> WireResponse:
        """503 and the reason while every call is refused."""
        problem = self._protocol.problem
        if problem is None:
            return json_response(200, {"status": "ok"})
        return json_response(503, {"status": "unavailable", "reason": problem})

    def refused(self, refusal: Refusal) -> WireResponse:
        """The answer to what was not taken as a request: HTTP's, or KMS's where KMS has one."""
        if refusal is Refusal.TOO_SLOW:
            return self._protocol.refusal(errors.RequestTimeout())
        if refusal is Refusal.TOO_LARGE:
            most = self._limits.body_bytes
            error = errors.RequestEntityTooLarge(f"The request body exceeds {most} bytes.")
            return self._protocol.refusal(error)
        return _PLAIN[refusal]
