"""AWS JSON 1.1 over one request: find the operation, know the caller, decode, call, encode.

The steps are in the order of KMS: an operation that does not exist is told to anyone; everything
else only to a caller who has signed. Whatever happens, the answer is a KMS answer: an error of
ours is `KMSInternalException` without detail, and the log has the rest under the request ID. And
whatever happens is recorded before the answer leaves (decision D9).

Source: Smithy, "AWS JSON 1.1 protocol"; KMS API Reference.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping

import msgspec

from node.model import errors
from node.model.principal import Principal
from node.wire import sigv4
from node.wire.decoding import Decoder
from node.wire.errors import error_body, wire_error
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
from node.wire.operation_names import TARGET_PREFIX, operation_named

__all__ = [
    "Call",
    "Clock",
    "CredentialSource",
    "Operation",
    "WireProtocol",
    "WireRequest",
    "WireResponse",
]

CONTENT_TYPE = "application/x-amz-json-1.1"
SERVICE = "kms"
SIGNING_KEYS_KEPT = 4096
CLAIMS_KEPT = 4096

log = logging.getLogger("keyspan.wire")


class _Route(msgspec.Struct, frozen=True):
    """An operation with its decoder, which is made once."""

    operation: Operation
    decoder: Decoder
    changes: bool  # the audit trail is told before, not only after
    scope: sigv4.Scope


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
        self._routes = {
            target: _Route(
                operation,
                Decoder(operation.request),
                audit.changes(target),
                sigv4.Scope(region, operation.service),
            )
            for target, operation in operations.items()
        }
        self._credentials = credentials
        self._clock = clock
        self._claims = sigv4.Claims(CLAIMS_KEPT)
        self._scope = sigv4.Scope(region, SERVICE)
        self._signing_keys = sigv4.SigningKeys(SIGNING_KEYS_KEPT)
        self._request_ids = request_ids
        self._encode = msgspec.json.Encoder().encode
        self._audit = audit

    @property
    def problem(self) -> str | None:
        """Why every call is refused now, for operators; None if all is well."""
        return self._audit.problem

    async def handle(self, request: WireRequest) -> WireResponse:
        """The answer to `request`. Raises nothing but what ends the task."""
        target = _utf8(request.headers.get("x-amz-target", ""))  # the audit trail names it
        heard = Heard(request, self._request_ids(), target)
        try:
            self._audit.admit()
            response = await self._answer(heard)
            await self._audit.record(heard)
        except errors.KmsError as error:  # of the audit trail: what happened is not told of
            return self.refusal(error, heard.request_id)
        return response

    async def _answer(self, heard: Heard) -> WireResponse:
        try:
            output = await self._perform(heard)
        except errors.KmsError as error:
            heard.error = error
        except Exception as error:  # noqa: BLE001 - the last door: a caller never sees a traceback
            _log_fault(heard, error)
            heard.error = errors.Internal()
        except BaseException:  # the task ends, and no answer leaves
            heard.error = errors.Internal()
            self._audit.note(heard)
            raise
        else:
            return _response(200, heard.request_id, output)
        return self.refusal(heard.error, heard.request_id)

    def refusal(self, error: errors.KmsError, request_id: str | None = None) -> WireResponse:
        """The answer that says `error`; also for what the transport refuses before reading."""
        status = wire_error(error).status
        return _response(status, request_id or self._request_ids(), error_body(error))

    async def _perform(self, heard: Heard) -> bytes:
        request, target = heard.request, heard.target
        route = self._routes.get(target)
        if route is None and operation_named(target) is None:
            raise errors.UnknownOperation
        received = self._clock.now()
        scope = self._scope if route is None else route.scope
        principal = await self._authenticate(heard, scope, received)
        if route is None:
            name = target.removeprefix(TARGET_PREFIX)
            raise errors.NotAvailableYet(f"{name} is not available in Keyspan yet.")
        call = Call(
            principal,
            heard.request_id,
            request.source_address,
            _utf8(request.headers.get("user-agent", "")),
            received,
            heard.resources,
        )
        heard.asked = asked = route.decoder.decode(request.body)
        if route.changes:
            await self._audit.begin(heard)
        heard.output = output = await route.operation.handler(call, asked)
        return b"" if output is None else self._encode(output)

    async def _authenticate(self, heard: Heard, scope: sigv4.Scope, now: float) -> Principal:
        request = heard.request
        claim = self._claims.read(request, scope, now)
        heard.access_key_id = claim.access_key_id
        credential = self._credentials.cached(claim.access_key_id)
        if credential is None:
            credential = await self._credentials.find(claim.access_key_id)
        if credential is None or not credential.active:
            raise errors.UnrecognizedClient
        sigv4.verify(request, claim, credential, self._signing_keys)
        self._claims.proved(request, claim)
        heard.principal = credential.principal
        return credential.principal


def _response(status: int, request_id: str, body: bytes) -> WireResponse:
    headers = {"x-amzn-RequestId": request_id, "Content-Type": CONTENT_TYPE}
    return WireResponse(status, headers, body)


def _utf8(header: str) -> str:
    """A header fit to be stored: bytes that are not UTF-8 become question marks."""
    return header if header.isascii() else header.encode("utf-8", "replace").decode()


def _log_fault(heard: Heard, error: Exception) -> None:
    """Says where it broke, not with which values: an exception's text may quote its input."""
    where = "".join(traceback.format_tb(error.__traceback__))
    name = type(error).__name__
    log.error("request %s (%s): %s\n%s", heard.request_id, heard.target, name, where)
