"""Twenty cases of access that people get wrong, end to end with boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import Kms
from tests.scenarios.region import ACCOUNT, Regions, RegionUnderTest

__all__ = ["boto3_clock"]

pytestmark = pytest.mark.usefixtures("boto3_clock")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
DELEGATION = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(*actions: str, resource: str = "*", **condition: Any) -> str:
    """An identity policy of one statement."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return policy({**statement, **({"Condition": condition} if condition else {})})


def to(arn: str, *actions: str, **condition: Any) -> dict[str, Any]:
    """A key policy's statement that allows a principal some actions."""
    named = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": list(actions)}
    return {**named, "Resource": "*", **({"Condition": condition} if condition else {})}


class Case:
    """One region, its administrator, and users as they come."""

    def __init__(self, region: RegionUnderTest, name: str) -> None:
        self.region = region
        self.name = name
        self.admin = boto3_client(region.kms)

    def key(self, *statements: dict[str, Any], **members: Any) -> str:
        if statements:
            members["Policy"] = policy(*statements)
            members["BypassPolicyLockoutSafetyCheck"] = True
        return str(self.admin.create_key(**members)["KeyMetadata"]["KeyId"])

    def user(self, *policies: str, name: str = "app") -> Any:
        return boto3_client(self.region.user(f"{self.name}-{name}", *policies))

    def arn(self, name: str = "app") -> str:
        """The ARN of a user, who exists from then on: policies name nobody else."""
        self.region.user(f"{self.name}-{name}")
        return f"arn:aws:iam::{ACCOUNT}:user/{self.name}-{name}"


@pytest.fixture
def case(region: RegionUnderTest, request: pytest.FixtureRequest) -> Case:
    """Users of a test have its name, so that tests share a region and nothing else."""
    return Case(region, request.node.originalname.replace("_", "-")[-40:])


