"""Requests of every kind to STS, through a whole region: refusals that SDKs know, and no fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.wire.messages import WireRequest
from node.wire.sigv4 import Scope, sign
from tests.scenarios.client import Kms
from tests.scenarios.iam import trust
from tests.scenarios.region import ACCOUNT, START, Regions

ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
ALLOW = '{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}'
CODES = {
    "AccessDenied",
    "InvalidParameterValue",
    "MalformedInput",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "ValidationError",
}
SENSIBLE = {
    "RoleArn": [ROLE, "arn:aws:iam::444455556666:role/any", "x" * 20, ""],
    "RoleSessionName": ["tuesday", "a", "a b", "a" * 65],
    "Policy": [ALLOW, "{", "[]", '{"Statement": []}', "\x00"],
    "PolicyArns": ["", "x"],
    "PolicyArns.member.1.arn": ["arn:aws:iam::aws:policy/AdministratorAccess", "x" * 20, ""],
    "PolicyArns.member.11.arn": ["arn:aws:iam::aws:policy/IAMFullAccess"],
    "DurationSeconds": ["900", "3600", "3601", "43200", "-1", "abc", "", "9" * 30],
    "Tags.member.1.Key": ["team", "Team", "aws:x", "", "é", "\ud7ff", "\x00"],
    "Tags.member.1.Value": ["blue", "", "\u2028"],
    "Tags.member.2.Key": ["team", "b"],
    "Tags.member.2.Value": ["2"],
    "Tags.member.x.Value": ["2"],
    "TransitiveTagKeys.member.1": ["team", "b", ""],
    "ExternalId": ["agreed", "a", "\n"],
    "SerialNumber": ["arn:aws:iam::111122223333:mfa/a"],
    "TokenCode": ["123456", "12345"],
    "SourceIdentity": ["alice", "a", "%"],
    "ProvidedContexts.member.1.ProviderArn": [ROLE],
    "MinimumSessionTokenSize": ["0", "4096", "4097"],
}
FORMS = st.fixed_dictionaries(
    {"Action": st.sampled_from(["AssumeRole", "GetSessionToken", "GetCallerIdentity"])},
    optional={
        name: st.sampled_from(values) | st.text(st.characters(exclude_categories=["Cs"]))
        for name, values in SENSIBLE.items()
    },
)
RIGHT = {"RoleArn": ROLE, "RoleSessionName": "tuesday"}


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    """A user who may assume a role, tag it, and say who is behind."""
    regions = Regions(tmp_path_factory.mktemp("any"), ["us-east-1"])
    region = regions["us-east-1"]
    user = region.user("any", '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}')
    made = trust(f"arn:aws:iam::{ACCOUNT}:root", action="sts:*")
    _role(region.kms, made)
    yield user
    regions.close()


def _role(kms: Kms, document: str) -> None:
    """The role, by a request that is signed here, as botocore's clock is another one."""
    form = urlencode(
        {
            "Action": "CreateRole",
            "Version": "2010-05-08",
            "RoleName": "any",
            "AssumeRolePolicyDocument": document,
        }
    )
    response = kms.handle(_signed(kms, form, "iam"))
    assert response.status == 200, response.body


def _signed(kms: Kms, form: str, service: str = "sts") -> WireRequest:
    headers = {"host": "h", "content-type": "application/x-www-form-urlencoded"}
    bare = WireRequest("POST", "/", "", headers, form.encode(), "192.0.2.1")
    credential = kms.credential
    scope = Scope("us-east-1", service)
    proof = sign(bare, credential.access_key_id, credential.secret, scope, START)
    return WireRequest("POST", "/", "", {**headers, **proof}, form.encode(), "192.0.2.1")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FORMS, st.booleans())
def test_no_request_is_a_fault(caller: Kms, form: dict[str, str], right: bool) -> None:
    asked = {**form, **(RIGHT if right else {}), "Version": "2011-06-15"}
    response = caller.handle(_signed(caller, urlencode(asked)))
    if response.status == 200:
        assert b"<RequestId>" in response.body
        return
    code = re.search(rb"<Code>(\w+)</Code>", response.body)
    assert code is not None, response.body
    assert code[1].decode() in CODES, (asked, response.body)
    assert response.status == (403 if code[1] == b"AccessDenied" else 400)


def test_the_right_request_is_served(caller: Kms) -> None:
    form = urlencode({"Action": "AssumeRole", "Version": "2011-06-15", **RIGHT})
    response = caller.handle(_signed(caller, form))
    assert response.status == 200, response.body
