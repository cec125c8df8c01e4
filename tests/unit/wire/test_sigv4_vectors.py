"""Signature Version 4 against the values that AWS has published.

Sources: IAM User Guide, "Create a signed AWS API request" (the ListUsers example); AWS General
Reference, "Examples of how to derive a signing key"; the AWS Signature Version 4 test suite
(aws-sig-v4-test-suite, cases by their names).
"""

from __future__ import annotations

import hashlib

import pytest

from node.wire.messages import WireRequest
from node.wire.sigv4 import Scope, sign
from node.wire.sigv4.canonical import (
    canonical_request,
    credential_scope,
    derive_signing_key,
    signature,
    string_to_sign,
)

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TIMESTAMP = "20150830T123600Z"
MOMENT = 1_440_938_160.0
EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def test_a_signing_key_is_derived_as_published() -> None:
    assert derive_signing_key(SECRET, "20120215", "us-east-1", "iam").hex() == (
        "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"
    )


def test_the_list_users_example_step_by_step() -> None:
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": "iam.amazonaws.com",
        "x-amz-date": TIMESTAMP,
    }
    query = "Version=2010-05-08&Action=ListUsers"
    canonical = canonical_request(
        "GET", "/", query, headers, "content-type;host;x-amz-date", EMPTY_HASH
    )
    assert hashlib.sha256(canonical).hexdigest() == (
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    )
    key = derive_signing_key(SECRET, "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    scope = credential_scope("20150830", "us-east-1", "iam")
    assert signature(key, string_to_sign(TIMESTAMP, scope, canonical)) == (
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


SUITE = {
    "get-vanilla": (
        "GET",
        "",
        {},
        b"",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "get-vanilla-query-order-key-case": (
        "GET",
        "Param2=value2&Param1=value1",
        {},
        b"",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-header-value-trim": (
        "GET",
        "",
        {"my-header1": "value1", "my-header2": '"a   b   c"'},
        b"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "get-header-key-duplicate": (
        "GET",
        "",
        {"my-header1": "value2,value2,value1"},
        b"",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    "post-vanilla": (
        "POST",
        "",
        {},
        b"",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "post-header-key-sort": (
        "POST",
        "",
        {"my-header1": "value1"},
        b"",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    "post-x-www-form-urlencoded": (
        "POST",
        "",
        {"content-type": "application/x-www-form-urlencoded"},
        b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
}


@pytest.mark.parametrize("case", SUITE)
def test_our_client_signs_as_the_suite_does(case: str) -> None:
    method, query, extra, body, expected = SUITE[case]
    headers = {"host": "example.amazonaws.com", **extra}
    signed = sign(
        WireRequest(method, "/", query, headers, body, ""),
        "AKIDEXAMPLE",
        SECRET,
        Scope("us-east-1", "service"),
        MOMENT,
    )
    names = ";".join(sorted([*headers, "x-amz-date"]))
    assert signed == {
        "x-amz-date": TIMESTAMP,
        "authorization": "AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={names}, Signature={expected}",
    }
