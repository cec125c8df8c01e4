"""boto3 against a region in this process: real serialisation, signing and error classes, no socket.

botocore is stopped before it would send, and given the region's answer.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from node.wire.messages import WireRequest
from tests.scenarios.client import SOURCE_ADDRESS, Kms
from tests.scenarios.region import START

ENDPOINT = "http://kms.test"
_ONE_TRY = Config(retries={"total_max_attempts": 1})


class _Body:
    """What AWSResponse reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def boto3_client(
    kms: Kms, service: str = "kms", config: Config = _ONE_TRY, region: str | None = None
) -> Any:
    """boto3's client of a service for the principal of one of ours, in the same region unless
    another one is named.
    """
    credential = kms.credential
    client = boto3.client(
        service,
        region or kms.region,
        endpoint_url=ENDPOINT,
        aws_access_key_id=credential.access_key_id,
        aws_secret_access_key=credential.secret,
        aws_session_token=kms.token,
        config=config,
    )

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        headers["host"] = urlsplit(request.url).netloc
        body = request.body.encode() if isinstance(request.body, str) else request.body
        target = urlsplit(request.url)
        wire = WireRequest(
            request.method, target.path, target.query, headers, body or b"", SOURCE_ADDRESS
        )
        response = kms.handle(wire)
        found = HeadersDict(response.headers)
        return AWSResponse(request.url, response.status, found, _Body(response.body))

    client.meta.events.register(f"before-send.{service}", answer)
    return client


@pytest.fixture
def boto3_clock() -> Iterator[None]:
    """botocore signs at the time at which the regions under test stand."""
    moment = datetime.datetime.fromtimestamp(START, datetime.UTC).replace(tzinfo=None)
    with patch("botocore.auth.get_current_datetime", lambda: moment):
        yield
