"""Asking nodes how they are, as the administrator.

Keyspan's own operations (`Keyspan.GetStatus`, …) are JSON 1.1 and SigV4 like those of KMS, with a
target prefix of their own. A node that does not answer, or answers something else, becomes an
`Unreachable` value: looking at a cluster never fails because a part of it is down.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from node.cluster.errors import ClusterError
from node.cluster.status import Unreachable, decode_status
from node.model.status import RegionStatus
from node.settings import Administrator
from node.wire.messages import WireRequest
from node.wire.operation_names import TARGET_PREFIX as KMS_PREFIX
from node.wire.sigv4 import Scope, sign

__all__ = ["AdministrationClient", "Refused"]

_PATIENCE_SECONDS = 3.0
_LONGEST_ANSWER = 4 * 1024 * 1024
_TARGET_PREFIX = "Keyspan."
_SERVICE = "kms"
_CONNECTIONS: Mapping[str, type[http.client.HTTPConnection]] = MappingProxyType(
    {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
)


class Refused(ClusterError):
    """A node answered with an error. `code` is KMS's, "" where it was none."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class AdministrationClient:
    """One-request connections to nodes, signed with the administrator's access key."""

    def __init__(
        self, administrator: Administrator, clock: Callable[[], float] = time.time
    ) -> None:
        self._administrator = administrator
        self._clock = clock

    def healthy(self, endpoint: str) -> bool:
        """Whether the node serves requests (`GET /health`, unsigned)."""
        try:
            status, _ = _exchange(endpoint, "GET", "/health", b"", {})
        except (OSError, http.client.HTTPException):
            return False
        return status == HTTPStatus.OK

    def ask(self, region: str, endpoint: str) -> RegionStatus | Unreachable:
        """One region's status."""
        try:
            return _decoded(region, endpoint, self.call(region, endpoint, "GetStatus", {}))
        except ClusterError as error:
            return Unreachable(region, self._ailing(endpoint) or str(error))

    def call(
        self,
        region: str,
        endpoint: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        seconds: float = _PATIENCE_SECONDS,
    ) -> bytes:
        """One region's answer to an operation of Keyspan's own, which may take so many seconds.

        Raises ClusterError, one sentence, when the node does not answer or refuses (Refused).
        """
        return self._answer(region, endpoint, _TARGET_PREFIX + operation, request, seconds)

    def kms(self, region: str, endpoint: str, operation: str, **request: Any) -> dict[str, Any]:
        """One region's answer to an operation of KMS. Raises as `call` does."""
        answer = self._answer(region, endpoint, KMS_PREFIX + operation, request)
        decoded: dict[str, Any] = json.loads(answer) if answer else {}
        return decoded

    def _answer(
        self,
        region: str,
        endpoint: str,
        target: str,
        request: Mapping[str, Any],
        seconds: float = _PATIENCE_SECONDS,
    ) -> bytes:
        body = json.dumps(request).encode()
        try:
            headers = self._signed(region, endpoint, target, body)
            status, answer = _exchange(endpoint, "POST", "/", body, headers, seconds)
        except (OSError, http.client.HTTPException) as error:
            raise ClusterError(f"{endpoint} does not answer ({_words(error)})") from None
        if status != HTTPStatus.OK:
            code, said = _refusal(status, answer)
            raise Refused(f"{endpoint} answers {said}", code)
        return answer

    def ask_all(self, endpoints: Mapping[str, str]) -> list[RegionStatus | Unreachable]:
        """Every region's status, asked at the same time, in the order given."""
        with ThreadPoolExecutor(max_workers=max(1, len(endpoints))) as pool:
            return list(pool.map(self.ask, endpoints.keys(), endpoints.values()))

    def _ailing(self, endpoint: str) -> str | None:
        """What a node that refuses every call says of itself (`GET /health`), if it does."""
        try:
            status, answer = _exchange(endpoint, "GET", "/health", b"", {})
            reason = json.loads(answer)["reason"]
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return None
        ailing = status == HTTPStatus.SERVICE_UNAVAILABLE
        return f"{endpoint} refuses every call: {reason}" if ailing else None

    def _signed(self, region: str, endpoint: str, target: str, body: bytes) -> dict[str, str]:
        """The headers of a request, every one of them signed."""
        headers = {
            "host": urlsplit(endpoint).netloc,
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": target,
        }
        request = WireRequest("POST", "/", "", headers, body, "")
        signature = sign(
            request,
            self._administrator.access_key_id,
            self._administrator.secret_access_key,
            Scope(region, _SERVICE),
            self._clock(),
        )
        return {**headers, **signature}


def _exchange(
    endpoint: str,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float = _PATIENCE_SECONDS,
) -> tuple[int, bytes]:
    """One request and its answer. Raises OSError or HTTPException when there is none."""
    parts = urlsplit(endpoint)
    kind = _CONNECTIONS[parts.scheme]
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(method, path, body or None, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(_LONGEST_ANSWER)
    finally:
        connection.close()


def _decoded(region: str, endpoint: str, answer: bytes) -> RegionStatus | Unreachable:
    try:
        status = decode_status(answer)
    except ValueError as error:
        return Unreachable(region, f"{endpoint} answers with something else than a status: {error}")
    if status.region != region:
        return Unreachable(region, f"{endpoint} answers as {status.region}")
    return status


def _refusal(status: int, answer: bytes) -> tuple[str, str]:
    """The error of a refused request, as far as it is one of AWS JSON 1.1, and a word for it."""
    try:
        error = json.loads(answer)
        kind, message = str(error["__type"]), error.get("message") or error.get("Message") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", f"with HTTP status {status}"
    return kind, f"{kind}: {message}" if message else kind


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
