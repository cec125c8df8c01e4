"""The honest minimum is honest: it decrypts what it encrypted, and refuses who has not signed."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientError, ClientResponse, ClientSession
from aiohttp.test_utils import TestClient, TestServer

from bench.operations import target
from bench.references import bare_aiohttp, minimum_aiohttp, minimum_raw
from bench.references.minimum import Minimum as Honest
from bench.replay import Signer
from tests.unit.bench.samples import ADMINISTRATOR, SCOPE

BODY = b'{"KeyId": "k", "Plaintext": "c2VjcmV0", "EncryptionContext": {"a": "b"}}'


class Minimum:
    """A client of a running reference."""

    def __init__(self, session: ClientSession, host: str) -> None:
        self._session = session
        self._host = host
        self.signer = Signer(host, SCOPE, ADMINISTRATOR)

    async def ask(
        self, operation: str, body: bytes, signer: Signer | None = None, age: float = 0.0
    ) -> ClientResponse:
        request = (signer or self.signer).signed(operation, body, time.time() - age)
        return await self.send(dict(request.headers), body)

    async def send(self, headers: dict[str, str], body: bytes) -> ClientResponse:
        return await self._session.post(f"http://{self._host}/", headers=headers, data=body)


@asynccontextmanager
async def on_aiohttp(honest: Honest) -> AsyncIterator[str]:
    server = TestServer(await minimum_aiohttp.application(honest), host="127.0.0.1")
    async with server:
        yield f"127.0.0.1:{server.port}"


@asynccontextmanager
async def raw(honest: Honest) -> AsyncIterator[str]:
    async with await minimum_raw.serve(0, honest) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture(params=[on_aiohttp, raw])
async def minimum(request: pytest.FixtureRequest) -> AsyncIterator[Minimum]:
    honest = Honest(ADMINISTRATOR.access_key_id, ADMINISTRATOR.secret_access_key)
    async with request.param(honest) as host, ClientSession() as session:
        yield Minimum(session, host)


async def test_what_was_encrypted_is_decrypted(minimum: Minimum) -> None:
    encrypted = await (await minimum.ask("Encrypt", BODY)).json(content_type=None)
    request = {**encrypted, "EncryptionContext": {"a": "b"}}
    opened = await minimum.ask("Decrypt", json.dumps(request).encode())
    assert b64decode((await opened.json(content_type=None))["Plaintext"]) == b"secret"


async def test_another_context_does_not_open_it(minimum: Minimum) -> None:
    encrypted = await (await minimum.ask("Encrypt", BODY)).json(content_type=None)
    request = {**encrypted, "EncryptionContext": {"a": "c"}}
    with pytest.raises((ClientError, AssertionError)):  # it breaks: it has no exact errors
        assert (await minimum.ask("Decrypt", json.dumps(request).encode())).status == 200


async def test_another_secret_is_refused(minimum: Minimum) -> None:
    other = replace(ADMINISTRATOR, secret_access_key="x" * 40)
    signer = replace(minimum.signer, administrator=other)
    assert (await minimum.ask("Encrypt", BODY, signer)).status == 403


@pytest.mark.parametrize("age", [301.0, -301.0])
async def test_an_old_signature_and_one_from_the_future_are_refused(
    minimum: Minimum, age: float
) -> None:
    assert (await minimum.ask("Encrypt", BODY, age=age)).status == 403


async def test_another_body_or_operation_than_was_signed_is_refused(minimum: Minimum) -> None:
    headers = dict(minimum.signer.signed("Encrypt", BODY, time.time()).headers)
    assert (await minimum.send(headers, BODY + b" ")).status == 403
    changed = {**headers, "x-amz-target": target("GenerateDataKey")}
    assert (await minimum.send(changed, BODY)).status == 403
    assert (await minimum.send(headers, BODY)).status == 200


async def test_the_bare_server_answers_anyone() -> None:
    server = TestServer(await bare_aiohttp.application(), host="127.0.0.1")
    async with TestClient(server) as client:
        answer = await client.post("/", data=b"whatever")
        assert (answer.status, await answer.read()) == (200, bare_aiohttp.ANSWER)
