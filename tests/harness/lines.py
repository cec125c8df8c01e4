"""Connections to one region's node, so that a test chooses which worker process answers it.

The kernel chooses a worker for each connection. Which one it was is told by the trail that has the
record of a call.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from node.audit.folder import trail_files, trail_folders
from node.wire.messages import WireRequest
from node.wire.sigv4 import Scope, sign
from tests.harness.cluster import Cluster, eventually

CONNECTIONS_MOST = 200
"""To reach each of two workers: one in 2^199 runs does not."""


class Said(NamedTuple):
    """An answer."""

    status: int
    body: dict[str, Any]
    request_id: str

    @property
    def code(self) -> str:
        """The error, "" for none."""
        return str(self.body.get("__type", "")) if self.status != http.HTTPStatus.OK else ""


class Line:
    """One kept connection, signed in as the administrator until `sign_in`."""

    def __init__(self, cluster: Cluster, region: str) -> None:
        self._region = region
        one = cluster.local.administrator
        self._credentials = (one.access_key_id, one.secret_access_key)
        self._token: dict[str, str] = {}
        self._netloc = urlsplit(cluster.endpoint(region)).netloc
        self._connection = http.client.HTTPConnection(self._netloc, timeout=30)

    def sign_in(self, credentials: dict[str, str]) -> None:
        """Call with the temporary credentials that STS gave from now on."""
        self._credentials = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
        self._token = {"x-amz-security-token": credentials["SessionToken"]}

    def kms(self, operation: str, **request: Any) -> Said:
        """An operation of KMS."""
        return self.call(f"TrentService.{operation}", request)

    def call(self, target: str, request: dict[str, Any], service: str = "kms") -> Said:
        """The answer to any operation of JSON 1.1."""
        body = json.dumps(request).encode()
        headers = {
            "host": self._netloc,
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": target,
            **self._token,
        }
        asked = WireRequest("POST", "/", "", headers, body, "")
        headers |= sign(asked, *self._credentials, Scope(self._region, service), time.time())
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        request_id = response.headers["x-amzn-requestid"]
        return Said(response.status, json.loads(answer) if answer else {}, request_id)

    def close(self) -> None:
        """Let it go."""
        self._connection.close()


def recorded_by(cluster: Cluster, region: str, request_id: str) -> int | None:
    """The number of the worker in whose trail a call is recorded."""
    folder = cluster.local.folder.region(region).root / "audit"
    for number, place in trail_folders(folder).items():
        if any(request_id.encode() in path.read_bytes() for path in trail_files(place)):
            return number
    return None


@contextmanager
def lines(cluster: Cluster, region: str, workers: int = 2) -> Iterator[dict[int, Line]]:
    """A connection to each worker of a region, by its number."""
    opened: list[Line] = []
    found: dict[int, Line] = {}
    try:
        while len(found) < workers:
            assert len(opened) < CONNECTIONS_MOST, f"only {list(found)} were reached"
            opened.append(Line(cluster, region))
            said = opened[-1].kms("GenerateRandom", NumberOfBytes=1)
            assert said.status == http.HTTPStatus.OK, said
            number = recorded_by(cluster, region, said.request_id)
            assert number is not None, "answered, and not recorded"
            found.setdefault(number, opened[-1])
        yield found
    finally:
        for line in opened:
            line.close()


def worker_pid(cluster: Cluster, region: str, number: int = 2) -> int:
    """The process ID of a worker, as soon as it serves."""

    def serving() -> int | None:
        workers = {each.number: each for each in cluster.status(region).workers}
        return workers[number].pid

    found = eventually(serving, f"worker {number} of {region} does not serve")
    assert found is not None
    return found
