"""Users that IAM made, in three regions: known everywhere, allowed what their policies allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.model.principal import Credential
from tests.scenarios.audit import records
from tests.scenarios.boto import boto3_clock
from tests.scenarios.client import Kms, refused
from tests.scenarios.iam import access_key, client, iam_of, iam_refuses, made_user, policy
from tests.scenarios.region import ACCOUNT, REGIONS, Regions

__all__ = ["boto3_clock"]

pytestmark = pytest.mark.usefixtures("boto3_clock")

HOME, NEAR, FAR = REGIONS
ENCRYPT = policy("Allow", "kms:Encrypt", "kms:Decrypt")
NO_TOKEN = "The security token included in the request is invalid."


def clients(regions: Regions, credential: Credential) -> list[Kms]:
    return [client(regions[name], credential) for name in REGIONS]


def denied(kms: Kms, key_id: str) -> None:
    with refused("AccessDeniedException"):
        kms.encrypt(key_id)


def test_a_user_made_anywhere_calls_everywhere(shared_regions: Regions) -> None:
    regions = shared_regions
    keys = {name: regions[name].kms.key() for name in REGIONS}
    credential = made_user(iam_of(regions[NEAR].kms), "everywhere", ENCRYPT)
    regions.settle()
    for each in clients(regions, credential):
        assert each.decrypt(each.encrypt(keys[each.region])) == b"attack at dawn"
        with refused("AccessDeniedException") as caught:
            each("DescribeKey", KeyId=keys[each.region])
        assert caught.value.message == (
            f"User: arn:aws:iam::{ACCOUNT}:user/everywhere is not authorized to perform: "
            f"kms:DescribeKey on resource: {each.arn(keys[each.region])} because no "
            "identity-based policy allows the kms:DescribeKey action"
        )


def test_an_inactive_or_deleted_key_proves_nobody(shared_regions: Regions) -> None:
    regions = shared_regions
    iam = iam_of(regions[HOME].kms)
    credential = made_user(iam, "switched", ENCRYPT)
    named = {"UserName": "switched", "AccessKeyId": credential.access_key_id}
    regions.settle()
    keys = {name: regions[name].kms.key() for name in REGIONS}

    def all_refused() -> None:
        regions.settle()
        for each in clients(regions, credential):
            with refused("UnrecognizedClientException", NO_TOKEN):
                each.encrypt(keys[each.region])
            with iam_refuses("InvalidClientTokenId", 403, NO_TOKEN):
                iam_of(each).get_user()

    def all_served() -> None:
        regions.settle()
        for each in clients(regions, credential):
            assert each.encrypt(keys[each.region])

    all_served()
    iam.update_access_key(**named, Status="Inactive")
    all_refused()
    iam_of(regions[FAR].kms).update_access_key(**named, Status="Active")
    all_served()
    iam_of(regions[NEAR].kms).delete_access_key(**named)
    all_refused()


def test_a_wrong_secret_is_refused(shared_regions: Regions) -> None:
    credential = made_user(iam_of(shared_regions[HOME].kms), "wrong-secret", ENCRYPT)
    for each in clients(shared_regions, replace(credential, secret="another")):
        shared_regions.settle()
        with refused("InvalidSignatureException"):
            each.encrypt(shared_regions[each.region].kms.key())


def test_policies_come_and_go_with_groups_and_attachments(shared_regions: Regions) -> None:
    regions = shared_regions
    iam = iam_of(regions[HOME].kms)
    credential = made_user(iam, "grouped")
    here = client(regions[HOME], credential)
    key_id = here_key = regions[HOME].kms.key()
    denied(here, key_id)
    iam.create_group(GroupName="writers")
    iam.put_group_policy(GroupName="writers", PolicyName="p", PolicyDocument=ENCRYPT)
    iam.add_user_to_group(GroupName="writers", UserName="grouped")
    assert here.encrypt(here_key)
    iam.delete_group_policy(GroupName="writers", PolicyName="p")
    denied(here, key_id)
    made = iam.create_policy(PolicyName="shared", PolicyDocument=ENCRYPT)["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="writers", PolicyArn=made)
    assert here.encrypt(key_id)
    iam.create_policy_version(
        PolicyArn=made, PolicyDocument=policy("Allow", "kms:Sign"), SetAsDefault=True
    )
    denied(here, key_id)
    iam.set_default_policy_version(PolicyArn=made, VersionId="v1")
    assert here.encrypt(key_id)
    iam.put_user_policy(
        UserName="grouped", PolicyName="no", PolicyDocument=policy("Deny", "kms:Encrypt")
    )
    with refused("AccessDeniedException") as caught:
        here.encrypt(key_id)
    assert caught.value.message.endswith("with an explicit deny in an identity-based policy")
    iam.delete_user_policy(UserName="grouped", PolicyName="no")
    iam.remove_user_from_group(GroupName="writers", UserName="grouped")
    denied(here, key_id)


def test_tags_and_names_are_what_they_are_now(shared_regions: Regions) -> None:
    regions = shared_regions
    iam = iam_of(regions[HOME].kms)
    allowed = policy("Allow", "kms:Encrypt", StringEquals={"aws:PrincipalTag/team": "blue"})
    credential = made_user(iam, "tagged-caller", allowed)
    here = client(regions[HOME], credential)
    key_id = regions[HOME].kms.key()
    denied(here, key_id)
    iam.tag_user(UserName="tagged-caller", Tags=[{"Key": "Team", "Value": "blue"}])
    assert here.encrypt(key_id)
    iam.tag_user(UserName="tagged-caller", Tags=[{"Key": "team", "Value": "red"}])
    denied(here, key_id)
    iam.update_user(UserName="tagged-caller", NewUserName="renamed", NewPath="/p/")
    with refused("AccessDeniedException") as caught:
        here.encrypt(key_id)
    assert caught.value.message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/p/renamed is not")


def test_who_may_use_iam_is_said_by_identity_policies(shared_regions: Regions) -> None:
    region = shared_regions[HOME]
    iam = iam_of(region.kms)
    own = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
    credential = made_user(
        iam,
        "self-service",
        policy("Allow", "iam:*AccessKey*", "iam:GetUser", resource=own),
        policy("Allow", "iam:ListUsers"),
        policy("Allow", "iam:TagUser", StringEquals={"aws:RequestTag/team": "blue"}),
        policy(
            "Allow",
            "iam:AttachUserPolicy",
            ArnLike={"iam:PolicyARN": "arn:aws:iam::aws:policy/AWS*"},
        ),
    )
    as_user = iam_of(client(region, credential))
    assert as_user.get_user()["User"]["UserName"] == "self-service"
    assert as_user.list_users()["Users"]
    assert len(as_user.list_access_keys()["AccessKeyMetadata"]) == 1
    message = (
        f"User: arn:aws:iam::{ACCOUNT}:user/self-service is not authorized to perform: "
        f"iam:CreateUser on resource: arn:aws:iam::{ACCOUNT}:user/more because no identity-based "
        "policy allows the iam:CreateUser action"
    )
    with iam_refuses("AccessDenied", 403, message):
        as_user.create_user(UserName="more")
    with iam_refuses("AccessDenied", 403):
        as_user.create_access_key(UserName="administrator")
    as_user.tag_user(UserName="self-service", Tags=[{"Key": "Team", "Value": "blue"}])
    with iam_refuses("AccessDenied", 403):
        as_user.tag_user(UserName="self-service", Tags=[{"Key": "team", "Value": "red"}])
    power = "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"
    as_user.attach_user_policy(UserName="self-service", PolicyArn=power)
    with iam_refuses("AccessDenied", 403):
        as_user.attach_user_policy(
            UserName="self-service", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )


def test_two_accounts_do_not_see_each_other(shared_regions: Regions) -> None:
    region = shared_regions[HOME]
    ours, theirs = iam_of(region.kms), iam_of(region.stranger)
    ours.create_user(UserName="same-name")
    made = theirs.create_user(UserName="same-name")["User"]
    assert made["Arn"].split(":")[4] == region.stranger.account
    policy_arn = ours.create_policy(PolicyName="ours", PolicyDocument=ENCRYPT)["Policy"]["Arn"]
    with iam_refuses("NoSuchEntity", 404):
        theirs.get_policy(PolicyArn=policy_arn)
    with iam_refuses("NoSuchEntity", 404):
        theirs.attach_user_policy(UserName="same-name", PolicyArn=policy_arn)
    theirs.delete_user(UserName="same-name")
    assert ours.get_user(UserName="same-name")


# Regions that are apart


def test_users_of_one_name_that_two_regions_make_at_once(regions: Regions) -> None:
    """The first one has the name everywhere; the other one is called by its unique ID, and both
    keep what they were given.
    """
    regions.network.away = {FAR}
    first = made_user(iam_of(regions[HOME].kms), "app", ENCRYPT)
    regions.clock.move(seconds=5)
    second = made_user(iam_of(regions[FAR].kms), "app", policy("Allow", "kms:DescribeKey"))
    regions.settle()
    regions.network.away = set()
    regions.settle()
    other_name = f"app-{second.principal.principal_id}"
    for name in REGIONS:
        iam = iam_of(regions[name].kms)
        assert iam.get_user(UserName="app")["User"]["UserId"] == first.principal.principal_id
        shown = iam.get_user(UserName=other_name)["User"]
        assert shown["UserId"] == second.principal.principal_id
        key_id = regions[name].kms.key()
        assert client(regions[name], first).encrypt(key_id)
        assert client(regions[name], second).metadata(key_id)
        denied(client(regions[name], second), key_id)
    iam = iam_of(regions[NEAR].kms)
    iam.update_user(UserName=other_name, NewUserName="second")
    regions.settle()
    for name in REGIONS:
        shown = iam_of(regions[name].kms).get_user(UserName="second")["User"]
        assert shown["UserId"] == second.principal.principal_id
    other_name = "second"
    iam.delete_user_policy(UserName="app", PolicyName="p0")
    iam.delete_access_key(UserName="app", AccessKeyId=first.access_key_id)
    iam.delete_user(UserName="app")
    regions.settle()
    for name in REGIONS:
        with iam_refuses("NoSuchEntity", 404):
            iam_of(regions[name].kms).get_user(UserName="app")
        assert iam_of(regions[name].kms).get_user(UserName=other_name)


def test_different_changes_of_one_user_in_two_regions_both_hold(regions: Regions) -> None:
    made_user(iam_of(regions[HOME].kms), "shared", ENCRYPT)
    regions.settle()
    regions.network.away = {FAR}
    iam_of(regions[HOME].kms).tag_user(UserName="shared", Tags=[{"Key": "a", "Value": "1"}])
    iam_of(regions[HOME].kms).put_user_policy(
        UserName="shared", PolicyName="home", PolicyDocument=ENCRYPT
    )
    iam_of(regions[FAR].kms).tag_user(UserName="shared", Tags=[{"Key": "b", "Value": "2"}])
    iam_of(regions[FAR].kms).update_user(UserName="shared", NewUserName="renamed")
    regions.settle()
    regions.network.away = set()
    regions.settle()
    for name in REGIONS:
        iam = iam_of(regions[name].kms)
        user = iam.get_user(UserName="renamed")["User"]
        assert user["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
        assert iam.list_user_policies(UserName="renamed")["PolicyNames"] == ["home", "p0"]


def test_a_deletion_holds_against_changes_made_elsewhere_meanwhile(regions: Regions) -> None:
    iam_of(regions[HOME].kms).create_user(UserName="leaver")
    regions.settle()
    regions.network.away = {FAR}
    iam_of(regions[HOME].kms).delete_user(UserName="leaver")
    regions.clock.move(seconds=60)
    stayed = access_key(iam_of(regions[FAR].kms), "leaver")
    iam_of(regions[FAR].kms).update_user(UserName="leaver", NewUserName="stayer")
    regions.settle()
    regions.network.away = set()
    regions.settle()
    for name in REGIONS:
        for user in ("leaver", "stayer"):
            with iam_refuses("NoSuchEntity", 404):
                iam_of(regions[name].kms).get_user(UserName=user)
        with refused("UnrecognizedClientException"):
            client(regions[name], stayed)("ListKeys")


def test_a_region_that_lost_its_store_knows_every_user_again(regions: Regions) -> None:
    credential = made_user(iam_of(regions[HOME].kms), "kept", ENCRYPT)
    regions.settle()
    with regions.stopped(FAR) as settings:
        store = settings.store_file
        for each in store.parent.glob(f"{store.name}*"):
            each.unlink()
    regions.settle(passing_seconds=0.1)
    there = client(regions[FAR], credential)
    assert there.encrypt(regions[FAR].kms.key())


# What is told of it


def test_the_trail_tells_who_changed_whom_and_no_secret(shared_regions: Regions) -> None:
    region = shared_regions[HOME]
    iam = iam_of(region.kms)
    iam.create_user(UserName="audited", Tags=[{"Key": "team", "Value": "blue"}])
    key = iam.create_access_key(UserName="audited")["AccessKey"]
    with iam_refuses("NoSuchEntity", 404):
        iam.delete_user(UserName="absent")
    found = records(region)
    assert key["SecretAccessKey"] not in str(found)
    made = [each for each in found if each["eventName"] == "CreateUser" and "audited" in str(each)]
    assert made[-1]["requestParameters"]["userName"] == "audited"
    keyed = [each for each in found if each["eventName"] == "CreateAccessKey"][-1]
    assert keyed["readOnly"] is False
    assert keyed["userIdentity"]["arn"] == region.kms.principal_arn
    refusal = [each for each in found if each["eventName"] == "DeleteUser"][-1]
    assert refusal["errorCode"] == "NoSuchEntity"
