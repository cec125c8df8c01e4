"""IAM's operations in one region: what they answer, and what they refuse, as boto3 sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.boto import boto3_clock
from tests.scenarios.client import Kms
from tests.scenarios.iam import iam_of, iam_refuses, policy, trust
from tests.scenarios.region import ACCOUNT, RegionUnderTest

__all__ = ["boto3_clock"]

pytestmark = pytest.mark.usefixtures("boto3_clock")

POWER_USER = "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"
DECRYPT = policy("Allow", "kms:Decrypt")


@pytest.fixture(scope="module")
def iam(region: RegionUnderTest) -> Any:
    return iam_of(region.kms)


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


# Users


def test_a_user_is_made_shown_renamed_and_deleted(iam: Any) -> None:
    made = iam.create_user(
        UserName="alice", Path="/team/", Tags=[{"Key": "Department", "Value": "Legal + Co"}]
    )["User"]
    assert made["Arn"] == arn("user", "team/alice")
    assert made["UserId"].startswith("AIDA")
    assert len(made["UserId"]) == 21
    assert iam.get_user(UserName="ALICE")["User"] == made
    iam.update_user(UserName="alice", NewUserName="Alicia", NewPath="/")
    renamed = iam.get_user(UserName="alicia")["User"]
    assert (renamed["Arn"], renamed["UserId"]) == (arn("user", "Alicia"), made["UserId"])
    iam.delete_user(UserName="Alicia")
    with iam_refuses("NoSuchEntity", 404, "The user with name alicia cannot be found."):
        iam.get_user(UserName="alicia")
    again = iam.create_user(UserName="alice")["User"]
    assert again["UserId"] != made["UserId"]
    assert "Tags" not in again


def test_names_that_differ_in_case_alone_are_one(iam: Any) -> None:
    iam.create_user(UserName="Case")
    with iam_refuses("EntityAlreadyExists", 409, "User with name case already exists."):
        iam.create_user(UserName="case")
    iam.create_user(UserName="other-case")
    with iam_refuses("EntityAlreadyExists", 409):
        iam.update_user(UserName="other-case", NewUserName="CASE")
    iam.update_user(UserName="Case", NewUserName="CASE")
    assert iam.get_user(UserName="case")["User"]["UserName"] == "CASE"


def test_the_administrator_is_a_user_whom_nobody_changes(iam: Any, kms: Kms) -> None:
    own = iam.get_user()["User"]
    assert own["Arn"] == kms.principal_arn
    assert own["Arn"] in [user["Arn"] for user in iam.list_users()["Users"]]
    with iam_refuses("EntityAlreadyExists", 409):
        iam.create_user(UserName="Administrator")
    with iam_refuses("UnmodifiableEntity", 400):
        iam.delete_user(UserName="administrator")
    with iam_refuses("UnmodifiableEntity", 400):
        iam.create_access_key()


def test_a_user_to_whom_something_hangs_is_not_deleted(iam: Any) -> None:
    iam.create_user(UserName="bound")
    iam.create_group(GroupName="binding")
    key = iam.create_access_key(UserName="bound")["AccessKey"]["AccessKeyId"]
    iam.add_user_to_group(UserName="bound", GroupName="binding")
    iam.attach_user_policy(UserName="bound", PolicyArn=POWER_USER)
    iam.put_user_policy(UserName="bound", PolicyName="inline", PolicyDocument=DECRYPT)

    def deleting(message: str) -> None:
        with iam_refuses("DeleteConflict", 409, f"Cannot delete entity, must {message} first."):
            iam.delete_user(UserName="bound")

    deleting("delete access keys")
    iam.delete_access_key(UserName="bound", AccessKeyId=key)
    deleting("remove users from group")
    with iam_refuses("DeleteConflict", 409):
        iam.delete_group(GroupName="binding")
    iam.remove_user_from_group(UserName="bound", GroupName="binding")
    deleting("detach all policies")
    iam.detach_user_policy(UserName="bound", PolicyArn=POWER_USER)
    deleting("delete policies")
    iam.delete_user_policy(UserName="bound", PolicyName="inline")
    iam.delete_user(UserName="bound")
    iam.delete_group(GroupName="binding")


def test_lists_have_pages_and_path_prefixes(iam: Any) -> None:
    names = [f"page-{number}" for number in range(7)]
    for name in reversed(names):
        iam.create_user(UserName=name, Path="/pages/")
    pages = iam.get_paginator("list_users").paginate(
        PathPrefix="/pages/", PaginationConfig={"PageSize": 3}
    )
    found = [[user["UserName"] for user in page["Users"]] for page in pages]
    assert found == [names[:3], names[3:6], names[6:]]
    with iam_refuses("ValidationError", 400, "Invalid Marker."):
        iam.list_users(Marker="never given")
    first = iam.list_users(PathPrefix="/pages/", MaxItems=1)
    assert first["IsTruncated"]
    with iam_refuses("ValidationError", 400):
        iam.list_groups(Marker=first["Marker"])


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("create_user", {"UserName": "has space"}),
        ("create_user", {"UserName": "x" * 65}),
        ("create_user", {"UserName": "x", "Path": "no-slashes"}),
        ("list_users", {"MaxItems": 1001}),
        ("create_role", {"RoleName": "x", "AssumeRolePolicyDocument": trust("*"),
                         "MaxSessionDuration": 99_999}),
        ("get_policy", {"PolicyArn": "a-name-that-is-no-arn" * 200}),
    ],
)  # fmt: skip
def test_what_breaks_the_model_is_refused(
    iam: Any, operation: str, members: dict[str, Any]
) -> None:
    with iam_refuses("ValidationError", 400):
        getattr(iam, operation)(**members)


# Tags


def test_tags_of_users_roles_and_policies(iam: Any) -> None:
    iam.create_user(UserName="tagged")
    iam.create_role(
        RoleName="tagged", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root")
    )
    made = iam.create_policy(PolicyName="tagged", PolicyDocument=DECRYPT)["Policy"]["Arn"]
    for kind, name in (("user", "tagged"), ("role", "tagged"), ("policy", made)):
        named = {"PolicyArn" if kind == "policy" else f"{kind.capitalize()}Name": name}
        tag, untag = getattr(iam, f"tag_{kind}"), getattr(iam, f"untag_{kind}")
        listed = getattr(iam, f"list_{kind}_tags")
        tag(**named, Tags=[{"Key": "Team", "Value": "a"}, {"Key": "cost", "Value": ""}])
        tag(**named, Tags=[{"Key": "TEAM", "Value": "b"}])
        assert listed(**named)["Tags"] == [
            {"Key": "TEAM", "Value": "b"},
            {"Key": "cost", "Value": ""},
        ]
        untag(**named, TagKeys=["team", "absent"])
        assert listed(**named)["Tags"] == [{"Key": "cost", "Value": ""}]
        with iam_refuses("InvalidInput", 400):
            tag(**named, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
        with iam_refuses("InvalidInput", 400):
            tag(**named, Tags=[{"Key": "aws:x", "Value": "1"}])
        with iam_refuses("LimitExceeded", 409):
            tag(**named, Tags=[{"Key": f"t{number}", "Value": ""} for number in range(50)])


# Access keys


def test_access_keys_are_two_at_most_and_their_secrets_shown_once(iam: Any) -> None:
    iam.create_user(UserName="keyed")
    keys = [iam.create_access_key(UserName="keyed")["AccessKey"] for _ in range(2)]
    assert {len(key["SecretAccessKey"]) for key in keys} == {40}
    assert {key["AccessKeyId"][:4] for key in keys} == {"AKIA"}
    with iam_refuses("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="keyed")
    iam.update_access_key(UserName="keyed", AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    listed = iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]
    assert {key["AccessKeyId"]: key["Status"] for key in listed} == {
        keys[0]["AccessKeyId"]: "Inactive",
        keys[1]["AccessKeyId"]: "Active",
    }
    assert all("SecretAccessKey" not in key for key in listed)
    iam.create_user(UserName="keyless")
    unknown = keys[0]["AccessKeyId"]
    message = f"The Access Key with id {unknown} cannot be found."
    with iam_refuses("NoSuchEntity", 404, message):
        iam.delete_access_key(UserName="keyless", AccessKeyId=unknown)
    with iam_refuses("NoSuchEntity", 404, message):
        iam.update_access_key(UserName="keyless", AccessKeyId=unknown, Status="Active")


# Groups


def test_a_group_has_members(iam: Any) -> None:
    group = iam.create_group(GroupName="staff")["Group"]
    assert group["GroupId"].startswith("AGPA")
    for name in ("zoe", "adam"):
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName="staff", UserName=name)
    iam.add_user_to_group(GroupName="staff", UserName="zoe")
    found = iam.get_group(GroupName="staff")
    assert [user["UserName"] for user in found["Users"]] == ["adam", "zoe"]
    assert found["Group"] == group
    iam.update_group(GroupName="staff", NewGroupName="crew")
    assert [each["GroupName"] for each in iam.list_groups_for_user(UserName="zoe")["Groups"]] == [
        "crew"
    ]
    with iam_refuses("NoSuchEntity", 404, "The group with name staff cannot be found."):
        iam.get_group(GroupName="staff")
    iam.remove_user_from_group(GroupName="crew", UserName="zoe")
    assert iam.list_groups_for_user(UserName="zoe")["Groups"] == []


# Inline policies


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_inline_policies(iam: Any, kind: str) -> None:
    named = {f"{kind.capitalize()}Name": f"inline-{kind}"}
    more = {"AssumeRolePolicyDocument": trust(f"arn:aws:iam::{ACCOUNT}:root")}
    getattr(iam, f"create_{kind}")(**named, **(more if kind == "role" else {}))
    put, get = getattr(iam, f"put_{kind}_policy"), getattr(iam, f"get_{kind}_policy")
    put(**named, PolicyName="b", PolicyDocument=DECRYPT)
    put(**named, PolicyName="a", PolicyDocument=policy("Deny", "kms:*"))
    put(**named, PolicyName="a", PolicyDocument=policy("Deny", "kms:Sign"))
    assert getattr(iam, f"list_{kind}_policies")(**named)["PolicyNames"] == ["a", "b"]
    assert get(**named, PolicyName="b")["PolicyDocument"] == json.loads(DECRYPT)
    with iam_refuses("MalformedPolicyDocument", 400):
        put(**named, PolicyName="c", PolicyDocument="no JSON")
    with iam_refuses(
        "MalformedPolicyDocument", 400, "Policy document should not specify a principal."
    ):
        put(**named, PolicyName="c", PolicyDocument=trust("*"))
    with iam_refuses("LimitExceeded", 409):
        put(
            **named,
            PolicyName="c",
            PolicyDocument=policy("Allow", *(f"kms:{'x' * 99}{n}" for n in range(99))),
        )
    getattr(iam, f"delete_{kind}_policy")(**named, PolicyName="a")
    with iam_refuses("NoSuchEntity", 404, f"The {kind} policy with name a cannot be found."):
        get(**named, PolicyName="a")
    with iam_refuses("NoSuchEntity", 404):
        getattr(iam, f"delete_{kind}_policy")(**named, PolicyName="a")


# Managed policies


def test_a_managed_policy_has_up_to_five_versions(iam: Any) -> None:
    made = iam.create_policy(PolicyName="versions", PolicyDocument=DECRYPT, Description="Reads.")
    found = made["Policy"]["Arn"]
    assert made["Policy"]["DefaultVersionId"] == "v1"
    assert iam.get_policy(PolicyArn=found)["Policy"]["Description"] == "Reads."
    for number in range(2, 6):
        iam.create_policy_version(
            PolicyArn=found,
            PolicyDocument=policy("Allow", f"kms:{number}"),
            SetAsDefault=number == 3,
        )
    with iam_refuses("LimitExceeded", 409):
        iam.create_policy_version(PolicyArn=found, PolicyDocument=DECRYPT)
    versions = iam.list_policy_versions(PolicyArn=found)["Versions"]
    assert [(each["VersionId"], each["IsDefaultVersion"]) for each in versions] == [
        ("v5", False),
        ("v4", False),
        ("v3", True),
        ("v2", False),
        ("v1", False),
    ]
    with iam_refuses("DeleteConflict", 409, "Cannot delete the default version of a policy."):
        iam.delete_policy_version(PolicyArn=found, VersionId="v3")
    with iam_refuses("DeleteConflict", 409):
        iam.delete_policy(PolicyArn=found)
    iam.set_default_policy_version(PolicyArn=found, VersionId="v1")
    for number in range(2, 6):
        iam.delete_policy_version(PolicyArn=found, VersionId=f"v{number}")
    again = iam.create_policy_version(PolicyArn=found, PolicyDocument=DECRYPT)["PolicyVersion"]
    assert again["VersionId"] == "v6"
    document = iam.get_policy_version(PolicyArn=found, VersionId="v1")["PolicyVersion"]["Document"]
    assert document == json.loads(DECRYPT)
    with iam_refuses("NoSuchEntity", 404):
        iam.get_policy_version(PolicyArn=found, VersionId="v2")
    with iam_refuses("EntityAlreadyExists", 409):
        iam.create_policy(PolicyName="Versions", PolicyDocument=DECRYPT)


def test_policies_are_attached_and_detached(iam: Any) -> None:
    own = iam.create_policy(PolicyName="attachable", PolicyDocument=DECRYPT)["Policy"]["Arn"]
    iam.create_group(GroupName="attached")
    iam.create_user(UserName="attached")
    for policy_arn in (own, POWER_USER):
        iam.attach_group_policy(GroupName="attached", PolicyArn=policy_arn)
    iam.attach_user_policy(UserName="attached", PolicyArn=own)
    iam.attach_user_policy(UserName="attached", PolicyArn=own)
    listed = iam.list_attached_group_policies(GroupName="attached")["AttachedPolicies"]
    assert [each["PolicyArn"] for each in listed] == [own, POWER_USER]
    assert iam.get_policy(PolicyArn=own)["Policy"]["AttachmentCount"] == 2
    found = iam.list_entities_for_policy(PolicyArn=own)
    assert [each["GroupName"] for each in found["PolicyGroups"]] == ["attached"]
    assert [each["UserName"] for each in found["PolicyUsers"]] == ["attached"]
    assert found["PolicyRoles"] == []
    only = iam.list_entities_for_policy(PolicyArn=own, EntityFilter="User")
    assert only["PolicyGroups"] == []
    with iam_refuses("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=own)
    iam.detach_user_policy(UserName="attached", PolicyArn=own)
    with iam_refuses("NoSuchEntity", 404, f"Policy {own} was not found."):
        iam.detach_user_policy(UserName="attached", PolicyArn=own)
    iam.detach_group_policy(GroupName="attached", PolicyArn=own)
    iam.delete_policy(PolicyArn=own)
    gone = f"Policy {own} does not exist or is not attachable."
    with iam_refuses("NoSuchEntity", 404, gone):
        iam.attach_user_policy(UserName="attached", PolicyArn=own)


def test_ten_policies_at_most_are_attached(iam: Any) -> None:
    iam.create_user(UserName="many")
    for number in range(11):
        made = iam.create_policy(PolicyName=f"many-{number}", PolicyDocument=DECRYPT)["Policy"]
        if number < 10:
            iam.attach_user_policy(UserName="many", PolicyArn=made["Arn"])
    with iam_refuses("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerUser: 10"):
        iam.attach_user_policy(UserName="many", PolicyArn=made["Arn"])


def test_the_policies_of_aws_are_read_only(iam: Any) -> None:
    found = iam.get_policy(PolicyArn=POWER_USER)["Policy"]
    assert found["PolicyName"] == "AWSKeyManagementServicePowerUser"
    version = iam.get_policy_version(PolicyArn=POWER_USER, VersionId=found["DefaultVersionId"])
    assert "kms:CreateKey" in version["PolicyVersion"]["Document"]["Statement"][0]["Action"]
    listed = [each["Arn"] for each in iam.list_policies(Scope="AWS")["Policies"]]
    assert POWER_USER in listed
    assert "arn:aws:iam::aws:policy/AdministratorAccess" in listed
    with iam_refuses("AccessDenied", 403):
        iam.delete_policy(PolicyArn=POWER_USER)
    with iam_refuses("AccessDenied", 403):
        iam.create_policy_version(PolicyArn=POWER_USER, PolicyDocument=DECRYPT)


# Roles


def test_a_role_is_made_shown_changed_and_deleted(iam: Any) -> None:
    iam.create_user(UserName="assumer")
    document = trust(arn("user", "assumer"))
    made = iam.create_role(
        RoleName="worker",
        AssumeRolePolicyDocument=document,
        Description="Works & <rests>.",
        MaxSessionDuration=7200,
    )["Role"]
    assert made["RoleId"].startswith("AROA")
    found = iam.get_role(RoleName="worker")["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(document)
    assert (found["Description"], found["MaxSessionDuration"]) == ("Works & <rests>.", 7200)
    iam.update_role(RoleName="worker", Description="Rests.")
    found = iam.get_role(RoleName="worker")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("Rests.", 3600)
    described = iam.update_role_description(RoleName="worker", Description="Sleeps.")["Role"]
    assert described["Description"] == "Sleeps."
    other = trust(f"arn:aws:iam::{ACCOUNT}:root")
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=other)
    listed = {each["RoleName"]: each for each in iam.list_roles()["Roles"]}
    assert listed["worker"]["AssumeRolePolicyDocument"] == json.loads(other)
    iam.delete_role(RoleName="worker")
    with iam_refuses("NoSuchEntity", 404, "The role with name worker cannot be found."):
        iam.get_role(RoleName="worker")


def test_a_trust_policy_names_principals_who_exist(iam: Any) -> None:
    missing = arn("user", "nobody-of-this-name")
    message = f'Invalid principal in policy: "AWS":"{missing}"'
    with iam_refuses("MalformedPolicyDocument", 400, message):
        iam.create_role(RoleName="bad", AssumeRolePolicyDocument=trust(missing))
    with iam_refuses("MalformedPolicyDocument", 400, "Has prohibited field Resource"):
        iam.create_role(
            RoleName="bad",
            AssumeRolePolicyDocument=json.dumps(
                {
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "sts:AssumeRole",
                        "Resource": "*",
                    }
                }
            ),
        )
    with iam_refuses("MalformedPolicyDocument", 400):
        iam.create_role(RoleName="bad", AssumeRolePolicyDocument=trust("*", action="kms:Encrypt"))
    with iam_refuses("MalformedPolicyDocument", 400):
        iam.create_role(RoleName="bad", AssumeRolePolicyDocument=policy("Allow", "sts:AssumeRole"))


def test_a_trust_policy_is_about_the_user_and_not_the_name(iam: Any) -> None:
    """IAM shows a deleted principal by its unique ID."""
    user_id = iam.create_user(UserName="trusted")["User"]["UserId"]
    iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=trust(arn("user", "trusted")))

    def shown() -> Any:
        document = iam.get_role(RoleName="trusting")["Role"]["AssumeRolePolicyDocument"]
        return document["Statement"][0]["Principal"]["AWS"]

    iam.update_user(UserName="trusted", NewUserName="called-otherwise")
    assert shown() == [arn("user", "called-otherwise")]
    iam.delete_user(UserName="called-otherwise")
    iam.create_user(UserName="called-otherwise")
    assert shown() == [user_id]


def test_what_is_not_served_is_refused_by_name(iam: Any) -> None:
    for call, members in (
        (iam.create_login_profile, {"UserName": "x", "Password": "secret"}),
        (iam.list_virtual_mfa_devices, {}),
    ):
        with pytest.raises(Exception, match="not available in Keyspan yet"):
            call(**members)
    with iam_refuses("InvalidInput", 400):
        iam.create_user(UserName="bounded", PermissionsBoundary=POWER_USER)
