"""GetKeyPolicy, PutKeyPolicy and ListKeyPolicies, and every document that is refused on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node.model.policy import default_key_policy
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import ACCOUNT, RegionUnderTest

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
ADMIN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
NO_PRINCIPAL = "Policy contains a statement with no principal."
OVERLY_PERMISSIVE = (
    "OverlyPermissiveCondition:{}: Using the ForAllValues set operator with a single-valued "
    "condition key matches requests without the specified {} or with an unspecified {}. "
    "To fix, remove ForAllValues."
)


def statement(**members: Any) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
    whole.update(members)
    return {name: each for name, each in whole.items() if each is not None}


def policy(*statements: object, **members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **members})


def condition(operator: str, key: str, value: object) -> dict[str, Any]:
    return statement(Condition={operator: {key: value}})


@pytest.fixture(scope="module")
def key(kms: Kms) -> str:
    return kms.key()


def test_what_is_put_is_given_back_to_the_letter(kms: Kms) -> None:
    key = kms.key()
    assert kms("GetKeyPolicy", KeyId=key) == {
        "Policy": default_key_policy(ACCOUNT),
        "PolicyName": "default",
    }
    text = "  " + policy(statement(Sid="Größe nötig")).replace(", ", ",\r\n\t")
    kms("PutKeyPolicy", KeyId=kms.arn(key), PolicyName="default", Policy=text)
    assert kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"] == text
    assert kms("ListKeyPolicies", KeyId=key) == {"PolicyNames": ["default"], "Truncated": False}


def test_a_policy_holds_from_the_moment_of_the_answer(region: RegionUnderTest, kms: Kms) -> None:
    key, app = kms.key(), region.user("app")
    for _ in range(3):
        with refused("AccessDeniedException"):
            app.encrypt(kms.arn(key))
        mine = statement(Principal={"AWS": app.principal_arn}, Action="kms:Encrypt")
        kms("PutKeyPolicy", KeyId=key, Policy=policy(statement(), mine))
        assert app.encrypt(kms.arn(key))
        kms("PutKeyPolicy", KeyId=key, Policy=policy(statement()))


REFUSED = [
    ("{", "The policy is not valid JSON."),
    ('{"Statement": NaN}', "The policy is not valid JSON."),
    ('{"Id": "a", "Id": "b"}', "The policy is not valid JSON."),
    ("[]", "The policy is not a JSON object."),
    ("{}", "The policy has no statements."),
    (policy(), "The policy has no statements."),
    (policy("a"), "Statement 1 of the policy is not a JSON object."),
    (policy(statement(), Extra=1), "The policy has an element Extra, which no policy has."),
    (policy(statement(action="x")), "The policy has an element action, which no policy has."),
    (
        policy(statement(), Version="2013-01-01"),
        "The policy's Version is not one of 2008-10-17, 2012-10-17.",
    ),
    (policy(statement(), Id=1), "The policy's Id is not a text."),
    (
        policy(statement(Sid="a"), statement(Sid="a")),
        "Two statements of the policy have the same Sid.",
    ),
    (policy(statement(Effect="allow")), "A statement's Effect is neither Allow nor Deny."),
    (policy(statement(Principal=None)), NO_PRINCIPAL),
    (policy(statement(Principal={})), NO_PRINCIPAL),
    (policy(statement(Principal={"AWS": []})), NO_PRINCIPAL),
    (policy(statement(Principal=ADMIN)), INVALID_PRINCIPALS),
    (policy(statement(Principal={"AWS": "bob"})), INVALID_PRINCIPALS),
    (policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"})), INVALID_PRINCIPALS),
    (policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"})), INVALID_PRINCIPALS),
    (policy(statement(Principal={"Canonical": "x"})), INVALID_PRINCIPALS),
    (policy(statement(Principal={"Service": "not a service"})), INVALID_PRINCIPALS),
    (policy(statement(NotPrincipal=ROOT)), "A statement has both Principal and NotPrincipal."),
    (policy(statement(NotAction="kms:*")), "A statement has both Action and NotAction."),
    (
        policy(statement(Action="Encrypt")),
        "A statement's Action is not a list of actions, as kms:Encrypt.",
    ),
    (policy(statement(Resource="key/1")), "An ARN in the specified key policy is invalid."),
    (policy(statement(Resource=[])), "A statement's Resource is empty."),
    (policy(statement(Condition=[])), "A statement's Condition is not a JSON object."),
    (
        policy(condition("StringEqual", "kms:KeySpec", "x")),
        "The condition StringEqual of kms:KeySpec cannot be: there is no condition operator "
        "StringEqual.",
    ),
    (
        policy(condition("NumericEquals", "kms:RotationPeriodInDays", "many")),
        "The condition NumericEquals of kms:RotationPeriodInDays cannot be: many is not a number.",
    ),
    (
        policy(condition("Bool", "aws:SecureTransport", "yes")),
        "The condition Bool of aws:SecureTransport cannot be: yes is neither true nor false.",
    ),
    (
        policy(condition("ForAllValues:StringEquals", "kms:EncryptionContext:a", "b")),
        OVERLY_PERMISSIVE.format("EncryptionContext", "encryption context", "encryption context"),
    ),
    (
        policy(condition("ForAllValues:StringEquals", "aws:RequestTag/a", "b")),
        OVERLY_PERMISSIVE.format("RequestTag", "tag", "tag"),
    ),
    (policy(statement(Action="kms:Encrypt")), LOCKED_OUT),
    (policy(statement(Action=None)), LOCKED_OUT),
    (policy(condition("StringEquals", "aws:PrincipalArn", ADMIN)), LOCKED_OUT),
    (policy(statement(), statement(Effect="Deny", Action="kms:Put*")), LOCKED_OUT),
    (policy(statement(Principal={"AWS": "444455556666"})), LOCKED_OUT),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=lambda each: str(each)[:50])
def test_a_document_that_no_key_can_have(kms: Kms, key: str, text: str, message: str) -> None:
    for operation, members in (("PutKeyPolicy", {"KeyId": key}), ("CreateKey", {})):
        with refused("MalformedPolicyDocumentException", message):
            kms(operation, Policy=text, **members)
    assert kms("GetKeyPolicy", KeyId=key)["Policy"] == default_key_policy(ACCOUNT)


@pytest.mark.parametrize("text", [each for each, message in REFUSED if message == LOCKED_OUT])
def test_the_safety_check_can_be_left_out(kms: Kms, text: str) -> None:
    key = kms.key()
    kms("PutKeyPolicy", KeyId=key, Policy=text, BypassPolicyLockoutSafetyCheck=True)
    assert kms("CreateKey", Policy=text, BypassPolicyLockoutSafetyCheck=True)


@pytest.mark.parametrize("text", ["", "\u0100", policy(statement(Sid="x")).replace("x", "漢")])
def test_characters_that_no_policy_has(kms: Kms, key: str, text: str) -> None:
    with refused("ValidationException"):
        kms("PutKeyPolicy", KeyId=key, Policy=text)


def test_the_size_of_a_policy(kms: Kms, key: str) -> None:
    room = 32 * 1024 - len(policy(statement(Sid="")))
    kms("PutKeyPolicy", KeyId=kms.key(), Policy=policy(statement(Sid="s" * room)))
    with refused("LimitExceededException"):
        kms("PutKeyPolicy", KeyId=key, Policy=policy(statement(Sid="s" * (room + 1))))


def test_names_of_policies(kms: Kms, key: str) -> None:
    text = policy(statement())
    with refused("UnsupportedOperationException"):
        kms("PutKeyPolicy", KeyId=key, PolicyName="other", Policy=text)
    with refused(
        "ValidationException", "The AWS_RAM policy can only be managed by the RAM service"
    ):
        kms("PutKeyPolicy", KeyId=key, PolicyName="AWS_RAM", Policy=text)
    with refused("NotFoundException", "No such policy exists"):
        kms("GetKeyPolicy", KeyId=key, PolicyName="other")
