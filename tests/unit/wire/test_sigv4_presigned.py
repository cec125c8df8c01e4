"""Requests that are signed in their query string: by botocore's own signer, and by nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from node.model import errors
from node.wire.messages import WireRequest
from node.wire.sigv4 import Accepted, Claim, SigningKeys, read_claim, service_claimed, verify
from tests.unit.wire.test_sigv4_botocore import botocore_at
from tests.wire.support import CREDENTIAL

MOMENT = 1_790_000_000.0
STAMP = "20260921T141320Z"
REGION = "eu-west-1"
STS = Accepted("sts", (REGION, "us-east-1"), 15)
ASK = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: not name.startswith("X-Amz-")
)
PARAMETERS = st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
BODIES = st.binary(max_size=40)


class BodySigner(auth.SigV4QueryAuth):  # type: ignore[misc]
    """Signs a body, which botocore's own would move into the query string."""

    def __init__(self, body: bytes, credentials: Credentials, service: str, region: str) -> None:
        super().__init__(credentials, service, region, expires=60)
        self._body = body

    def payload(self, request: AWSRequest) -> str:
        return hashlib.sha256(self._body).hexdigest()


def presigned(
    parameters: dict[str, str],
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    token: str | None = None,
) -> WireRequest:
    """As botocore's generate_presigned_url signs it."""
    query = urlencode(parameters, quote_via=quote)
    request = AWSRequest(method, f"http://sts.test:4601/?{query}", headers=headers)
    credentials = Credentials(CREDENTIAL.access_key_id, CREDENTIAL.secret, token)
    with botocore_at(MOMENT):
        BodySigner(body, credentials, "sts", REGION).add_auth(request)
    sent = {name.lower(): value for name, value in request.headers.items()}
    sent["host"] = "sts.test:4601"
    return WireRequest(method, "/", urlsplit(request.url).query, sent, body, "192.0.2.1")


def read(request: WireRequest, now: float = MOMENT) -> Claim:
    return read_claim(request, STS, now)


def check(request: WireRequest, now: float = MOMENT) -> None:
    verify(request, read(request, now), CREDENTIAL, SigningKeys(4))


def rewritten(request: WireRequest, change: Callable[[dict[str, str]], object]) -> WireRequest:
    """The request with its parameters changed, after it was signed."""
    parameters = dict(parse_qsl(request.query, keep_blank_values=True))
    change(parameters)
    query = urlencode(parameters, quote_via=quote)
    return WireRequest(request.method, "/", query, request.headers, request.body, "")


@given(PARAMETERS, BODIES)
def test_what_botocore_presigns_verifies(parameters: dict[str, str], body: bytes) -> None:
    check(presigned({**ASK, **parameters}))
    check(presigned({**ASK, **parameters}, method="POST", body=body, headers={"x-amz-target": "t"}))


@given(PARAMETERS)
def test_it_verifies_however_its_query_is_written(parameters: dict[str, str]) -> None:
    """Another client's percent-encoding, and another order, are the same query string."""
    request = presigned({**ASK, **parameters})
    pairs = parse_qsl(request.query, keep_blank_values=True)
    every_byte = "&".join(
        "=".join("".join(f"%{byte:02x}" for byte in text.encode()) for text in pair)
        for pair in reversed(pairs)
    )
    for query in (every_byte, urlencode(pairs), f"&{urlencode(pairs)}&"):
        check(WireRequest("GET", "/", query, request.headers, b"", ""))


@given(PARAMETERS, st.data())
def test_a_changed_parameter_is_refused(parameters: dict[str, str], data: st.DataObject) -> None:
    request = presigned({**ASK, **parameters, "Policy": "narrow"})
    name = data.draw(st.sampled_from(["Action", "Policy", "X-Amz-Expires", *parameters]))
    value = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))

    def change(found: dict[str, str]) -> None:
        if found.get(name) == value:
            del found[name]
        else:
            found[name] = value

    with pytest.raises(errors.InvalidSignature):
        check(rewritten(request, change))


@given(BODIES, BODIES)
def test_a_changed_body_is_refused(body: bytes, other: bytes) -> None:
    if body == other:
        return
    request = presigned(ASK, method="POST", body=body)
    changed = WireRequest("POST", "/", request.query, request.headers, other, "")
    with pytest.raises(errors.InvalidSignature):
        check(changed)


