"""What botocore's own signer signs verifies; what is changed afterwards does not."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import assume, given
from hypothesis import strategies as st

from node.model import errors
from node.wire.messages import WireRequest
from node.wire.sigv4 import SigningKeys, read_claim, sign, verify
from tests.wire.support import ACCEPTED, CREDENTIAL, SCOPE

MOMENT = 1_790_000_000.0

TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
SPACED = st.lists(VALUES, max_size=4).map(lambda words: "  ".join(words).strip())
HEADERS = st.dictionaries(TOKENS.map(lambda name: f"x-test-{name}"), SPACED, max_size=4)
BODIES = st.binary(max_size=300)


@contextmanager
def botocore_at(moment: float) -> Iterator[None]:
    """botocore reads its clock in one place; here it stands still."""
    then = datetime.datetime.fromtimestamp(moment, datetime.UTC)
    with mock.patch.object(auth, "get_current_datetime", return_value=then):
        yield


def signed_by_botocore(headers: dict[str, str], body: bytes) -> WireRequest:
    request = AWSRequest("POST", "http://kms.test:4601/", headers=headers, data=body)
    signer = auth.SigV4Auth(
        Credentials(CREDENTIAL.access_key_id, CREDENTIAL.secret), SCOPE.service, SCOPE.region
    )
    with botocore_at(MOMENT):
        signer.add_auth(request)
    sent = {name.lower(): value for name, value in request.headers.items()}
    sent.setdefault("host", "kms.test:4601")
    return WireRequest("POST", "/", "", sent, body, "192.0.2.1")


def check(request: WireRequest, now: float = MOMENT) -> None:
    verify(request, read_claim(request, ACCEPTED, now), CREDENTIAL, SigningKeys(8))


def replaced(request: WireRequest, **changes: object) -> WireRequest:
    fields = {name: getattr(request, name) for name in WireRequest.__dataclass_fields__}
    return WireRequest(**{**fields, **changes})


BASE = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Encrypt"}


@given(HEADERS, BODIES)
def test_what_botocore_signs_verifies(headers: dict[str, str], body: bytes) -> None:
    check(signed_by_botocore({**BASE, **headers}, body))


@given(HEADERS, BODIES)
def test_our_client_signs_as_botocore_does(headers: dict[str, str], body: bytes) -> None:
    theirs = signed_by_botocore({**BASE, **headers}, body)
    bare = {
        name: value
        for name, value in theirs.headers.items()
        if name not in ("authorization", "x-amz-date")
    }
    ours = sign(
        replaced(theirs, headers=bare),
        CREDENTIAL.access_key_id,
        CREDENTIAL.secret,
        SCOPE,
        MOMENT,
    )
    assert ours["authorization"] == theirs.headers["authorization"]


@given(BODIES, st.data())
def test_a_changed_body_is_refused(body: bytes, data: st.DataObject) -> None:
    request = signed_by_botocore(BASE, body)
    other = data.draw(BODIES.filter(lambda each: each != body))
    with pytest.raises(errors.InvalidSignature):
        check(replaced(request, body=other))


@given(HEADERS, st.data())
def test_a_changed_header_is_refused(headers: dict[str, str], data: st.DataObject) -> None:
    request = signed_by_botocore({**BASE, **headers}, b"{}")
    signed = sorted(set(request.headers) - {"authorization", "x-amz-date"})
    name = data.draw(st.sampled_from(signed))
    value = data.draw(SPACED.filter(lambda each: each.split() != request.headers[name].split()))
    with pytest.raises(errors.InvalidSignature):
        check(replaced(request, headers={**request.headers, name: value}))


@given(st.data())
def test_a_removed_header_is_refused(data: st.DataObject) -> None:
    request = signed_by_botocore({**BASE, "x-test-a": "b"}, b"{}")
    signed = sorted(set(request.headers) - {"authorization", "x-amz-date"})
    gone = data.draw(st.sampled_from(signed))
    rest = {name: value for name, value in request.headers.items() if name != gone}
    with pytest.raises(errors.InvalidSignature):
        check(replaced(request, headers=rest))


@given(TOKENS, VALUES)
def test_an_added_amz_header_is_refused(name: str, value: str) -> None:
    request = signed_by_botocore(BASE, b"{}")
    added = {**request.headers, f"x-amz-{name}": value}
    assume(added.keys() != request.headers.keys())
    with pytest.raises((errors.InvalidSignature, errors.UnrecognizedClient)):
        check(replaced(request, headers=added))


def test_an_added_header_that_does_not_matter_is_let_through() -> None:
    request = signed_by_botocore(BASE, b"{}")
    check(replaced(request, headers={**request.headers, "x-forwarded-for": "192.0.2.9"}))


@pytest.mark.parametrize(
    "changes", [{"method": "GET"}, {"path": "/x"}, {"query": "a=b"}, {"query": "a"}]
)
def test_a_changed_request_line_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(errors.InvalidSignature):
        check(replaced(signed_by_botocore(BASE, b"{}"), **changes))


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_a_changed_signature_is_refused(place: int, digit: str) -> None:
    request = signed_by_botocore(BASE, b"{}")
    head, signature = request.headers["authorization"].rsplit("=", 1)
    changed = signature[:place] + digit + signature[place + 1 :]
    assume(changed != signature)
    headers = {**request.headers, "authorization": f"{head}={changed}"}
    with pytest.raises(errors.InvalidSignature):
        check(replaced(request, headers=headers))


@pytest.mark.parametrize("signature", ["0", "0" * 63, "0" * 65, "\udcff", "x" * 64, "é" * 64])
def test_a_signature_of_another_form_is_refused(signature: str) -> None:
    request = signed_by_botocore(BASE, b"{}")
    head, _ = request.headers["authorization"].rsplit("=", 1)
    headers = {**request.headers, "authorization": f"{head}={signature}"}
    with pytest.raises(errors.InvalidSignature):
        check(replaced(request, headers=headers))


def test_an_upper_case_signature_is_refused() -> None:
    request = signed_by_botocore(BASE, b"{}")
    head, signature = request.headers["authorization"].rsplit("=", 1)
    headers = {**request.headers, "authorization": f"{head}={signature.upper()}"}
    with pytest.raises(errors.InvalidSignature):
        check(replaced(request, headers=headers))
