"""Key policies and grants name principals who exist, and go on to be about them alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.boto import boto3_clock
from tests.scenarios.client import Kms, refused
from tests.scenarios.iam import client, iam_of, made_user, policy, trust
from tests.scenarios.region import ACCOUNT, OTHER_ACCOUNT, Regions, RegionUnderTest

__all__ = ["boto3_clock"]

pytestmark = pytest.mark.usefixtures("boto3_clock")

INVALID = "Policy contains a statement with one or more invalid principals."


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def to(*arns: str, action: str = "kms:Encrypt") -> str:
    """A key policy that delegates to the account, and lets these do something by themselves."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": list(arns)},
                    "Action": action,
                    "Resource": "*",
                },
            ],
        }
    )


def named(kms: Kms, key_id: str) -> Any:
    """Whom the second statement of a key's policy names."""
    policy = json.loads(kms("GetKeyPolicy", KeyId=key_id)["Policy"])
    return policy["Statement"][1]["Principal"]["AWS"]


@pytest.mark.parametrize(
    "missing",
    [
        arn("user", "nobody"),
        arn("role", "nobody"),
        arn("user", "other-path/somebody"),
        f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/session",
        "AIDA00000000000000000",
    ],
)
def test_a_policy_that_names_who_does_not_exist_is_refused(
    region: RegionUnderTest, kms: Kms, missing: str
) -> None:
    iam = iam_of(kms)
    if not any(user["UserName"] == "somebody" for user in iam.list_users()["Users"]):
        iam.create_user(UserName="somebody", Path="/this-path/")
    key_id = kms.key()
    with refused("MalformedPolicyDocumentException", INVALID):
        kms("PutKeyPolicy", KeyId=key_id, Policy=to(arn("user", "this-path/somebody"), missing))
    with refused("MalformedPolicyDocumentException", INVALID):
        kms("CreateKey", Policy=to(missing))
    with refused("MalformedPolicyDocumentException"):
        kms("CreateKey", Policy=to(missing), BypassPolicyLockoutSafetyCheck=True)
    kms("PutKeyPolicy", KeyId=key_id, Policy=to(arn("user", "this-path/somebody")))


def test_principals_of_an_account_that_the_cluster_does_not_know_are_taken_at_their_word(
    kms: Kms,
) -> None:
    there = arn("role", "production", "999988887777")
    assert named(kms, kms.key(Policy=to(there))) == [there]
    with refused("MalformedPolicyDocumentException", INVALID):
        kms("CreateKey", Policy=to(arn("user", "nobody", OTHER_ACCOUNT)))


def test_a_policy_goes_with_the_user_and_not_with_the_name(
    region: RegionUnderTest, kms: Kms
) -> None:
    iam = iam_of(kms)
    first = made_user(iam, "moving")
    key_id = kms.key(Policy=to(arn("user", "moving")))
    assert named(kms, key_id) == [arn("user", "moving")]
    assert client(region, first).encrypt(key_id)
    iam.update_user(UserName="moving", NewUserName="moved", NewPath="/p/")
    assert named(kms, key_id) == [arn("user", "p/moved")]
    assert client(region, first).encrypt(key_id)
    iam.delete_access_key(UserName="moved", AccessKeyId=first.access_key_id)
    iam.delete_user(UserName="moved")
    second = made_user(iam, "moving")
    with refused("AccessDeniedException"):
        client(region, second).encrypt(key_id)
    assert named(kms, key_id) == [first.principal.principal_id]
    with refused("MalformedPolicyDocumentException", INVALID):
        kms("PutKeyPolicy", KeyId=key_id, Policy=kms("GetKeyPolicy", KeyId=key_id)["Policy"])


def test_a_policy_keeps_the_form_in_which_it_was_put(kms: Kms) -> None:
    iam_of(kms).create_user(UserName="formal")
    document = json.dumps(json.loads(to(arn("user", "formal"))), indent=5)
    assert kms("GetKeyPolicy", KeyId=kms.key(Policy=document))["Policy"] == document


def test_a_policy_may_deny_a_role_by_name(kms: Kms) -> None:
    iam = iam_of(kms)
    iam.create_role(
        RoleName="denied", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root")
    )
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/denied/any"
    key_id = kms.key(Policy=to(arn("role", "denied"), session))
    assert named(kms, key_id) == [arn("role", "denied"), session]


