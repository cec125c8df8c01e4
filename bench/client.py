"""A client that prepares what is replayed later: one kept connection, one request at a time."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from bench.errors import BenchError
from bench.replay import Signer

_PATIENCE_SECONDS: Final = 10.0


class Client:
    """Calls operations over HTTP. A `bench.operations.Call`."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._connection = http.client.HTTPConnection(signer.host, timeout=_PATIENCE_SECONDS)

    def __call__(self, operation: str, body: bytes) -> Mapping[str, Any]:
        """The decoded answer. Raises BenchError where it is not 200, OSError where none comes."""
        request = self._signer.signed(operation, body, time.time())
        self._connection.request("POST", "/", body, dict(request.headers))
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != HTTPStatus.OK:
            raise BenchError(
                f"{self._signer.host} answers {operation} with {response.status}: {answer!r}"
            )
        return dict(json.loads(answer or b"{}"))

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
