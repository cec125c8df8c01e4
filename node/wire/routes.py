"""From a request to its operation: what is the same for every request of one, made once.

Two dialects share the steps of protocol.py: AWS JSON 1.1, here, and the query protocol (query/).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from node.model import errors
from node.wire.decoding import Decoder
from node.wire.errors import error_body, wire_error
from node.wire.messages import Call, Heard, Operation, WireRequest, WireResponse
from node.wire.operation_names import OPERATION_NAMES, TARGET_PREFIX
from node.wire.sigv4 import Accepted

JSON_TYPE = "application/x-amz-json-1.1"
KMS = "kms"


@dataclass(frozen=True, slots=True)
class Route:
    """An operation, with how its requests are read and its answers are written.

    `decode` raises Serialization or Validation, `respond` takes the output and the request ID.
    """

    handler: Callable[[Call, Any], Awaitable[msgspec.Struct | None]]
    decode: Callable[[WireRequest], Any]
    respond: Callable[[msgspec.Struct | None, str], WireResponse]
    accepted: Accepted
    changes: bool  # the audit trail is told before, not only after


class Routes(Protocol):
    """The operations of one dialect."""

    def hear(self, request: WireRequest, request_id: str) -> Heard:
        """What is known of a request at first sight."""

    def find(self, heard: Heard) -> Route:
        """The route of a request. Raises what is told to anyone whose operation does not exist."""

    def refusal(self, heard: Heard, error: errors.KmsError) -> WireResponse:
        """The answer that says an error."""


class JsonRoutes:
    """The operations that are addressed by X-Amz-Target."""

    def __init__(
        self, operations: Iterable[Operation], region: str, changes: Callable[[str], bool]
    ) -> None:
        """`changes` tells, by target, whether an operation may change something."""
        accepted = {each.service: Accepted(each.service, (region,)) for each in operations}
        accepted.setdefault(KMS, Accepted(KMS, (region,)))
        self._encode = msgspec.json.Encoder().encode
        self._routes = {
            TARGET_PREFIX + name: Route(
                not_called, _unavailable(name), self._respond, accepted[KMS], changes=False
            )
            for name in OPERATION_NAMES
        }
        for each in operations:
            self._routes[each.target] = Route(
                each.handler,
                Decoder(each.request).read,
                self._respond,
                accepted[each.service],
                changes(each.target),
            )

    def hear(self, request: WireRequest, request_id: str) -> Heard:
        """See Routes."""
        target = request.headers.get("x-amz-target", "")
        return Heard(request, request_id, target if target.isascii() else utf8(target))

    def find(self, heard: Heard) -> Route:
        """See Routes. Raises UnknownOperation."""
        route = self._routes.get(heard.target)
        if route is None:
            raise errors.UnknownOperation
        return route

    def refusal(self, heard: Heard, error: errors.KmsError) -> WireResponse:
        """See Routes."""
        return json_refusal(error, heard.request_id)

    def _respond(self, output: msgspec.Struct | None, request_id: str) -> WireResponse:
        return WireResponse(
            200,
            {"x-amzn-RequestId": request_id, "Content-Type": JSON_TYPE},
            b"" if output is None else self._encode(output),
        )


def json_refusal(error: errors.KmsError, request_id: str) -> WireResponse:
    """The answer of AWS JSON 1.1 that says an error."""
    headers = {"x-amzn-RequestId": request_id, "Content-Type": JSON_TYPE}
    return WireResponse(wire_error(error).status, headers, error_body(error))


def utf8(header: str) -> str:
    """A header fit to be stored: bytes that are not UTF-8 become question marks."""
    return header if header.isascii() else header.encode("utf-8", "replace").decode()


def _unavailable(name: str) -> Callable[[WireRequest], Any]:
    """The decoding of an operation that is not served: told by name, to those who have signed."""

    def refuse(request: WireRequest) -> Any:
        raise errors.NotAvailableYet(f"{name} is not available in Keyspan yet.")

    return refuse


async def not_called(call: Call, asked: Any) -> msgspec.Struct | None:
    """The handler of an operation whose decoding always refuses."""
    raise errors.Internal