def test_a_grant_goes_with_the_user_and_not_with_the_name(
    region: RegionUnderTest, kms: Kms
) -> None:
    iam = iam_of(kms)
    first = made_user(iam, "granted")
    key_id = kms.key()
    grantee = arn("user", "granted")
    terms = {"KeyId": key_id, "Operations": ["Encrypt"], "Name": "once"}
    grant_id = kms("CreateGrant", **terms, GranteePrincipal=grantee)["GrantId"]
    assert kms("CreateGrant", **terms, GranteePrincipal=grantee)["GrantId"] == grant_id
    kms("CreateGrant", **terms, GranteePrincipal=kms.principal_arn, RetiringPrincipal=grantee)
    assert client(region, first).encrypt(key_id)
    listed = kms("ListGrants", KeyId=key_id, GranteePrincipal=grantee)["Grants"]
    assert [each["GranteePrincipal"] for each in listed] == [grantee]
    assert len(kms("ListRetirableGrants", RetiringPrincipal=grantee)["Grants"]) == 1
    iam.update_user(UserName="granted", NewUserName="still-granted")
    assert client(region, first).encrypt(key_id)
    iam.delete_access_key(UserName="still-granted", AccessKeyId=first.access_key_id)
    iam.delete_user(UserName="still-granted")
    second = made_user(iam, "granted")
    with refused("AccessDeniedException"):
        client(region, second).encrypt(key_id)
    shown = {each["GranteePrincipal"] for each in kms("ListGrants", KeyId=key_id)["Grants"]}
    assert shown == {first.principal.principal_id, kms.principal_arn}


def test_a_grant_to_who_does_not_exist_is_refused(kms: Kms) -> None:
    missing = arn("user", "not-there")
    key_id = kms.key()
    for members in (
        {"GranteePrincipal": missing},
        {"GranteePrincipal": kms.principal_arn, "RetiringPrincipal": missing},
    ):
        with refused("InvalidArnException", f"ARN does not refer to a valid principal: {missing}"):
            kms("CreateGrant", KeyId=key_id, Operations=["Encrypt"], **members)


def test_a_replica_gets_a_policy_about_the_same_user(shared_regions: Regions) -> None:
    home, away = shared_regions["us-east-1"], shared_regions["eu-west-1"]
    credential = made_user(iam_of(home.kms), "replicated")
    key_id = home.kms.key(MultiRegion=True)
    shared_regions.settle()
    policy = to(arn("user", "replicated"))
    made = home.kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1", Policy=policy)
    assert made["ReplicaPolicy"] == policy
    shared_regions.settle()
    assert client(away, credential).encrypt(key_id)
    iam_of(away.kms).update_user(UserName="replicated", NewUserName="again")
    assert named(away.kms, key_id) == [arn("user", "again")]


def test_an_explanation_is_of_the_user_with_its_tags_and_shows_arns(
    region: RegionUnderTest, kms: Kms
) -> None:
    iam = iam_of(kms)
    named_user = made_user(iam, "explained")
    made_user(
        iam, "unexplained", policy("Allow", "kms:Encrypt", StringEquals={"aws:PrincipalTag/a": "1"})
    )
    iam.tag_user(UserName="unexplained", Tags=[{"Key": "a", "Value": "1"}])
    root = trust(f"arn:aws:iam::{ACCOUNT}:root")
    iam.create_role(RoleName="explained", Path="/p/", AssumeRolePolicyDocument=root)
    key_id = kms.key(
        Policy=to(arn("user", "explained"), arn("role", "p/explained"), action="kms:Sign")
    )

    def explained(principal: str, action: str) -> Any:
        return kms.admin("ExplainPolicy", principal=principal, action=action, key=key_id)

    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/explained/anything"
    for principal in (arn("user", "explained"), arn("role", "p/explained"), session):
        assert explained(principal, "kms:Sign")["allowed"], principal
    with refused("AccessDeniedException"):
        client(region, named_user).encrypt(key_id)
    assert explained(arn("user", "unexplained"), "kms:Encrypt")["allowed"]
    denial = explained(arn("user", "unexplained"), "kms:Sign")
    (why,) = [each["why"] for each in denial["statements"] if "the principal" in each["why"]]
    assert arn("user", "explained") in why
    assert "AIDA" not in why