def denied(call: Callable[[], Any], ending: str = "") -> None:
    """The call is AccessDenied, and the message ends so."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDeniedException", error
    assert error["Message"].endswith(ending), error["Message"]


def test_01_root_delegation_missing_and_the_iam_policy_does_nothing(case: Case) -> None:
    key = case.key(to(case.arn("owner"), "kms:*"))
    app = case.user(allowing("kms:*"))
    denied(
        lambda: app.encrypt(KeyId=key, Plaintext=b"x"),
        "because no resource-based policy allows the kms:Encrypt action",
    )


def test_02_a_key_policy_that_does_not_delegate_locks_the_administrator_out(case: Case) -> None:
    key = case.key(to(case.arn("owner"), "kms:*"))
    for call in (
        lambda: case.admin.describe_key(KeyId=key),
        lambda: case.admin.put_key_policy(KeyId=key, Policy=policy(DELEGATION)),
        lambda: case.admin.schedule_key_deletion(KeyId=key),
    ):
        denied(call, " action")


def test_03_delegation_alone_gives_nobody_anything(case: Case) -> None:
    app = case.user()
    denied(
        lambda: app.encrypt(KeyId=case.key(), Plaintext=b"x"),
        "because no identity-based policy allows the kms:Encrypt action",
    )


def test_04_a_named_user_needs_no_iam_policy(case: Case) -> None:
    key = case.key(DELEGATION, to(case.arn(), "kms:Encrypt"))
    app = case.user()
    assert app.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    denied(lambda: app.describe_key(KeyId=key))


def test_05_a_deny_beats_every_allow_and_every_grant(case: Case) -> None:
    deny = {**to(case.arn(), "kms:Encrypt"), "Effect": "Deny"}
    key = case.key(DELEGATION, deny)
    case.admin.create_grant(KeyId=key, GranteePrincipal=case.arn(), Operations=["Encrypt"])
    app = case.user(allowing("kms:*"))
    denied(
        lambda: app.encrypt(KeyId=key, Plaintext=b"x"),
        "with an explicit deny in a resource-based policy",
    )


def test_06_an_encryption_context_condition_without_the_context(case: Case) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:AppName": "orders"}}
    key = case.key(DELEGATION, to(case.arn(), "kms:Encrypt", "kms:Decrypt", **condition))
    app = case.user()
    denied(lambda: app.encrypt(KeyId=key, Plaintext=b"x"))
    context = {"AppName": "orders"}
    blob = app.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    assert app.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"
    denied(lambda: app.decrypt(CiphertextBlob=blob))


def test_07_a_grant_constraint_wants_the_context_too(case: Case) -> None:
    key = case.key()
    app = case.user()
    case.admin.create_grant(
        KeyId=key,
        GranteePrincipal=case.arn(),
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"tenant": "one"}},
    )
    context = {"tenant": "one", "more": "too"}
    assert app.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)
    denied(lambda: app.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"tenant": "two"}))


def test_08_a_grant_ends_with_the_call_that_revokes_it(case: Case) -> None:
    key = case.key()
    app = case.user()
    grant = case.admin.create_grant(KeyId=key, GranteePrincipal=case.arn(), Operations=["Encrypt"])
    assert app.encrypt(KeyId=key, Plaintext=b"x")
    case.admin.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    token = [grant["GrantToken"]]
    denied(lambda: app.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=token))


def test_09_re_encryption_needs_both_permissions_on_both_keys(case: Case) -> None:
    source = case.key(DELEGATION, to(case.arn(), "kms:ReEncryptFrom"))
    target = case.key(DELEGATION, to(case.arn(), "kms:ReEncryptTo"))
    app = case.user()
    blob = case.admin.encrypt(KeyId=source, Plaintext=b"x")["CiphertextBlob"]
    assert app.re_encrypt(CiphertextBlob=blob, DestinationKeyId=target)
    back = case.admin.encrypt(KeyId=target, Plaintext=b"x")["CiphertextBlob"]
    denied(
        lambda: app.re_encrypt(CiphertextBlob=back, DestinationKeyId=source), "ReEncryptTo action"
    )
    denied(lambda: app.re_encrypt(CiphertextBlob=back, DestinationKeyId=target))


def test_10_an_alias_needs_permission_on_alias_and_key(case: Case) -> None:
    key = case.key()
    account = f"arn:aws:kms:us-east-1:{ACCOUNT}"
    name = "alias/ten"
    on_key = allowing("kms:CreateAlias", resource=f"{account}:key/{key}")
    on_alias = allowing("kms:CreateAlias", resource=f"{account}:{name}")
    for number, given in enumerate(((on_key,), (on_alias,))):
        app = case.user(*given, name=f"half-{number}")
        denied(partial(app.create_alias, AliasName=name, TargetKeyId=key))
    case.user(on_key, on_alias).create_alias(AliasName=name, TargetKeyId=key)


def test_11_list_keys_wants_the_resource_to_be_a_star(case: Case) -> None:
    resource = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"
    denied(
        case.user(allowing("kms:ListKeys", resource=resource), name="arn").list_keys,
        "on resource: * because no identity-based policy allows the kms:ListKeys action",
    )
    case.key()
    assert case.user(allowing("kms:ListKeys"), name="star").list_keys()["Keys"]


def test_12_create_key_is_not_the_key_policys_to_allow(case: Case) -> None:
    case.key(DELEGATION, to(case.arn(), "kms:*"))
    app = case.user()
    denied(app.create_key, "because no identity-based policy allows the kms:CreateKey action")
    denied(lambda: app.generate_random(NumberOfBytes=1))


def test_13_the_lockout_safety_check(case: Case) -> None:
    key = case.key()
    other = policy(to(case.arn(), "kms:*"))
    with pytest.raises(case.admin.exceptions.MalformedPolicyDocumentException) as caught:
        case.admin.put_key_policy(KeyId=key, Policy=other)
    assert caught.value.response["Error"]["Message"] == (
        "The new key policy will not allow you to update the key policy in the future."
    )
    conditional = policy({**DELEGATION, "Condition": {"Bool": {"aws:SecureTransport": "true"}}})
    with pytest.raises(case.admin.exceptions.MalformedPolicyDocumentException):
        case.admin.put_key_policy(KeyId=key, Policy=conditional)
    case.admin.put_key_policy(KeyId=key, Policy=other, BypassPolicyLockoutSafetyCheck=True)
    denied(lambda: case.admin.get_key_policy(KeyId=key))


def test_14_multi_region_conditions_tell_primary_from_single(case: Case) -> None:
    only = {"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}}
    app = case.user(allowing("kms:Encrypt", resource="*", **only))
    assert app.encrypt(KeyId=case.key(MultiRegion=True), Plaintext=b"x")
    denied(lambda: app.encrypt(KeyId=case.key(), Plaintext=b"x"))


def test_15_via_service_is_never_satisfied_by_a_direct_call(case: Case) -> None:
    via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    key = case.key(DELEGATION, to(case.arn(), "kms:Decrypt", "kms:Encrypt", **via))
    denied(lambda: case.user().encrypt(KeyId=key, Plaintext=b"x"))


def test_16_for_all_values_with_a_single_valued_key_is_refused(case: Case) -> None:
    condition = {"ForAllValues:StringEquals": {"kms:EncryptionContext:Department": "IT"}}
    with pytest.raises(case.admin.exceptions.MalformedPolicyDocumentException) as caught:
        case.key(DELEGATION, to(case.arn(), "kms:Encrypt", **condition))
    assert caught.value.response["Error"]["Message"].startswith(
        "OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator"
    )


def test_17_decrypt_by_ciphertext_alone_does_not_say_whether_the_key_exists(case: Case) -> None:
    blob = case.admin.encrypt(KeyId=case.key(), Plaintext=b"x")["CiphertextBlob"]
    ending = (
        "because the resource does not exist in this Region, no resource-based policies allow "
        "access, or a resource-based policy explicitly denies access"
    )
    denied(lambda: case.user().decrypt(CiphertextBlob=blob), ending)
    gone = blob[:1] + b"1234abcd-12ab-34cd-56ef-1234567890ab" + blob[37:]
    denied(lambda: case.admin.decrypt(CiphertextBlob=gone), ending)


def test_18_another_account_needs_both_sides(case: Case, region: RegionUnderTest) -> None:
    stranger: Kms = region.stranger
    key = case.key(DELEGATION, to(stranger.principal_arn, "kms:Encrypt"))
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key}"
    powerful = boto3_client(stranger)
    assert powerful.encrypt(KeyId=arn, Plaintext=b"x")["KeyId"] == arn
    denied(lambda: powerful.decrypt(KeyId=arn, CiphertextBlob=b"x"))
    denied(lambda: powerful.get_key_policy(KeyId=arn))
    poor = boto3_client(region.user("poor", account=stranger.account))
    case.admin.put_key_policy(
        KeyId=key, Policy=policy(DELEGATION, to(stranger.account, "kms:Encrypt"))
    )
    denied(
        lambda: poor.encrypt(KeyId=arn, Plaintext=b"x"),
        "because no identity-based policy allows the kms:Encrypt action",
    )
    assert powerful.encrypt(KeyId=arn, Plaintext=b"x")


def test_19_a_grant_is_regional(shared_regions: Regions) -> None:
    home, away = shared_regions["us-east-1"], shared_regions["eu-west-1"]
    admin = boto3_client(home.kms)
    key = home.kms.key(MultiRegion=True)
    admin.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    shared_regions.settle()
    here, there = (boto3_client(each.user("nineteen")) for each in (home, away))
    arn = f"arn:aws:iam::{ACCOUNT}:user/nineteen"
    grant = admin.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt", "Decrypt"])
    blob = here.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    denied(lambda: there.decrypt(CiphertextBlob=blob))
    with pytest.raises(there.exceptions.InvalidGrantTokenException):
        there.decrypt(KeyId=key, CiphertextBlob=blob, GrantTokens=[grant["GrantToken"]])
    assert boto3_client(away.kms).list_grants(KeyId=key)["Grants"] == []


def test_20_the_policies_of_a_replica_and_its_primary_drift(shared_regions: Regions) -> None:
    home, away = shared_regions["us-east-1"], shared_regions["eu-west-1"]
    primary, replica = (boto3_client(each.kms) for each in (home, away))
    arn = f"arn:aws:iam::{ACCOUNT}:user/twenty"
    here, there = (boto3_client(each.user("twenty")) for each in (home, away))
    key = primary.create_key(
        MultiRegion=True, Policy=policy(DELEGATION, to(arn, "kms:Encrypt", "kms:Decrypt"))
    )["KeyMetadata"]["KeyId"]
    primary.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    shared_regions.settle()
    blob = here.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    denied(lambda: there.decrypt(CiphertextBlob=blob))  # a replica has the default key policy
    replica.put_key_policy(KeyId=key, Policy=policy(DELEGATION, to(arn, "kms:Decrypt")))
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    shared_regions.settle()
    assert "kms:Encrypt" in primary.get_key_policy(KeyId=key)["Policy"]
    denied(lambda: there.encrypt(KeyId=key, Plaintext=b"x"))
