"""Principals that a file says are to be: made, made again, and taken away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from node.cli.principals_file import read_principals
from node.model.principal import Credential, Principal
from node.operations.iam.wanted import ApplyPrincipalsRequest
from node.settings import SettingsError
from tests.scenarios.boto import boto3_clock
from tests.scenarios.client import Kms, refused
from tests.scenarios.iam import iam_of, iam_refuses
from tests.scenarios.region import (
    ACCOUNT,
    OTHER_ACCOUNT,
    REGIONS,
    Regions,
    RegionUnderTest,
)

__all__ = ["boto3_clock"]

pytestmark = pytest.mark.usefixtures("boto3_clock")

FILE = """
[[policies]]
name = "use-keys"
description = "Encrypts."
document = { Version = "2012-10-17", Statement = [
  { Effect = "Allow", Action = "kms:Encrypt", Resource = "*" } ] }

[[groups]]
name = "writers"
attached = ["use-keys", "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"]

[[users]]
name = "app"
path = "/apps/"
tags = { team = "blue" }
groups = ["writers"]
access_keys = [
  { id = "AKIAAPP0000000000000", secret = "the secret of app, for tests alone" },
  { status = "Inactive", id = "AKIAAPP0000000000001", secret = "another secret, that is long too" },
]

[users.policies]
decrypt = '''{"Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}'''

[[roles]]
name = "worker"
max_session_seconds = 7200

