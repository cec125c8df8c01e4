"""IAM's requests byte by byte: what is sent wrong gets IAM's answer, and never a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.wire import sigv4
from node.wire.messages import WireRequest, WireResponse
from tests.scenarios.client import SOURCE_ADDRESS, Kms
from tests.scenarios.region import START, Regions

FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSION = "Version=2010-05-08"
NAMES = ("CreateUser", "GetUser", "ListUsers", "TagUser", "CreateRole", "PutUserPolicy", "Unknown")


@pytest.fixture(scope="module")
def kms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    regions = Regions(tmp_path_factory.mktemp("region"), ["eu-west-1"])
    yield regions["eu-west-1"].kms
    regions.close()


def sent(kms: Kms, form: str | bytes, region: str = "us-east-1") -> WireResponse:
    """The answer to a form, signed for IAM."""
    body = form.encode() if isinstance(form, str) else form
    headers = {"host": "iam.test", "content-type": FORM}
    bare = WireRequest("POST", "/", "", headers, body, SOURCE_ADDRESS)
    credential = kms.credential
    signature = sigv4.sign(
        bare,
        credential.access_key_id,
        credential.secret,
        sigv4.Scope(region, "iam"),
        START,
    )
    return kms.handle(WireRequest("POST", "/", "", {**headers, **signature}, body, SOURCE_ADDRESS))


def code(response: WireResponse) -> str:
    """The error of an answer."""
    found = re.search(rb"<Code>(\w+)</Code>", response.body)
    assert found is not None, response.body
    return found[1].decode()


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ("", 400, "MissingAction"),
        (VERSION, 400, "MissingAction"),
        ("Action=GetUser", 400, "InvalidAction"),
        ("Action=GetUser&Version=2011-06-15", 400, "InvalidAction"),
        (f"Action=Unknown&{VERSION}", 400, "InvalidAction"),
        (f"Action=getuser&{VERSION}", 400, "InvalidAction"),
        (f"Action=CreateLoginProfile&{VERSION}&UserName=x", 400, "InvalidAction"),
        (f"Action=CreateUser&{VERSION}", 400, "ValidationError"),
        (f"Action=CreateUser&{VERSION}&UserName=", 400, "ValidationError"),
        (f"Action=CreateUser&{VERSION}&UserName=%00", 400, "ValidationError"),
        (f"Action=CreateUser&{VERSION}&UserName=%1f", 400, "ValidationError"),
        (f"Action=CreateUser&{VERSION}&UserName.member.1=x", 400, "MalformedInput"),
        (f"Action=CreateUser&{VERSION}&UserName=x&Tags=1", 400, "MalformedInput"),
        (
            f"Action=CreateUser&{VERSION}&UserName=x&Tags.member.1.Key=%1f&Tags.member.1.Value=",
            400,
            "ValidationError",
        ),
        (f"Action=ListUsers&{VERSION}&MaxItems=many", 400, "MalformedInput"),
        (f"Action=ListUsers&{VERSION}&MaxItems=0", 400, "ValidationError"),
        (f"Action=ListUsers&{VERSION}&Marker=%ff", 400, "ValidationError"),
        (f"Action=GetUser&{VERSION}&UserName=nobody", 404, "NoSuchEntity"),
        (
            f"Action=PutUserPolicy&{VERSION}&UserName=nobody&PolicyName=p&PolicyDocument=%7B",
            404,
            "NoSuchEntity",
        ),
    ],
)
def test_bad_forms(kms: Kms, form: str, status: int, error: str) -> None:
    response = sent(kms, form)
    assert (response.status, code(response)) == (status, error)
    assert response.headers["Content-Type"] == "text/xml"


def test_the_scope_is_the_global_region_or_the_own_one(kms: Kms) -> None:
    listing = f"Action=ListUsers&{VERSION}"
    assert sent(kms, listing).status == sent(kms, listing, "eu-west-1").status == 200
    assert code(sent(kms, listing, "ap-southeast-2")) == "SignatureDoesNotMatch"


def test_a_policy_comes_back_percent_encoded(kms: Kms) -> None:
    document = '{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*","Sid":"é & <x>"}}'
    assert sent(kms, f"Action=CreateUser&{VERSION}&UserName=encoded").status == 200
    put = f"Action=PutUserPolicy&{VERSION}&UserName=encoded&PolicyName=p&PolicyDocument="
    assert sent(kms, put + quote(document)).status == 200
    got = sent(kms, f"Action=GetUserPolicy&{VERSION}&UserName=encoded&PolicyName=p")
    assert f"<PolicyDocument>{quote(document, safe='')}</PolicyDocument>".encode() in got.body


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(NAMES),
    rest=st.lists(
        st.tuples(
            st.sampled_from(
                ("UserName", "Tags", "Tags.member.1", "Tags.member.1.Key", "Path", "Tags.x.y")
            ),
            st.text(max_size=12) | st.binary(max_size=8),
        ),
        max_size=5,
    ),
)
def test_no_form_is_a_fault(kms: Kms, name: str, rest: list[tuple[str, str | bytes]]) -> None:
    pairs = [f"Action={name}", VERSION]
    pairs += [
        f"{key}={quote(value, errors='replace') if isinstance(value, str) else quote(value)}"
        for key, value in rest
    ]
    response = sent(kms, "&".join(pairs))
    assert response.status < 500, (pairs, response.body)
