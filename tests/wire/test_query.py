"""The query protocol through the whole door: how a request is addressed, and every refusal.

The sentences are recorded answers of STS.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from node.model import errors
from node.model.principal import Credential
from node.wire.messages import Operation, WireRequest, WireResponse
from node.wire.shapes.encryption import EncryptRequest
from node.wire.shapes.sts import GetCallerIdentityRequest, GetCallerIdentityResponse
from node.wire.sigv4 import Scope, sign
from tests.unit.wire.test_sigv4_botocore import botocore_at
from tests.unit.wire.test_sigv4_presigned import BodySigner
from tests.wire.conftest import Connect, StartServer
from tests.wire.support import (
    CREDENTIAL,
    PRINCIPAL,
    RETIRED,
    FakeAudit,
    FixedClock,
    Recorder,
    protocol,
)

CLOCK = FixedClock()
HOME, GLOBAL = "eu-west-1", "us-east-1"
ASK = "Action=GetCallerIdentity&Version=2011-06-15"
STS = Scope(HOME, "sts")
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
FAULT_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def request(
    form: str = ASK,
    scope: Scope = STS,
    credential: Credential = CREDENTIAL,
    now: float | None = None,
    **extra: str,
) -> WireRequest:
    """A signed form."""
    headers = {"host": "h", **FORM, **extra}
    bare = WireRequest("POST", "/", "", headers, form.encode(), "192.0.2.1")
    moment = CLOCK.now() if now is None else now
    signature = sign(bare, credential.access_key_id, credential.secret, scope, moment)
    return WireRequest("POST", "/", "", {**headers, **signature}, form.encode(), "192.0.2.1")


async def answer(
    asked: WireRequest, recorder: Recorder | None = None, audit: FakeAudit | None = None
) -> WireResponse:
    recorder = recorder or Recorder(output=GetCallerIdentityResponse(account="111122223333"))
    operations = (
        Operation("sts.GetCallerIdentity", GetCallerIdentityRequest, recorder.handle, "sts"),
        recorder.operation("Encrypt", EncryptRequest),
    )
    return await protocol(*operations, clock=CLOCK, audit=audit, region=HOME).handle(asked)


def error_of(response: WireResponse) -> tuple[int, str, str, str]:
    """The status, the namespace, the code and the message of an error."""
    found = re.fullmatch(
        r'<ErrorResponse xmlns="([^"]*)"><Error><Type>(\w+)</Type><Code>(\w+)</Code>'
        r"(?:<Message>(.*)</Message>)?</Error><RequestId>request-1</RequestId></ErrorResponse>\n",
        response.body.decode(),
        re.DOTALL,
    )
    assert found is not None, response.body
    assert response.headers["Content-Type"] == "text/xml"
    assert response.headers["x-amzn-RequestId"] == "request-1"
    assert found[2] == ("Receiver" if response.status >= 500 else "Sender")
    return response.status, found[1], found[3], found[4] or ""


async def test_a_call_reaches_its_handler_and_is_answered() -> None:
    recorder, audit = Recorder(output=GetCallerIdentityResponse(account="1")), FakeAudit()
    response = await answer(request(), recorder, audit)
    assert response == WireResponse(
        200,
        {"x-amzn-RequestId": "request-1", "Content-Type": "text/xml"},
        (
            f'<GetCallerIdentityResponse xmlns="{STS_NAMESPACE}"><GetCallerIdentityResult>'
            "<Account>1</Account></GetCallerIdentityResult><ResponseMetadata>"
            "<RequestId>request-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>\n"
        ).encode(),
    )
    [(call, asked)] = recorder.calls
    assert call.principal == PRINCIPAL
    assert asked == GetCallerIdentityRequest()
    [heard] = audit.heard
    assert (heard.target, heard.dialect) == ("sts.GetCallerIdentity", "query")
    assert (heard.principal, heard.error) == (PRINCIPAL, None)


@pytest.mark.parametrize("region", [HOME, GLOBAL])
async def test_a_global_service_takes_two_regions(region: str) -> None:
    assert (await answer(request(scope=Scope(region, "sts")))).status == 200


@pytest.mark.parametrize(
    "form",
    [
        f"{ASK}&Unknown=value",
        f"{ASK}&Action=NoSuchAction",
        f"{ASK}&Version=2000-01-01",
        "Version=2011-06-15&Action=GetCallerIdentity",
        "Action=GetCaller%49dentity&Version=2011-06-15",
    ],
)
async def test_the_first_of_a_name_counts_and_unknown_names_do_not(form: str) -> None:
    assert (await answer(request(form))).status == 200


@pytest.mark.parametrize("content_type", ["", "text/plain"])
async def test_a_body_that_is_no_form_names_no_operation(content_type: str) -> None:
    extra: dict[str, Any] = {"content-type": content_type}
    response = await answer(request(**extra))
    assert response.body == b'{"__type":"UnknownOperationException"}'


NOT_FOUND = {
    "Action=NoSuchAction&Version=2011-06-15": "NoSuchAction for version 2011-06-15",
    "Action=GetCallerIdentity": "GetCallerIdentity for version NO_VERSION_SPECIFIED",
    "Action=GetCallerIdentity&Version=": "GetCallerIdentity for version ",
    "Action=GetCallerIdentity&Version=2000-01-01": "GetCallerIdentity for version 2000-01-01",
    f"Action=NoSuchAction&{ASK}": "NoSuchAction for version 2011-06-15",
    "Action=&Version=2011-06-15": " for version 2011-06-15",
    "Action=%3Cb%3E&Version=2011-06-15": "&lt;b&gt; for version 2011-06-15",
    "Action=%FF%00&Version=2011-06-15": "\ufffd? for version 2011-06-15",
    "Action=Encrypt&Version=2014-11-01": "Encrypt for version 2014-11-01",
}


@pytest.mark.parametrize("form", NOT_FOUND)
@pytest.mark.parametrize("signed", [True, False])
async def test_an_unknown_operation_is_told_to_anyone(form: str, signed: bool) -> None:
    asked = request(form)
    if not signed:
        asked = WireRequest("POST", "/", "", {"host": "h", **FORM}, form.encode(), "192.0.2.1")
    recorder = Recorder()
    assert error_of(await answer(asked, recorder)) == (
        400,
        FAULT_NAMESPACE,
        "InvalidAction",
        f"Could not find operation {NOT_FOUND[form]}",
    )
    assert recorder.calls == []


async def test_no_operation_at_all() -> None:
    for form in ("Version=2011-06-15", "", "x"):
        status, namespace, code, message = error_of(await answer(request(form)))
        assert (status, namespace, code) == (400, STS_NAMESPACE, "MissingAction")
        assert message == "The request is missing an action or a required parameter."


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        (
            WireRequest("POST", "/", "", {"host": "h", **FORM}, ASK.encode(), ""),
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        (
            request(credential=RETIRED),
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (
            request(credential=Credential("AKIDALICE", "wrong", PRINCIPAL, active=True)),
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service "
            "documentation for details.",
        ),
        (
            request(now=CLOCK.now() - 901),
            "SignatureDoesNotMatch",
            "Signature expired: 20260921T135819Z is now earlier than 20260921T135820Z "
            "(20260921T141320Z - 15 min.)",
        ),
        (
            request(scope=Scope(HOME, "kms")),
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'. ",
        ),
        (
            request(scope=Scope("ap-southeast-2", "sts")),
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region, not 'ap-southeast-2'. ",
        ),
    ],
)
async def test_a_caller_who_proves_nothing(asked: WireRequest, code: str, message: str) -> None:
    recorder = Recorder()
    response = await answer(asked, recorder)
    assert error_of(response) == (403, STS_NAMESPACE, code, message)
    assert recorder.calls == []


async def test_what_is_signed_for_another_service_is_told_so() -> None:
    status, namespace, code, message = error_of(await answer(request(scope=Scope(HOME, "iam"))))
    assert (status, namespace, code) == (400, FAULT_NAMESPACE, "InvalidAction")
    assert message == "Could not find operation GetCallerIdentity for version 2011-06-15"


async def test_fifteen_minutes_on_either_side_are_let_through() -> None:
    for off in (-900, 900):
        assert (await answer(request(now=CLOCK.now() + off))).status == 200


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (errors.AccessDenied("not you"), (403, "AccessDenied", "not you")),
        (errors.Throttling(), (400, "Throttling", "Rate exceeded")),
        (errors.Validation("a & b"), (400, "ValidationError", "a &amp; b")),
        (RuntimeError("secret text"), (500, "InternalFailure", "")),
    ],
)
async def test_an_error_is_told_by_its_name_and_status(
    failure: BaseException, expected: tuple[int, str, str]
) -> None:
    status, _, code, message = error_of(await answer(request(), Recorder(failure=failure)))
    assert (status, code, message) == expected


async def test_a_target_of_json_is_no_target_here_and_the_other_way_round() -> None:
    headers = {"host": "h", "x-amz-target": "sts.GetCallerIdentity"}
    response = await answer(WireRequest("POST", "/", "", headers, b"{}", ""))
    assert response.body == b'{"__type":"UnknownOperationException"}'
    _, _, code, _ = error_of(await answer(request("Action=Encrypt&Version=2011-06-15")))
    assert code == "InvalidAction"


async def test_json_is_taken_with_its_signature_in_the_query() -> None:
    """As a presigned POST of KMS would be: the target in a header, which is signed."""
    body = b'{"KeyId":"alias/a","Plaintext":"AAAA"}'
    headers = {"x-amz-target": "TrentService.Encrypt"}
    signed = AWSRequest("POST", "http://h/", headers=headers)
    credentials = Credentials(CREDENTIAL.access_key_id, CREDENTIAL.secret)
    with botocore_at(CLOCK.now()):
        BodySigner(body, credentials, "kms", HOME).add_auth(signed)
    query = urlsplit(signed.url).query
    recorder = Recorder(output=GetCallerIdentityResponse())
    asked = WireRequest("POST", "/", query, {"host": "h", **headers}, body, "")
    assert (await answer(asked, recorder)).status == 200
    other = WireRequest("POST", "/", query, {"host": "h", **headers}, b"{}", "")
    assert b"InvalidSignatureException" in (await answer(other, recorder)).body
    assert len(recorder.calls) == 1


async def test_a_long_action_is_not_noted_whole() -> None:
    audit = FakeAudit()
    await answer(request(f"Action={'a' * 100_000}&Version=2011-06-15"), audit=audit)
    [heard] = audit.heard
    assert len(heard.target) <= 256


@given(st.text(max_size=80), st.text(max_size=30))
async def test_no_form_is_a_fault(form: str, content_type: str) -> None:
    headers = {"host": "h", "content-type": content_type}
    for asked in (
        request(f"{ASK}&{form}"),
        WireRequest("GET", "/", form, {"host": "h"}, b"", ""),
        WireRequest("POST", "/", form, headers, form.encode("utf-8", "replace"), ""),
    ):
        assert (await answer(asked)).status < 500


async def test_a_presigned_request_over_http(start_server: StartServer, connect: Connect) -> None:
    """And what else may be asked of that place by GET."""
    output = GetCallerIdentityResponse(arn=PRINCIPAL.arn)
    operation = Operation(
        "sts.GetCallerIdentity", GetCallerIdentityRequest, Recorder(output=output).handle, "sts"
    )
    server = await start_server(protocol(operation, clock=CLOCK, region=HOME))
    signed = AWSRequest("GET", f"http://h/?{ASK}")
    credentials = Credentials(CREDENTIAL.access_key_id, CREDENTIAL.secret)
    with botocore_at(CLOCK.now()):
        BodySigner(b"", credentials, "sts", HOME).add_auth(signed)
    connection = await connect(server)
    for target, status, told in (
        (f"/?{urlsplit(signed.url).query}", 200, PRINCIPAL.arn),
        (f"/?{ASK}", 403, "MissingAuthenticationToken"),
        ("/?", 405, "/ answers POST only."),
        ("/", 405, "/ answers POST only."),
    ):
        connection.send(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        response = await connection.response()
        assert response is not None
        assert (response.status, told in response.body.decode()) == (status, True)
