"""Keyspan.ExplainPolicy: it says what the call then meets, and is authorised like any other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.client import Answer, Kms, refused
from tests.scenarios.region import ACCOUNT, OTHER_ACCOUNT, RegionUnderTest

ADMIN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(*actions: str, resource: str = "*", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **members}


DELEGATION = allowing("kms:*", Principal={"AWS": ROOT}, Sid="delegates")


def explain(kms: Kms, principal: str, action: str, key: str | None, **members: Any) -> Answer:
    return kms.admin("ExplainPolicy", principal=principal, action=action, key=key, **members)


def deciding(answer: Answer) -> list[tuple[str, int]]:
    return [(each["policy"], each["number"]) for each in answer["statements"] if each["decides"]]


def test_what_is_explained_is_what_the_call_meets(region: RegionUnderTest, kms: Kms) -> None:
    app = region.user("app", policy(allowing("kms:Encrypt"), allowing("kms:Sign")))
    tenant = {"StringEquals": {"kms:EncryptionContext:tenant": "blue"}}
    direct = allowing("kms:GenerateMac", Principal={"AWS": app.principal_arn})
    key = kms.key(
        Policy=policy(
            DELEGATION,
            direct,
            allowing("kms:Decrypt", Principal={"AWS": app.principal_arn}, Condition=tenant),
        )
    )
    answer = explain(kms, app.principal_arn, "kms:Encrypt", key)
    assert (answer["allowed"], answer["message"]) == (True, "")
    assert answer["resource"] == kms.arn(key)
    assert deciding(answer) == [("default", 1), ("policy-0", 1)]
    blob = app.encrypt(key, EncryptionContext={"tenant": "blue"})
    denied = explain(kms, app.principal_arn, "kms:Decrypt", key)
    assert (denied["allowed"], deciding(denied)) == (False, [])
    assert denied["absent"] == ["kms:EncryptionContext:tenant"]
    with refused("AccessDeniedException", denied["message"]):
        app("Decrypt", CiphertextBlob=blob, KeyId=key)
    context = {"tenant": "blue"}
    found = explain(kms, app.principal_arn, "kms:decrypt", key, encryption_context=context)
    assert deciding(found) == [("default", 3)]
    assert app("Decrypt", CiphertextBlob=blob, EncryptionContext=context)["Plaintext"]
    named = {"kms:EncryptionContext:Tenant": ["blue"]}
    assert explain(kms, app.principal_arn, "kms:Decrypt", key, conditions=named)["allowed"]


def test_a_grant_is_told_and_nothing_is_used_up(region: RegionUnderTest, kms: Kms) -> None:
    app = region.user("granted")
    key = kms.key()
    made = kms(
        "CreateGrant",
        KeyId=key,
        Name="for-the-app",
        GranteePrincipal=app.principal_arn,
        Operations=["Encrypt"],
    )
    answer = explain(kms, app.principal_arn, "kms:Encrypt", kms.arn(key))
    assert (answer["allowed"], answer["reason"]) == (True, "a grant allows it")
    [grant] = answer["grants"]
    assert grant["grant_id"] == made["GrantId"]
    assert (grant["name"], grant["decides"], grant["why"]) == ("for-the-app", True, "it allows")
    [grant] = explain(kms, app.principal_arn, "kms:Decrypt", key)["grants"]
    assert (grant["matches"], grant["why"]) == (
        False,
        "Decrypt is not one of its operations, Encrypt",
    )


def test_sessions_and_their_policies(region: RegionUnderTest, kms: Kms) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/worker"
    region.attach(role, policy(allowing("kms:*")))
    key = kms.key()
    assert explain(kms, role, "kms:Encrypt", key)["allowed"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/me"
    narrowed = {"session_policy": policy(allowing("kms:Decrypt"))}
    assert explain(kms, session, "kms:Decrypt", key, **narrowed)["allowed"]
    answer = explain(kms, session, "kms:Encrypt", key, **narrowed)
    assert answer["message"].endswith("because no session policy allows the kms:Encrypt action")


def test_actions_about_no_key_and_by_alias(kms: Kms) -> None:
    assert explain(kms, ADMIN, "kms:CreateKey", None)["resource"] == "*"
    key = kms.key()
    kms("CreateAlias", AliasName="alias/explained", TargetKeyId=key)
    answer = explain(kms, ADMIN, "kms:Sign", "alias/explained")
    assert answer["resource"] == kms.arn(key)


@pytest.mark.parametrize(
    ("principal", "action", "said"),
    [
        ("alice", "kms:Sign", "alice is not the ARN of an account, user, role or session."),
        (ADMIN, "kms:Singn", "kms:Singn is not an action of KMS; perhaps kms:Sign is meant."),
        (ADMIN, "s3:GetObject", "s3:GetObject is not an action of KMS."),
        (ADMIN, "kms:CreateKey", "kms:CreateKey is about no key."),
        (
            ADMIN,
            "kms:ReEncrypt",
            "kms:ReEncrypt is no permission: ask for kms:ReEncryptFrom with the old key, and for "
            "kms:ReEncryptTo with the new one.",
        ),
        (
            ADMIN,
            "kms:RetireGrant",
            "kms:RetireGrant is decided by the grant itself: see ListGrants.",
        ),
    ],
)
def test_what_cannot_be_explained_is_said(kms: Kms, principal: str, action: str, said: str) -> None:
    with refused("ValidationException", said):
        explain(kms, principal, action, kms.key())


def test_more_that_cannot_be_explained(kms: Kms) -> None:
    with refused("ValidationException", "kms:Sign is about a key."):
        explain(kms, ADMIN, "kms:Sign", None)
    with refused("NotFoundException"):
        explain(kms, ADMIN, "kms:Sign", "alias/nothing")
    with refused("ValidationException", f"{ADMIN} is no session, so it has no session policy."):
        policy_of = {"session_policy": policy(allowing("kms:*"))}
        explain(kms, ADMIN, "kms:Sign", kms.key(), **policy_of)


def test_the_cluster_may_ask_about_another_accounts_key_and_not_the_other_way_round(
    kms: Kms, stranger: Kms
) -> None:
    theirs, ours = stranger.key(), kms.key()
    answer = explain(kms, stranger.principal_arn, "kms:Encrypt", stranger.arn(theirs))
    assert (answer["allowed"], answer["resource"]) == (True, stranger.arn(theirs))
    assert not explain(kms, ADMIN, "kms:Encrypt", stranger.arn(theirs))["allowed"]
    for key in (kms.arn(ours), theirs, None):
        with refused("AccessDeniedException"):
            explain(stranger, stranger.principal_arn, "kms:Encrypt", key)


def test_who_may_ask_about_which_keys(region: RegionUnderTest, kms: Kms) -> None:
    mine, other = kms.key(), kms.key()
    auditor = region.user(
        "auditor", policy(allowing("keyspan:ExplainPolicy", resource=kms.arn(mine)))
    )
    assert explain(auditor, ADMIN, "kms:Encrypt", mine)["allowed"]
    for key in (other, None):
        with refused("AccessDeniedException"):
            explain(auditor, ADMIN, "kms:Encrypt", key)
    using = region.user("using", policy(allowing("kms:*")))
    with refused("AccessDeniedException"):
        explain(using, ADMIN, "kms:Encrypt", mine)
    foreign = region.user("auditor", policy(allowing("keyspan:*", "kms:*")), account=OTHER_ACCOUNT)
    with refused("AccessDeniedException"):
        explain(foreign, ADMIN, "kms:Encrypt", kms.arn(mine))