[roles.trust.Statement]
Effect = "Allow"
Action = "sts:AssumeRole"
Principal = { AWS = "arn:aws:iam::111122223333:user/apps/app" }
"""


def requested(tmp_path: Path, text: str, **options: bool) -> dict[str, Any]:
    file = tmp_path / "principals.toml"
    file.write_text(text, encoding="utf-8")
    request: dict[str, Any] = msgspec.to_builtins(
        ApplyPrincipalsRequest(read_principals(file), **options)
    )
    return request


def apply(kms: Kms, tmp_path: Path, text: str = FILE, **options: bool) -> list[str]:
    changes: list[str] = kms.admin("ApplyPrincipals", **requested(tmp_path, text, **options))[
        "changes"
    ]
    return changes


def app(region: RegionUnderTest, number: int = 0, account: str = ACCOUNT) -> Kms:
    secret = ("the secret of app, for tests alone", "another secret, that is long too")[number]
    principal = Principal(account, f"arn:aws:iam::{account}:user/apps/app", "AIDA", "IAMUser")
    key = Credential(f"AKIAAPP000000000000{number}", secret, principal, active=True)
    return region.client_with(key)


def test_a_file_is_made_so_everywhere_and_once(regions: Regions, tmp_path: Path) -> None:
    home = regions[REGIONS[0]]
    assert apply(home.kms, tmp_path, dry_run=True) == apply(home.kms, tmp_path)
    assert apply(home.kms, tmp_path) == []
    regions.settle()
    for name in REGIONS:
        assert apply(regions[name].kms, tmp_path) == []
        key_id = regions[name].kms.key()
        assert app(regions[name]).decrypt(app(regions[name]).encrypt(key_id))
        with refused("UnrecognizedClientException"):
            app(regions[name], 1).encrypt(key_id)
    iam = iam_of(regions[REGIONS[1]].kms)
    role = iam.get_role(RoleName="worker")["Role"]
    trusted = role["AssumeRolePolicyDocument"]["Statement"]["Principal"]["AWS"]
    assert trusted == f"arn:aws:iam::{ACCOUNT}:user/apps/app"
    assert role["MaxSessionDuration"] == 7200
    assert iam.get_user(UserName="app")["User"]["Tags"] == [{"Key": "team", "Value": "blue"}]


def test_what_was_changed_is_made_so_again_and_the_rest_is_left(
    regions: Regions, tmp_path: Path
) -> None:
    home = regions[REGIONS[0]]
    iam = iam_of(home.kms)
    assert apply(home.kms, tmp_path) == [
        "policy use-keys made",
        "group writers made",
        "user app made",
        "role worker made",
    ]
    before = iam.get_user(UserName="app")["User"]["UserId"]
    iam.create_user(UserName="extra")
    iam.tag_user(UserName="app", Tags=[{"Key": "more", "Value": ""}])
    iam.delete_user_policy(UserName="app", PolicyName="decrypt")
    iam.remove_user_from_group(UserName="app", GroupName="writers")
    iam.put_user_policy(
        UserName="app",
        PolicyName="more",
        PolicyDocument='{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}',
    )
    iam.update_access_key(UserName="app", AccessKeyId="AKIAAPP0000000000000", Status="Inactive")
    iam.update_user(UserName="app", NewUserName="APP", NewPath="/")
    assert apply(home.kms, tmp_path) == ["user app changed"]
    assert apply(home.kms, tmp_path) == []
    shown = iam.get_user(UserName="app")["User"]
    assert (shown["UserId"], shown["UserName"], shown["Path"]) == (before, "app", "/apps/")
    assert iam.list_user_policies(UserName="app")["PolicyNames"] == ["decrypt"]
    assert app(home).encrypt(home.kms.key())
    assert iam.get_user(UserName="extra")
    other = FILE.replace("kms:Encrypt", "kms:Sign")
    assert apply(home.kms, tmp_path, other) == ["policy use-keys changed"]
    for number in range(6):
        apply(home.kms, tmp_path, FILE.replace("kms:Encrypt", f"kms:{number}"))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/use-keys"
    assert len(iam.list_policy_versions(PolicyArn=arn)["Versions"]) == 5
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v8"


def test_pruning_deletes_whoever_is_not_in_the_file(regions: Regions, tmp_path: Path) -> None:
    home = regions[REGIONS[0]]
    iam = iam_of(home.kms)
    apply(home.kms, tmp_path)
    assert apply(home.kms, tmp_path, "", prune=True, dry_run=True) == apply(
        home.kms, tmp_path, "", prune=True
    )
    for listed, name in (
        ("list_users", "Users"),
        ("list_groups", "Groups"),
        ("list_roles", "Roles"),
    ):
        found = [each for each in getattr(iam, listed)()[name] if "administrator" not in str(each)]
        assert found == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
    with refused("UnrecognizedClientException"):
        app(home)("ListKeys")
    assert iam.get_user()["User"]["UserName"] == "administrator"


def test_another_account_may_be_named(regions: Regions, tmp_path: Path) -> None:
    home = regions[REGIONS[0]]
    text = FILE.replace(ACCOUNT, OTHER_ACCOUNT)
    apply(home.kms, tmp_path, f'account = "{OTHER_ACCOUNT}"\n{text}')
    theirs = app(home, account=OTHER_ACCOUNT)
    assert theirs.encrypt(home.stranger.key())
    with iam_refuses("NoSuchEntity", 404):
        iam_of(home.kms).get_user(UserName="app")
    with refused("AccessDeniedException"):
        apply(home.stranger, tmp_path, text)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (('use-keys", "arn', 'absent", "arn'), "NoSuchEntity"),
        (('groups = ["writers"]', 'groups = ["absent"]'), "NoSuchEntity"),
        (("user/apps/app", "user/absent"), "MalformedPolicyDocumentException"),
        (('name = "app"', 'name = "administrator"'), "EntityAlreadyExists"),
    ],
)
def test_what_cannot_be_changes_nothing(
    region: RegionUnderTest, tmp_path: Path, changed: tuple[str, str], code: str
) -> None:
    before = iam_of(region.kms).list_policies(Scope="Local")["Policies"]
    with refused(code):
        apply(region.kms, tmp_path, FILE.replace(*changed))
    assert iam_of(region.kms).list_policies(Scope="Local")["Policies"] == before


def test_the_trail_shows_no_secret_of_a_file(region: RegionUnderTest, tmp_path: Path) -> None:
    apply(region.kms, tmp_path, FILE.replace("AKIAAPP", "AKIATRAIL"))
    for file in region.region.settings.audit.folder.glob("*"):
        assert b"for tests alone" not in file.read_bytes()


@pytest.mark.parametrize(
    ("line", "text", "says"),
    [
        (2, "[[users]]\nname = 'a b'", "users[0].name"),
        (3, "[[users]]\nname = 'a'\ntag = { a = 'b' }", "perhaps it should be tags"),
        (1, "[[groups]]\n", "groups[0] has no name"),
        (3, "[[users]]\nname = 'a'\n[[users]", "not valid TOML"),
        (4, "[[users]]\nname = 'a'\n[[users]]\nname = 'A'", "there twice"),
        (3, "[[roles]]\nname = 'a'\ntrust = '{}'", "has no statements"),
        (4, "[[users]]\nname = 'a'\n[users.policies]\np = 'x'", "not valid JSON"),
        (3, "[[policies]]\nname = 'a'\ndocument = { Statement = { Effect = 'Allow' } }", "actions"),
        (
            3,
            "[[users]]\nname = 'a'\naccess_keys = [{ id = 'AKIAIOSFODNN7EXAMPLE', secret = 'x' }]",
            "users[0].access_keys[0].secret",
        ),
    ],
)
def test_a_broken_file_is_named_by_its_line(
    tmp_path: Path, line: int, text: str, says: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        requested(tmp_path, text)
    assert f"principals.toml, line {line}: " in str(caught.value)
    assert says in str(caught.value)
    assert "'x'" not in str(caught.value)


def test_json_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "principals.json"
    policy = {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}
    file.write_text(json.dumps({"users": [{"name": "a", "policies": {"p": policy}}]}))
    (user,) = read_principals(file).users
    assert user.policies is not None
    assert json.loads(user.policies["p"]) == policy
    file.write_text('{"users":\n nothing}')
    with pytest.raises(SettingsError, match="line 2: this is not valid JSON"):
        read_principals(file)
    file.write_text('{"users": [{"name": 1}]}')
    with pytest.raises(SettingsError, match=r"users\[0\]\.name is of the wrong kind"):
        read_principals(file)