def test_the_claim_is_read_from_the_query() -> None:
    claim = read(presigned(ASK, token="FwoG+/="))
    assert claim.access_key_id == CREDENTIAL.access_key_id
    assert (claim.timestamp, claim.scope) == (STAMP, (REGION, "sts"))
    assert (claim.signed_headers, claim.token, claim.presigned) == ("host", "FwoG+/=", True)
    assert service_claimed(presigned(ASK)) == "sts"
    assert service_claimed(WireRequest("GET", "/", "X-Amz-Credential=a/b", {}, b"", "")) == ""


def test_a_token_in_a_header_goes_before_one_in_the_query() -> None:
    request = presigned(ASK, token="one", headers={"x-amz-security-token": "two"})
    assert read(request).token == "two"


@pytest.mark.parametrize("off", [-900, -60, 61, 900])
def test_it_is_good_for_fifteen_minutes_whatever_expires_says(off: float) -> None:
    check(presigned(ASK), MOMENT + off)


def test_it_expires() -> None:
    with pytest.raises(errors.InvalidSignature) as caught:
        check(presigned(ASK), MOMENT + 901)
    assert caught.value.message == (
        "Signature expired: 20260921T141320Z is now earlier than 20260921T141321Z "
        "(20260921T142821Z - 15 min.)"
    )


MUST_INCLUDE = "AWS query-string parameters must include"
REFUSED: dict[str, tuple[dict[str, str | None], type[errors.KmsError], str]] = {
    "no algorithm": (
        {"X-Amz-Algorithm": None},
        errors.IncompleteSignature,
        f"{MUST_INCLUDE} 'X-Amz-Algorithm'. Re-examine the query-string parameters.",
    ),
    "nothing but the algorithm": (
        dict.fromkeys(
            ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"), None
        ),
        errors.IncompleteSignature,
        f"{MUST_INCLUDE} 'X-Amz-Credential'. {MUST_INCLUDE} 'X-Amz-Signature'. "
        f"{MUST_INCLUDE} 'X-Amz-SignedHeaders'. {MUST_INCLUDE} 'X-Amz-Date'. "
        "Re-examine the query-string parameters.",
    ),
    "another algorithm of AWS": (
        {"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256"},
        errors.IncompleteSignature,
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    ),
    "another algorithm": (
        {"X-Amz-Algorithm": "HmacSHA256"},
        errors.MissingAuthenticationToken,
        "Missing Authentication Token",
    ),
    "a date that is none": (
        {
            "X-Amz-Date": "20261321T000000Z",
            "X-Amz-Credential": f"A/20261321/{REGION}/sts/aws4_request",
        },
        errors.IncompleteSignature,
        "Date must be in ISO-8601 'basic format'. Got '20261321T000000Z'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    "a credential without a scope": (
        {"X-Amz-Credential": "AKID"},
        errors.IncompleteSignature,
        "Credential must have exactly 5 slash-delimited elements, "
        "e.g. keyid/date/region/service/term, got 'AKID'",
    ),
    "another service": (
        {"X-Amz-Credential": f"AKID/20260921/{REGION}/iam/aws4_request"},
        errors.InvalidSignature,
        "Credential should be scoped to correct service: 'sts'. ",
    ),
    "no host among the signed": (
        {"X-Amz-SignedHeaders": "content-type"},
        errors.InvalidSignature,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_named(name: str) -> None:
    changes, error, message = REFUSED[name]

    def change(found: dict[str, str]) -> None:
        for parameter, value in changes.items():
            found.pop(parameter)
            if value is not None:
                found[parameter] = value

    with pytest.raises(errors.KmsError) as caught:
        read(rewritten(presigned(ASK), change))
    assert (type(caught.value), caught.value.message) == (error, message)


def test_a_header_of_amazons_that_is_not_signed_is_refused() -> None:
    request = presigned(ASK)
    headers = {**request.headers, "x-amz-target": "TrentService.Encrypt"}
    with pytest.raises(errors.InvalidSignature, match="'x-amz-target' must be a 'SignedHeader'"):
        read(WireRequest("POST", "/", request.query, headers, b"", ""))


def test_an_authorization_header_goes_before_the_query() -> None:
    request = presigned(ASK)
    headers = {**request.headers, "authorization": "Basic abc"}
    with pytest.raises(errors.MissingAuthenticationToken):
        read(WireRequest("GET", "/", request.query, headers, b"", ""))


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_no_query_breaks_the_reading(query: str) -> None:
    for text in (query, f"X-Amz-Algorithm=AWS4-HMAC-SHA256&{query}", f"X-Amz-Signature={query}"):
        with pytest.raises(errors.KmsError):
            read(WireRequest("GET", "/", text, {"host": "h"}, b"", ""))
