"""One request through the protocol, without a socket: the order of the steps, and every answer."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from node.model import errors
from node.model.principal import Credential
from node.wire.messages import Operation, WireRequest, WireResponse
from node.wire.shapes.encryption import EncryptRequest, EncryptResponse
from node.wire.shapes.keys import EnableKeyRequest
from node.wire.sigv4 import Scope
from tests.wire.model import MODEL
from tests.wire.support import (
    CREDENTIAL,
    KEY_ARN,
    PRINCIPAL,
    RETIRED,
    FakeCredentials,
    FixedClock,
    Recorder,
    protocol,
    signed_request,
)

CLOCK = FixedClock()
BODY = b'{"KeyId": "alias/a", "Plaintext": "c2VjcmV0IHRleHQ="}'
ENCRYPT = "TrentService.Encrypt"


async def ask(recorder: Recorder, request: WireRequest) -> WireResponse:
    operations = [
        recorder.operation("Encrypt", EncryptRequest),
        recorder.operation("EnableKey", EnableKeyRequest),
        Operation("Keyspan.GetStatus", EnableKeyRequest, recorder.handle),
    ]
    return await protocol(*operations, clock=CLOCK).handle(request)


def signed(target: str = ENCRYPT, body: bytes = BODY, **more: object) -> WireRequest:
    return signed_request(target, body, now=CLOCK.now(), **more)  # type: ignore[arg-type]


def error_of(response: WireResponse) -> tuple[str, str]:
    answer = msgspec.json.decode(response.body)
    return answer["__type"], answer.get("message", "")


async def test_a_call_reaches_its_handler_and_is_answered() -> None:
    recorder = Recorder(output=EncryptResponse(key_id=KEY_ARN, ciphertext_blob=b"\x01\x02"))
    response = await ask(recorder, signed(extra={"user-agent": "Boto3/1.44"}))
    assert response == WireResponse(
        200,
        {"x-amzn-RequestId": "request-1", "Content-Type": "application/x-amz-json-1.1"},
        b'{"CiphertextBlob":"AQI=","KeyId":"' + KEY_ARN.encode() + b'"}',
    )
    [(call, request)] = recorder.calls
    assert call.principal == PRINCIPAL
    assert call.request_id == "request-1"
    assert call.source_address == "192.0.2.1"
    assert call.user_agent == "Boto3/1.44"
    assert call.received == CLOCK.now()
    assert request == EncryptRequest(key_id="alias/a", plaintext=b"secret text")


async def test_no_output_is_an_empty_body() -> None:
    response = await ask(Recorder(), signed("TrentService.EnableKey", b'{"KeyId": "k"}'))
    assert (response.status, response.body) == (200, b"")


async def test_an_operation_of_our_own_has_our_prefix() -> None:
    recorder = Recorder()
    response = await ask(recorder, signed("Keyspan.GetStatus", b'{"KeyId": "k"}'))
    assert response.status == 200
    assert len(recorder.calls) == 1


async def test_a_user_agent_that_was_not_utf8_can_be_stored() -> None:
    recorder = Recorder()
    agent = b"curl/\xff".decode("utf-8", "surrogateescape")
    await ask(recorder, signed(extra={"user-agent": agent}))
    assert recorder.calls[0][0].user_agent == "curl/?"


# Names


@pytest.mark.parametrize(
    "target",
    [
        "",
        "Encrypt",
        "TrentService.encrypt",
        "TrentService.Encrypt ",
        "Keyspan.Encrypt",
        "DynamoDB_20120810.GetItem",
        "TrentService.Encrypt,TrentService.Encrypt",
        "\udcff",
    ],
)
async def test_an_unknown_operation_is_told_to_anyone(target: str) -> None:
    recorder = Recorder()
    request = WireRequest("POST", "/", "", {"host": "h", "x-amz-target": target}, b"{}", "")
    response = await ask(recorder, request)
    assert (response.status, *error_of(response)) == (400, "UnknownOperationException", "")
    assert recorder.calls == []


@pytest.mark.parametrize("operation", sorted(set(MODEL.operation_names) - {"Encrypt", "EnableKey"}))
async def test_what_is_not_served_yet_says_so_by_name(operation: str) -> None:
    response = await ask(Recorder(), signed(f"TrentService.{operation}", b"{}"))
    assert response.status == 400
    assert error_of(response) == (
        "UnsupportedOperationException",
        f"{operation} is not available in Keyspan yet.",
    )


async def test_what_is_not_served_yet_is_told_to_nobody_unsigned() -> None:
    request = WireRequest(
        "POST", "/", "", {"host": "h", "x-amz-target": "TrentService.Sign"}, b"", ""
    )
    assert error_of(await ask(Recorder(), request))[0] == "MissingAuthenticationTokenException"


# Callers


async def test_a_stranger_is_not_told_what_is_wrong_with_the_body() -> None:
    request = WireRequest("POST", "/", "", {"host": "h", "x-amz-target": ENCRYPT}, b"[", "")
    assert error_of(await ask(Recorder(), request)) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


async def test_an_access_key_that_does_not_exist() -> None:
    unknown = Credential("AKIDNOBODY", "secret", PRINCIPAL, active=True)
    response = await ask(Recorder(), signed(credential=unknown))
    assert error_of(response) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


async def test_an_access_key_that_was_retired() -> None:
    response = await ask(Recorder(), signed(credential=RETIRED))
    assert error_of(response)[0] == "UnrecognizedClientException"


async def test_another_secret() -> None:
    wrong = Credential(CREDENTIAL.access_key_id, "wrong", PRINCIPAL, active=True)
    recorder = Recorder()
    response = await ask(recorder, signed(credential=wrong))
    name, message = error_of(response)
    assert name == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match")
    assert "host:" not in message  # AWS shows the canonical request here; we do not
    assert recorder.calls == []


async def test_another_region() -> None:
    response = await ask(Recorder(), signed(scope=Scope("eu-west-1", "kms")))
    assert error_of(response)[0] == "InvalidSignatureException"


async def test_a_credential_at_hand_is_not_looked_up() -> None:
    credentials = FakeCredentials()
    door = protocol(
        Recorder().operation("Encrypt", EncryptRequest), clock=CLOCK, credentials=credentials
    )
    await door.handle(signed())
    assert credentials.finds == []
    credentials.stored = credentials.at_hand
    credentials.at_hand = {}
    assert (await door.handle(signed())).status == 200
    assert credentials.finds == [CREDENTIAL.access_key_id]


async def test_what_cannot_be_right_is_not_looked_up() -> None:
    credentials = FakeCredentials()
    door = protocol(
        Recorder().operation("Encrypt", EncryptRequest), clock=CLOCK, credentials=credentials
    )
    for request in (
        signed(credential=RETIRED, scope=Scope("eu-west-1", "kms")),
        signed_request(ENCRYPT, BODY, now=CLOCK.now() - 301, credential=RETIRED),
    ):
        assert (await door.handle(request)).status == 400
    assert credentials.finds == []


# Errors


async def test_a_domain_error_is_told_by_its_wire_name() -> None:
    recorder = Recorder(failure=errors.NotFound(f"Key '{KEY_ARN}' does not exist"))
    response = await ask(recorder, signed())
    assert response.status == 400
    assert error_of(response) == ("NotFoundException", f"Key '{KEY_ARN}' does not exist")
    assert response.headers["x-amzn-RequestId"] == "request-1"


async def test_a_fault_is_told_without_detail_and_logged_without_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = await ask(Recorder(failure=RuntimeError("secret text")), signed())
    assert response.status == 500
    assert error_of(response) == ("KMSInternalException", "")
    [record] = caplog.records
    logged = logging.Formatter().format(record)
    assert "request-1" in logged
    assert ENCRYPT in logged
    assert "RuntimeError" in logged
    assert "support.py" in logged  # where it happened
    assert "secret text" not in logged
    assert "c2VjcmV0" not in logged


async def test_a_cancelled_request_is_cancelled() -> None:
    with pytest.raises(asyncio.CancelledError):
        await ask(Recorder(failure=asyncio.CancelledError()), signed())


async def test_every_request_has_its_own_id() -> None:
    door = protocol(clock=CLOCK)
    unsigned = WireRequest("POST", "/", "", {}, b"", "")
    ids = [(await door.handle(unsigned)).headers["x-amzn-RequestId"] for _ in range(3)]
    assert ids == ["request-1", "request-2", "request-3"]


async def test_requests_and_responses_do_not_show_their_bodies() -> None:
    response = await ask(Recorder(output=EncryptResponse(key_id="hidden")), signed())
    assert "c2VjcmV0" not in repr(signed())
    assert "hidden" not in repr(response)
