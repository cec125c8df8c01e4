"""The operations of the query protocol: found by service, version and action."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import msgspec

from node.model import errors
from node.wire.errors import wire_error
from node.wire.messages import Heard, Operation, WireRequest, WireResponse
from node.wire.query.decoding import FormDecoder
from node.wire.query.operation_names import OPERATION_NAMES
from node.wire.query.services import (
    FAULT_NAMESPACE,
    GLOBAL_REGION,
    SERVICES,
    SKEW_MINUTES,
    QueryService,
    service_of,
)
from node.wire.query.xml import Encoder, error_body
from node.wire.routes import Route, not_called, utf8
from node.wire.sigv4 import Accepted, service_claimed
from node.wire.urlencoded import first

FORM_TYPE: Final = "application/x-www-form-urlencoded"
XML_TYPE: Final = "text/xml"
NO_VERSION: Final = "NO_VERSION_SPECIFIED"
TARGET_MOST: Final = 256  # characters of an action that a stranger may have noted
_TEXTS: Final[dict[type[errors.KmsError], str]] = {
    errors.MissingAuthenticationToken: "Request is missing Authentication Token",
    errors.Throttling: "Rate exceeded",
}
"""What these services say where KMS has another sentence."""


def is_query(request: WireRequest) -> bool:
    """Whether a request speaks the query protocol."""
    return (
        request.method == "GET"
        or bool(request.query)
        or request.headers.get("content-type", "").lower().startswith(FORM_TYPE)
    )


class QueryRoutes:
    """The operations of the query services."""

    def __init__(
        self, operations: Iterable[Operation], region: str, changes: Callable[[str], bool]
    ) -> None:
        """`changes` tells, by target, whether an operation may change something."""
        regions = tuple(dict.fromkeys((region, GLOBAL_REGION)))
        accepted = {
            name: Accepted(name, regions, SKEW_MINUTES, service.user_sessions)
            for name, service in SERVICES.items()
        }
        self._routes: dict[tuple[str, str], Route] = {}
        self._unserved = {
            name: Route(
                not_called,
                _unserved,
                partial(_respond, Encoder("", service.namespace)),
                accepted[name],
                changes=False,
            )
            for name, service in SERVICES.items()
        }
        for each in operations:
            service, action = SERVICES[each.service], each.target.partition(".")[2]
            self._routes[each.service, action] = Route(
                each.handler,
                _of_form(FormDecoder(each.request)),
                partial(_respond, Encoder(action, service.namespace)),
                accepted[each.service],
                changes(each.target),
            )

    def hear(self, request: WireRequest, request_id: str) -> Heard:
        """See node.wire.routes.Routes. The target is the service and the action."""
        form = form_of(request)
        service = _service(request, form)
        target = utf8(f"{service.name}.{first(form, 'Action') or ''}"[:TARGET_MOST])
        return Heard(request, request_id, target, dialect="query")

    def find(self, heard: Heard) -> Route:
        """See node.wire.routes.Routes. Raises MissingAction or InvalidAction."""
        form = form_of(heard.request)
        action, version = first(form, "Action"), first(form, "Version")
        if action is None:
            raise errors.MissingAction
        service = _service(heard.request, form)
        route = self._routes.get((service.name, action))
        if version == service.version and action in OPERATION_NAMES[service.name]:
            route = route or self._unserved[service.name]
        if route is None or version != service.version:
            told = NO_VERSION if version is None else version
            raise errors.InvalidAction(f"Could not find operation {action} for version {told}")
        return route

    def refusal(self, heard: Heard, error: errors.KmsError) -> WireResponse:
        """See node.wire.routes.Routes."""
        kind = type(error)
        name, status = wire_error(error, "query")
        message = (
            _TEXTS.get(kind, error.message) if error.message == kind.default else error.message
        )
        namespace = _service(heard.request, form_of(heard.request)).namespace
        body = error_body(
            name,
            message,
            sender=status < 500,
            namespace=FAULT_NAMESPACE if kind is errors.InvalidAction else namespace,
            request_id=heard.request_id,
        )
        return _response(status, heard.request_id, body)


def form_of(request: WireRequest) -> str:
    """The parameters of a request as they were sent: of its query string, then of its body."""
    body = request.body.decode("utf-8", "replace")
    return f"{request.query}&{body}" if request.query else body


def _service(request: WireRequest, form: str) -> QueryService:
    return service_of(service_claimed(request), first(form, "Version") or "")


def _unserved(request: WireRequest) -> Any:
    """The decoding of an operation that is not served: told by name, to those who have signed."""
    action = first(form_of(request), "Action")
    raise errors.NotAvailableYet(f"{action} is not available in Keyspan yet.")


def _of_form(decoder: FormDecoder) -> Callable[[WireRequest], Any]:
    return lambda request: decoder.decode(form_of(request))


def _respond(encoder: Encoder, output: msgspec.Struct | None, request_id: str) -> WireResponse:
    return _response(200, request_id, encoder.encode(output, request_id))


def _response(status: int, request_id: str, body: bytes) -> WireResponse:
    return WireResponse(status, {"x-amzn-RequestId": request_id, "Content-Type": XML_TYPE}, body)
