"""What the wire tells the audit trail of each call: one thing heard for each, whatever becomes of
it, and no answer before it is recorded.
"""

from __future__ import annotations

import asyncio

import pytest

from node.model import errors
from node.wire.messages import Settled
from node.wire.server import WireServer
from node.wire.shapes.encryption import EncryptRequest, EncryptResponse
from tests.wire.support import (
    CREDENTIAL,
    PRINCIPAL,
    RETIRED,
    FakeAudit,
    RawConnection,
    Recorder,
    http_bytes,
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
        def settle(self, then: Settled) -> bool:
            raise errors.Internal

    recorder = Recorder(output=EncryptResponse(ciphertext_blob=b"the answer"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=Failing())
    response = await wire.handle(signed_request(ENCRYPT, BODY))
    assert (response.status, response.body) == (500, b'{"__type":"KMSInternalException"}')
    assert len(recorder.calls) == 1


class Slow(FakeAudit):
    """Keeps who waits for the disk, until it is said what became of the records."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Settled] = []
        self.asked = asyncio.Event()

    def settle(self, then: Settled) -> bool:
        self.waiting.append(then)
        self.asked.set()
        return False

    async def tell(self, *, kept: bool) -> None:
        """Once somebody waits, tell all of them, from the event loop and from no task."""
        await self.asked.wait()
        self.asked.clear()
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            asyncio.get_running_loop().call_soon(each, kept)


@pytest.mark.parametrize(
    ("kept", "status", "body"),
    [(True, 200, b"KeyId"), (False, 500, b'{"__type":"KMSInternalException"}')],
)
async def test_no_answer_leaves_before_its_record_is_kept(
    kept: bool, status: int, body: bytes
) -> None:
    audit, recorder = Slow(), Recorder(output=EncryptResponse(key_id="k"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    asked = asyncio.create_task(wire.handle(signed_request(ENCRYPT, BODY)))
    await audit.asked.wait()
    assert len(audit.heard) == 1
    assert not asked.done()
    await audit.tell(kept=kept)
    response = await asked
    assert response.status == status
    assert body in response.body


async def test_pipelined_calls_wait_for_their_records_one_by_one() -> None:
    audit = Slow()
    recorder = Recorder(output=EncryptResponse(key_id="k"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    server = WireServer(wire, "127.0.0.1", 0)
    await server.start()
    connection = await RawConnection.open(server.port)
    connection.send(http_bytes(signed_request(ENCRYPT, BODY)) * 3)
    for number, kept in enumerate((True, False, True), 1):
        await audit.asked.wait()
        assert len(audit.heard) == number, "the next is not begun before the answer has left"
        await audit.tell(kept=kept)
        response = await connection.response()
        assert response is not None
        assert response.status == (200 if kept else 500)
    connection.close()
    await server.stop()


async def test_a_caller_who_leaves_while_the_record_is_written_holds_up_nobody() -> None:
    audit = Slow()
    recorder = Recorder(output=EncryptResponse(key_id="k"))
    wire = protocol(recorder.operation("Encrypt", EncryptRequest), audit=audit)
    server = WireServer(wire, "127.0.0.1", 0)
    await server.start()
    leaving = await RawConnection.open(server.port)
    leaving.send(http_bytes(signed_request(ENCRYPT, BODY)))
    await audit.asked.wait()
    leaving.close()
    await leaving.writer.wait_closed()
    await audit.tell(kept=True)
    staying = await RawConnection.open(server.port)
    staying.send(http_bytes(signed_request(ENCRYPT, BODY)))
    await audit.tell(kept=True)
    response = await staying.response()
    assert response is not None
    assert response.status == 200
    staying.close()
    await server.stop()  # which waits until nothing is left of either


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
