"""What the wire tells the audit trail of each call: one thing heard for each, whatever becomes of
it, and no answer before it is recorded.
"""

from __future__ import annotations

import asyncio

import pytest

from node.model import errors
from node.wire.server import WireServer
from node.wire.shapes.encryption import EncryptRequest, EncryptResponse
from tests.wire.support import (
    CREDENTIAL,
    PRINCIPAL,
    RETIRED,
    FakeAudit,
    RawConnection,
    Recorder,
    protocol,
    signed_request,
)

ENCRYPT = "TrentService.Encrypt"
BODY = b'{"KeyId":"alias/x","Plaintext":"AAAA"}'


@pytest.mark.parametrize(
    ("target", "body", "proved", "error"),
    [
        (ENCRYPT, BODY, True, None),
        (ENCRYPT, b"{", True, errors.Serialization),
        (ENCRYPT, b"{}", True, errors.Validation),
        ("TrentService.CreateGrant", b"{}", True, errors.NotAvailableYet),
        ("TrentService.Nothing", b"{}", False, errors.UnknownOperation),
        ("", b"{}", False, errors.UnknownOperation),
    ],
)
async def test_one_call_is_heard_once(
    target: str, body: bytes, proved: bool, error: type[errors.KmsError] | None
) -> None:
    audit, recorder = FakeAudit(), Recorder(output=EncryptResponse(ciphertext_blob=b"c"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    request = signed_request(target, body)
    response = await wire.handle(request)
    [heard] = audit.heard
    assert heard.request is request
    assert heard.target == target
    assert heard.request_id == response.headers["x-amzn-RequestId"]
    assert (type(heard.error) if heard.error else None) is error
    assert (heard.principal is PRINCIPAL) is proved
    assert (heard.access_key_id == CREDENTIAL.access_key_id) is proved
    assert (heard.asked is not None) is (error is None)
    assert heard.output is (recorder.output if error is None else None)


async def test_a_caller_who_proves_nothing_is_heard_without_a_principal() -> None:
    audit = FakeAudit()
    wire = protocol(Recorder().operation("Encrypt", EncryptRequest), audit=audit)
    await wire.handle(signed_request(ENCRYPT, BODY, credential=RETIRED))
    [heard] = audit.heard
    assert (heard.principal, heard.access_key_id) == (None, RETIRED.access_key_id)
    assert isinstance(heard.error, errors.UnrecognizedClient)


async def test_a_fault_of_our_own_is_heard_as_one() -> None:
    audit, recorder = FakeAudit(), Recorder(failure=RuntimeError("secret"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    await wire.handle(signed_request(ENCRYPT, BODY))
    [heard] = audit.heard
    assert isinstance(heard.error, errors.Internal)
    assert heard.error.message == ""


async def test_a_call_whose_task_ends_is_heard_all_the_same() -> None:
    audit, recorder = FakeAudit(), Recorder(failure=asyncio.CancelledError())
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    with pytest.raises(asyncio.CancelledError):
        await wire.handle(signed_request(ENCRYPT, BODY))
    assert len(audit.heard) == 1


async def test_nothing_is_done_while_nothing_can_be_recorded() -> None:
    audit, recorder = FakeAudit(), Recorder(output=EncryptResponse(ciphertext_blob=b"c"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    audit.problem = "No space left on device"
    response = await wire.handle(signed_request(ENCRYPT, BODY))
    assert (response.status, response.body) == (500, b'{"__type":"KMSInternalException"}')
    assert recorder.calls == []
    audit.problem = None
    assert (await wire.handle(signed_request(ENCRYPT, BODY))).status == 200


async def test_an_answer_whose_record_fails_does_not_leave() -> None:
    class Failing(FakeAudit):
        async def record(self, heard: object) -> None:
            raise errors.Internal

    recorder = Recorder(output=EncryptResponse(ciphertext_blob=b"the answer"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=Failing())
    response = await wire.handle(signed_request(ENCRYPT, BODY))
    assert (response.status, response.body) == (500, b'{"__type":"KMSInternalException"}')
    assert len(recorder.calls) == 1


async def test_health_turns_red_with_the_reason_and_green_again() -> None:
    audit = FakeAudit()
    server = WireServer(protocol(audit=audit), "127.0.0.1", 0)
    await server.start()
    connection = await RawConnection.open(server.port)
    for problem, status in (("the disk is full", 503), (None, 200)):
        audit.problem = problem
        connection.send(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
        response = await connection.response()
        assert response is not None
        assert response.status == status
        assert response.json.get("reason") == problem
    connection.close()
    await server.stop()
