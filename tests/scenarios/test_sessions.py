"""STS by boto3, unmodified: roles assumed, sessions that narrow, expire, and work everywhere."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from node.model.principal import Credential
from node.wire.messages import WireRequest
from tests.scenarios.audit import records
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import Kms, refused
from tests.scenarios.iam import iam_of, iam_refuses, made_user, policy, trust
from tests.scenarios.region import ACCOUNT, OTHER_ACCOUNT, Regions, RegionUnderTest
from tests.unit.wire.test_sigv4_botocore import botocore_at

__all__ = ["boto3_clock"]  # a fixture
pytestmark = pytest.mark.usefixtures("boto3_clock")
NAMES = iter(range(1000))
EVERYTHING = policy("Allow", "kms:*", "sts:*")


def role(kms: Kms, trusted: str, *documents: str, **more: Any) -> dict[str, Any]:
    """A new role that these may assume."""
    name = f"role-{next(NAMES)}"
    iam = iam_of(kms)
    document = trusted if trusted.startswith("{") else trust(trusted)
    made: dict[str, Any] = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=document, **more
    )["Role"]
    for number, each in enumerate(documents):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=each)
    return made


def user(region: RegionUnderTest, *documents: str) -> Kms:
    """The client of a new user with these policies."""
    return region.client_with(made_user(iam_of(region.kms), f"user-{next(NAMES)}", *documents))


def session(region: RegionUnderTest, answer: dict[str, Any]) -> Kms:
    """The client, in a region, of temporary credentials."""
    found = answer["Credentials"]
    principal = region.kms.credential.principal
    credential = Credential(found["AccessKeyId"], found["SecretAccessKey"], principal, active=True)
    return region.client_with(credential, found["SessionToken"])


def assumed(
    caller: Kms, made: dict[str, Any], name: str = "tuesday", **more: Any
) -> dict[str, Any]:
    answer: dict[str, Any] = boto3_client(caller, "sts").assume_role(
        RoleArn=made["Arn"], RoleSessionName=name, **more
    )
    return answer


def not_authorised(caller: Kms, action: str, made: dict[str, Any]) -> str:
    return (
        f"User: {caller.principal_arn} is not authorized to perform: {action} on resource: "
        f"{made['Arn']}"
    )


def test_a_role_is_assumed_and_may_what_it_may(region: RegionUnderTest) -> None:
    alice = user(region)
    key = region.kms.key()
    made = role(region.kms, alice.principal_arn, policy("Allow", "kms:Encrypt"))
    answer = assumed(alice, made)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{made['RoleName']}/tuesday"
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{made['RoleId']}:tuesday",
        "Arn": arn,
    }
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert len(answer["Credentials"]["SecretAccessKey"]) == 40
    kms = session(region, answer)
    assert kms("Encrypt", KeyId=key, Plaintext=b"x")["KeyId"].endswith(key)
    with refused(
        "AccessDeniedException",
        f"User: {arn} is not authorized to perform: kms:DescribeKey on resource: "
        f"{region.kms.arn(key)} because no identity-based policy allows the kms:DescribeKey action",
    ):
        kms("DescribeKey", KeyId=key)
    told = boto3_client(kms, "sts").get_caller_identity()
    assert (told["Arn"], told["UserId"]) == (arn, f"{made['RoleId']}:tuesday")


def test_a_role_with_a_path_is_named_without_it(region: RegionUnderTest) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn, Path="/teams/blue/")
    name = made["RoleName"]
    arn = assumed(alice, made)["AssumedRoleUser"]["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/tuesday"


def test_who_is_not_trusted_may_not(region: RegionUnderTest) -> None:
    alice, bob = user(region, EVERYTHING), user(region, EVERYTHING)
    made = role(region.kms, alice.principal_arn)
    with iam_refuses("AccessDenied", 403, not_authorised(bob, "sts:AssumeRole", made)):
        assumed(bob, made)


def test_an_account_that_is_trusted_leaves_it_to_its_policies(region: RegionUnderTest) -> None:
    alice, bob = user(region, policy("Allow", "sts:AssumeRole")), user(region)
    made = role(region.kms, f"arn:aws:iam::{ACCOUNT}:root")
    assumed(alice, made)
    with iam_refuses("AccessDenied", 403, not_authorised(bob, "sts:AssumeRole", made)):
        assumed(bob, made)


def test_another_account_needs_both_sides(region: RegionUnderTest) -> None:
    mallory = region.user("trusted", policy("Allow", "sts:AssumeRole"), account=OTHER_ACCOUNT)
    idle = region.user("idle", account=OTHER_ACCOUNT)
    made = role(region.kms, f"arn:aws:iam::{OTHER_ACCOUNT}:root", EVERYTHING)
    other = role(region.kms, f"arn:aws:iam::{ACCOUNT}:root", EVERYTHING)
    arn = assumed(mallory, made)["AssumedRoleUser"]["Arn"]
    assert arn.split(":")[4] == ACCOUNT
    for caller, which in ((idle, made), (mallory, other)):
        with iam_refuses("AccessDenied", 403, not_authorised(caller, "sts:AssumeRole", which)):
            assumed(caller, which)


def test_a_role_that_is_not_there_is_told_as_one_that_one_may_not_assume(
    region: RegionUnderTest,
) -> None:
    alice = user(region, EVERYTHING)
    missing = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/nothing"}
    with iam_refuses("AccessDenied", 403, not_authorised(alice, "sts:AssumeRole", missing)):
        assumed(alice, missing)
    with iam_refuses("ValidationError", 400, "xxxxxxxxxxxxxxxxxxxx is invalid"):
        assumed(alice, {"Arn": "x" * 20})


def test_a_denial_goes_before_trust(region: RegionUnderTest) -> None:
    alice = user(region, policy("Deny", "sts:AssumeRole"))
    made = role(region.kms, alice.principal_arn)
    with iam_refuses(
        "AccessDenied",
        403,
        f"{not_authorised(alice, 'sts:AssumeRole', made)} with an explicit deny in an "
        "identity-based policy",
    ):
        assumed(alice, made)


def test_an_external_id_has_to_be_the_one_agreed_on(region: RegionUnderTest) -> None:
    alice = user(region)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": alice.principal_arn},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "agreed"}},
    }
    made = role(region.kms, json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assumed(alice, made, ExternalId="agreed")
    for wrong in ({}, {"ExternalId": "other"}):
        with iam_refuses("AccessDenied", 403, not_authorised(alice, "sts:AssumeRole", made)):
            assumed(alice, made, **wrong)


def test_a_session_policy_narrows(region: RegionUnderTest) -> None:
    alice = user(region)
    key = region.kms.key()
    made = role(region.kms, alice.principal_arn, EVERYTHING)
    narrow = session(region, assumed(alice, made, Policy=policy("Allow", "kms:Encrypt")))
    narrow("Encrypt", KeyId=key, Plaintext=b"x")
    with refused("AccessDeniedException") as caught:
        narrow("DescribeKey", KeyId=key)
    assert caught.value.message.endswith(
        "because no session policy allows the kms:DescribeKey action"
    )
    both = session(
        region,
        assumed(
            alice,
            made,
            Policy=policy("Allow", "kms:Encrypt"),
            PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"}],
        ),
    )
    both("Encrypt", KeyId=key, Plaintext=b"x")
    both("DescribeKey", KeyId=key)
    with refused("AccessDeniedException"):
        both("Decrypt", CiphertextBlob=region.kms.encrypt(key))


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocument", None),
        (
            {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/Nothing"}]},
            "ValidationError",
            "arn:aws:iam::aws:policy/Nothing is invalid",
        ),
        (
            {"DurationSeconds": 3601},
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"TransitiveTagKeys": ["a"]},
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (
            {"SerialNumber": "arn:aws:iam::111122223333:mfa/a", "TokenCode": "123456"},
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        ),
    ],
)
def test_what_is_asked_wrongly(
    region: RegionUnderTest, more: dict[str, Any], code: str, message: str | None
) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn, EVERYTHING)
    with iam_refuses(code, 403 if code == "AccessDenied" else 400, message):
        assumed(alice, made, **more)


def test_a_session_policy_that_does_not_fit_into_a_token(region: RegionUnderTest) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn)
    keys = [f"key/{sha256(bytes([number])).hexdigest()}" for number in range(200)]
    statement = {
        "Effect": "Allow",
        "Action": "kms:*",
        "Resource": [f"arn:aws:kms:*:*:{key}" for key in keys],
    }
    with iam_refuses("PackedPolicyTooLarge", 400):
        assumed(alice, made, Policy=json.dumps({"Statement": statement}))


def test_a_session_expires(regions: Regions) -> None:
    region = regions["us-east-1"]
    alice = user(region)
    key = region.kms.key()
    made = role(region.kms, alice.principal_arn, EVERYTHING)
    answer = assumed(alice, made, DurationSeconds=900)
    kms = session(region, answer)
    kms("DescribeKey", KeyId=key)
    region.pass_for_requests(899)
    kms("DescribeKey", KeyId=key)
    region.pass_for_requests(1)
    with refused("ExpiredTokenException", "The security token included in the request is expired"):
        kms("DescribeKey", KeyId=key)


def test_a_session_works_in_every_region(regions: Regions) -> None:
    home, far = regions["us-east-1"], regions["ap-southeast-2"]
    alice = user(home)
    made = role(home.kms, alice.principal_arn, EVERYTHING)
    answer = assumed(alice, made)
    key = home.kms.key(MultiRegion=True)
    home.kms("ReplicateKey", KeyId=key, ReplicaRegion="ap-southeast-2")
    sealed = session(home, answer).encrypt(key)
    regions.settle()
    with regions.stopped("us-east-1"):
        assert session(far, answer).decrypt(sealed) == b"attack at dawn"
        told = boto3_client(session(far, answer), "sts").get_caller_identity()
        assert told["Arn"] == answer["AssumedRoleUser"]["Arn"]


def test_every_session_can_be_ended(regions: Regions) -> None:
    home, far = regions["us-east-1"], regions["ap-southeast-2"]
    alice = user(home)
    made = role(home.kms, alice.principal_arn, EVERYTHING)
    before = assumed(alice, made)
    regions.settle()
    session(far, before)("ListKeys")
    with refused("AccessDeniedException"):
        session(home, before).admin("EndSessions")
    assert far.kms.admin("EndSessions") == {"keys": 1}
    after = assumed(far.client_with(alice.credential), made)
    regions.settle()
    for each in regions.values():
        with refused("UnrecognizedClientException"):
            session(each, before)("ListKeys")
        session(each, after)("ListKeys")
    record = next(each for each in records(far) if each["eventName"] == "EndSessions")
    assert record["readOnly"] is False


def test_keys_are_made_anew_and_old_ones_taken_back(regions: Regions) -> None:
    region = regions["us-east-1"]
    alice = user(region)
    made = role(region.kms, alice.principal_arn, EVERYTHING)

    def keys(name: str) -> tuple[str, ...]:
        return regions[name].run(lambda each: each.view.session_keys()).key_ids

    def given(days: float) -> None:
        for each in regions.values():
            each.pass_for_requests(days * 86_400)
        with botocore_at(region.world.request_clock.now()):
            answer = assumed(alice, made)
            regions.settle()
            for each in regions.values():
                told = boto3_client(session(each, answer), "sts").get_caller_identity()
                assert told["Arn"] == answer["AssumedRoleUser"]["Arn"]

    given(days=0)
    [first] = keys("us-east-1")
    given(days=29)
    assert keys("eu-west-1") == (first,)
    given(days=1)
    assert len(keys("eu-west-1")) == 2
    given(days=15)
    assert len(keys("eu-west-1")) == 1
    assert keys("eu-west-1") != (first,)


def test_two_regions_that_make_a_key_at_once_open_each_others_tokens(regions: Regions) -> None:
    home, far = regions["us-east-1"], regions["eu-west-1"]
    alice = user(home)
    made = role(home.kms, alice.principal_arn, EVERYTHING)
    regions.settle()
    answers = [assumed(each.client_with(alice.credential), made) for each in (home, far)]
    regions.settle()
    for answer in (*answers, assumed(alice, made)):
        for each in regions.values():
            told = boto3_client(session(each, answer), "sts").get_caller_identity()
            assert told["Arn"] == answer["AssumedRoleUser"]["Arn"]


def test_the_sessions_of_a_role_that_was_made_anew_are_not_those_of_the_old_one(
    region: RegionUnderTest,
) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn)
    kms = session(region, assumed(alice, made))
    boto3_client(kms, "sts").get_caller_identity()
    iam_of(region.kms).delete_role(RoleName=made["RoleName"])
    iam_of(region.kms).create_role(
        RoleName=made["RoleName"], AssumeRolePolicyDocument=trust(alice.principal_arn)
    )
    with iam_refuses(
        "InvalidClientTokenId", 403, "The security token included in the request is invalid."
    ):
        boto3_client(kms, "sts").get_caller_identity()


def test_tokens_and_keys_that_do_not_go_together(region: RegionUnderTest) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn)
    one, other = (session(region, assumed(alice, made)) for _ in range(2))
    pairs = (
        (one.credential, None),
        (one.credential, other.token),
        (one.credential, "FwoGZXIvYXdzE"),
        (alice.credential, one.token),
        (Credential("ASIAOTHEROTHEROTHERO", "x", alice.credential.principal, True), one.token),
    )
    for credential, token in pairs:
        kms = region.client_with(credential, token)
        with refused(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ):
            kms("ListKeys")
    wrong = Credential(one.credential.access_key_id, "x", one.credential.principal, active=True)
    with refused("InvalidSignatureException"):
        region.client_with(wrong, one.token)("ListKeys")


def test_from_role_to_role(region: RegionUnderTest) -> None:
    alice = user(region)
    first = role(region.kms, alice.principal_arn, EVERYTHING, MaxSessionDuration=43_200)
    second = role(region.kms, first["Arn"], MaxSessionDuration=43_200)
    answer = assumed(alice, first, DurationSeconds=43_200)
    chained = session(region, answer)
    assumed(chained, second, DurationSeconds=3600)
    with iam_refuses(
        "ValidationError",
        400,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining.",
    ):
        assumed(chained, second, DurationSeconds=3601)


def trusting(arn: str, *actions: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": list(actions)}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_session_tags_are_the_principals(region: RegionUnderTest) -> None:
    alice = user(region)
    key = region.kms.key()
    allowed = policy(
        "Allow", "kms:*", StringEquals={"aws:PrincipalTag/team": "blue", "aws:PrincipalTag/a": "1"}
    )
    made = role(
        region.kms,
        trusting(alice.principal_arn, "sts:AssumeRole", "sts:TagSession"),
        allowed,
        Tags=[{"Key": "Team", "Value": "red"}, {"Key": "a", "Value": "1"}],
    )
    tags = [{"Key": "team", "Value": "blue"}]
    session(region, assumed(alice, made, Tags=tags))("DescribeKey", KeyId=key)
    with refused("AccessDeniedException"):
        session(region, assumed(alice, made))("DescribeKey", KeyId=key)
    untaggable = role(region.kms, alice.principal_arn)
    with iam_refuses("AccessDenied", 403, not_authorised(alice, "sts:TagSession", untaggable)):
        assumed(alice, untaggable, Tags=tags)


def test_source_identity_and_transitive_tags_go_on(region: RegionUnderTest) -> None:
    alice = user(region)
    actions = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    first = role(region.kms, trusting(alice.principal_arn, *actions), EVERYTHING)
    second = role(
        region.kms,
        trusting(first["Arn"], *actions),
        policy("Allow", "kms:ListKeys", StringEquals={"aws:PrincipalTag/team": "blue"}),
    )
    one = session(
        region,
        assumed(
            alice,
            first,
            Tags=[{"Key": "team", "Value": "blue"}, {"Key": "b", "Value": "2"}],
            TransitiveTagKeys=["team"],
            SourceIdentity="alice",
        ),
    )
    answer = assumed(one, second)
    assert answer["SourceIdentity"] == "alice"
    session(region, answer)("ListKeys")
    record = records(region)[-1]
    assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "alice"
    with iam_refuses("AccessDenied", 403):
        assumed(one, second, SourceIdentity="bob")
    with iam_refuses("InvalidParameterValue", 400):
        assumed(one, second, Tags=[{"Key": "Team", "Value": "red"}])


def test_a_user_for_a_while(region: RegionUnderTest) -> None:
    alice = user(region, policy("Allow", "kms:ListKeys", "sts:*"))
    answer = boto3_client(alice, "sts").get_session_token(DurationSeconds=900)
    kms = session(region, answer)
    kms("ListKeys")
    told = boto3_client(kms, "sts").get_caller_identity()
    assert told["Arn"] == alice.principal_arn
    with iam_refuses("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        boto3_client(kms, "sts").get_session_token()
    with iam_refuses(
        "InvalidClientTokenId", 403, "The security token included in the request is invalid."
    ):
        iam_of(kms).list_users()
    iam = iam_of(region.kms)
    name = alice.principal_arn.rpartition("/")[2]
    iam.delete_access_key(UserName=name, AccessKeyId=alice.credential.access_key_id)
    iam.delete_user_policy(UserName=name, PolicyName="p0")
    with refused("AccessDeniedException"):
        kms("ListKeys")
    iam.delete_user(UserName=name)
    with refused("UnrecognizedClientException"):
        kms("ListKeys")


def test_the_administrator_for_a_while(region: RegionUnderTest) -> None:
    kms = session(region, boto3_client(region.kms, "sts").get_session_token())
    kms("ListKeys")
    assert records(region)[-1]["userIdentity"]["sessionContext"]["attributes"] == {
        "creationDate": "2026-09-21T14:13:20Z",
        "mfaAuthenticated": "false",
    }


def test_the_records_of_a_session(region: RegionUnderTest) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn, EVERYTHING)
    answer = assumed(alice, made)
    asked = records(region)[-1]
    assert (asked["eventSource"], asked["eventName"]) == ("sts.amazonaws.com", "AssumeRole")
    assert asked["readOnly"] is True
    assert asked["requestParameters"] == {"roleArn": made["Arn"], "roleSessionName": "tuesday"}
    shown = asked["responseElements"]
    assert shown["credentials"] == {
        "accessKeyId": answer["Credentials"]["AccessKeyId"],
        "expiration": "Sep 21, 2026 15:13:20 PM",
    }
    assert shown["assumedRoleUser"] == {
        "assumedRoleId": f"{made['RoleId']}:tuesday",
        "arn": answer["AssumedRoleUser"]["Arn"],
    }
    assert asked["resources"][0] == {
        "accountId": ACCOUNT,
        "type": "AWS::IAM::Role",
        "ARN": made["Arn"],
    }
    session(region, answer)("ListKeys")
    used = records(region)[-1]["userIdentity"]
    assert used == {
        "type": "AssumedRole",
        "principalId": f"{made['RoleId']}:tuesday",
        "arn": answer["AssumedRoleUser"]["Arn"],
        "accountId": ACCOUNT,
        "accessKeyId": answer["Credentials"]["AccessKeyId"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": made["RoleId"],
                "arn": made["Arn"],
                "accountId": ACCOUNT,
                "userName": made["RoleName"],
            },
            "attributes": {"creationDate": "2026-09-21T14:13:20Z", "mfaAuthenticated": "false"},
        },
    }
    trail = "".join(map(str, records(region)))
    assert answer["Credentials"]["SecretAccessKey"] not in trail
    assert answer["Credentials"]["SessionToken"] not in trail


def test_a_presigned_request_of_a_session(region: RegionUnderTest) -> None:
    """The token in the query string, as EKS sends it."""
    alice = user(region)
    made = role(region.kms, alice.principal_arn)
    kms = session(region, assumed(alice, made))
    client = boto3_client(kms, "sts")
    url = client.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert "X-Amz-Security-Token=" in url
    parts = urlsplit(url)
    response = region.kms.handle(
        WireRequest("GET", "/", parts.query, {"host": parts.netloc}, b"", "")
    )
    assert response.status == 200, response.body


def test_errors_are_boto3s(region: RegionUnderTest) -> None:
    alice = user(region)
    made = role(region.kms, alice.principal_arn)
    with pytest.raises(ClientError) as caught:
        assumed(alice, made, Policy="[]")
    assert caught.type.__name__ == "MalformedPolicyDocumentException"
