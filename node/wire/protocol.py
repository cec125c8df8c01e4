"""One request: find the operation, know the caller, decode, call, encode.

The steps are in the order of AWS: an operation that does not exist is told to anyone; everything
else only to a caller who has signed. Whatever happens, the answer is one of AWS: an error of
ours is `KMSInternalException` without detail, and the log has the rest under the request ID. And
whatever happens is recorded before the answer leaves (decision D9).

Source: Smithy, "AWS JSON 1.1 protocol" and "AWS query protocol"; KMS API Reference.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Final

from node.model import errors
from node.model.principal import Credential
from node.wire import sigv4
from node.wire.messages import (
    Audit,
    Call,
    Clock,
    CredentialSource,
    Heard,
    Operation,
    WireRequest,
    WireResponse,
)
from node.wire.query.routes import QueryRoutes, is_query
from node.wire.query.services import SERVICES
from node.wire.routes import JsonRoutes, Route, Routes, json_refusal, utf8

__all__ = [
    "Call",
    "Clock",
    "CredentialSource",
    "Operation",
    "WireProtocol",
    "WireRequest",
    "WireResponse",
]

CLAIMS_KEPT = 4096
SIGNING_KEYS_KEPT = 4096

log = logging.getLogger("keyspan.wire")


class Answer:
    """What a request came to, which is `noted` in the audit trail or was not admitted to it."""

    __slots__ = ("heard", "noted", "response", "routes")

    def __init__(
        self, response: WireResponse, routes: Routes, heard: Heard, *, noted: bool = True
    ) -> None:
        self.response: Final = response
        self.routes: Final = routes
        self.heard: Final = heard
        self.noted: Final = noted

    def unrecorded(self) -> WireResponse:
        """What leaves in its place if its record cannot be kept."""
        return self.routes.refusal(self.heard, errors.Internal())


class WireProtocol:
    """Answers requests from a table of operations; knows HTTP's words but no socket."""

    def __init__(
        self,
        operations: Mapping[str, Operation],
        credentials: CredentialSource,
        clock: Clock,
        region: str,
        request_ids: Callable[[], str],
        audit: Audit,
    ) -> None:
        """`operations` by target; `request_ids` gives a fresh UUID for each request."""
        served = operations.values()
        self._json = JsonRoutes(
            [each for each in served if each.service not in SERVICES], region, audit.changes
        )
        self._query = QueryRoutes(
            [each for each in served if each.service in SERVICES], region, audit.changes
        )
        self._credentials = credentials
        self._clock = clock
        self._claims = sigv4.Claims(CLAIMS_KEPT)
        self._signing_keys = sigv4.SigningKeys(SIGNING_KEYS_KEPT)
        self._request_ids = request_ids
        self._audit = audit

    @property
    def problem(self) -> str | None:
        """Why every call is refused now, for operators; None if all is well."""
        return self._audit.problem

    async def handle(self, request: WireRequest) -> WireResponse:
        """The answer to `request`, when it may leave. Raises nothing but what ends the task."""
        answer = await self.answer(request)
        waiter: asyncio.Future[WireResponse] = asyncio.get_running_loop().create_future()

        def tell(response: WireResponse) -> None:
            if not waiter.done():  # else its caller was cancelled
                waiter.set_result(response)

        return self.recorded(answer, tell) or await waiter

    def recorded(self, answer: Answer, then: Callable[[WireResponse], None]) -> WireResponse | None:
        """What may leave now for an answer; None if `then` is told that later, when the call's
        record is durable. What could not be recorded is not told of: then a refusal leaves.
        """
        if not answer.noted:
            return answer.response

        def settled(kept: bool) -> None:
            then(answer.response if kept else answer.unrecorded())

        try:
            return answer.response if self._audit.settle(settled) else None
        except errors.KmsError:
            return answer.unrecorded()

    async def answer(self, request: WireRequest) -> Answer:
        """What `request` comes to. It may leave when `recorded` says so, and not before.

        Raises nothing but what ends the task.
        """
        routes = self._routes_of(request)
        heard = routes.hear(request, self._request_ids())
        try:
            self._audit.admit()
        except errors.KmsError as error:
            return Answer(routes.refusal(heard, error), routes, heard, noted=False)
        response = await self._answer(routes, heard)
        self._audit.note(heard)
        return Answer(response, routes, heard)

    def refusal(self, error: errors.KmsError) -> WireResponse:
        """The answer that says `error`, for what the transport refuses before reading."""
        return json_refusal(error, self._request_ids())

    def turned_away(self, request: WireRequest, error: errors.KmsError) -> WireResponse:
        """The same, in the dialect of a request that was read and is not looked into."""
        routes = self._routes_of(request)
        return routes.refusal(routes.hear(request, self._request_ids()), error)

    def passed_on(self, request: WireRequest, response: WireResponse) -> Answer:
        """The answer to a request that another process of the region has answered and recorded."""
        routes = self._routes_of(request)
        return Answer(response, routes, routes.hear(request, self._request_ids()), noted=False)

    def _routes_of(self, request: WireRequest) -> Routes:
        by_target = "x-amz-target" in request.headers or not is_query(request)
        return self._json if by_target else self._query

    async def _answer(self, routes: Routes, heard: Heard) -> WireResponse:
        try:
            return await self._perform(routes.find(heard), heard)
        except errors.KmsError as error:
            heard.error = error
        except Exception as error:  # noqa: BLE001 - the last door: a caller never sees a traceback
            _log_fault(heard, error)
            heard.error = errors.Internal()
        except BaseException:  # the task ends, and no answer leaves
            heard.error = errors.Internal()
            self._audit.note(heard)
            raise
        return routes.refusal(heard, heard.error)

    async def _perform(self, route: Route, heard: Heard) -> WireResponse:
        request = heard.request
        received = self._clock.now()
        claim = self._claims.read(request, route.accepted, received)
        heard.access_key_id = claim.access_key_id
        credential = (
            None if claim.token else self._credentials.cached(claim.access_key_id)
        ) or await self._credential(claim, route.accepted, received)
        if not credential.active:
            raise errors.UnrecognizedClient
        sigv4.verify(request, claim, credential, self._signing_keys)
        self._claims.proved(request, route.accepted, claim)
        heard.principal = credential.principal
        call = Call(
            credential.principal,
            heard.request_id,
            request.source_address,
            utf8(request.headers.get("user-agent", "")),
            received,
            heard.resources,
        )
        heard.asked = asked = route.decode(request)
        if route.changes:
            await self._audit.begin(heard)
        heard.output = output = await route.handler(call, asked)
        return route.respond(output, heard.request_id)

    async def _credential(
        self, claim: sigv4.Claim, accepted: sigv4.Accepted, now: float
    ) -> Credential:
        """The credential that a claim names: of a session, or one that is not at hand."""
        source, name = self._credentials, claim.access_key_id
        if not claim.token:
            found = await source.find(name)
            if found is None:
                raise errors.UnrecognizedClient
            return found
        credential = source.cached_session(name, claim.token, now)
        credential = credential or await source.session(name, claim.token, now)
        if not accepted.user_sessions and credential.principal.kind != "AssumedRole":
            raise errors.UnrecognizedClient
        return credential


def _log_fault(heard: Heard, error: Exception) -> None:
    """Says where it broke, not with which values: an exception's text may quote its input."""
    where = "".join(traceback.format_tb(error.__traceback__))
    name = type(error).__name__
    log.error("request %s (%s): %s\n%s", heard.request_id, heard.target, name, where)
