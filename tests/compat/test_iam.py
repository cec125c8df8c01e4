"""IAM by clients that others wrote, unmodified, on three real regions: the AWS CLI and boto3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.compat.aws_cli import AWS
from tests.harness.cluster import Cluster, error_code

HOME, NEAR, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"
ENCRYPT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}],
    }
)
SECRET = "a secret of 32 characters or more"
Keys = tuple[str, str]
"""An access key: its ID and its secret."""


class As:
    """Clients of a cluster for whoever has an access key."""

    def __init__(self, cluster: Cluster, keys: Keys) -> None:
        self._cluster = cluster
        self._keys = keys

    def client(self, service: str, region: str) -> Any:
        return boto3.client(
            service,
            region,
            endpoint_url=self._cluster.endpoint(region),
            aws_access_key_id=self._keys[0],
            aws_secret_access_key=self._keys[1],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def aws(self, region: str, *words: str) -> Any:
        """What `aws` prints; the test fails when it fails."""
        done = self._done(region, words)
        assert done.returncode == 0, f"aws {words}: {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, region: str, *words: str) -> str:
        """What `aws` says of what is refused."""
        done = self._done(region, words)
        assert done.returncode != 0, f"aws {words} was answered"
        return done.stderr

    def _done(self, region: str, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = kept | {
            "AWS_ACCESS_KEY_ID": self._keys[0],
            "AWS_SECRET_ACCESS_KEY": self._keys[1],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
            "AWS_ENDPOINT_URL": self._cluster.endpoint(region),
            "AWS_DEFAULT_REGION": region,
        }
        line = [*AWS, *words, "--output", "json"]
        return subprocess.run(
            line, env=environment, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="module")
def admin(cluster: Cluster) -> As:
    administrator = cluster.local.administrator
    return As(cluster, (administrator.access_key_id, administrator.secret_access_key))


@pytest.fixture(scope="module")
def key_ids(cluster: Cluster) -> dict[str, str]:
    """A key of each region."""
    return {
        name: str(cluster.kms(name).create_key()["KeyMetadata"]["KeyId"]) for name in cluster.names
    }


def test_a_user_that_the_aws_cli_makes_calls_every_region(
    cluster: Cluster, admin: As, key_ids: dict[str, str], tmp_path: Path
) -> None:
    document = tmp_path / "policy.json"
    document.write_text(ENCRYPT)
    made = admin.aws(NEAR, "iam", "create-user", "--user-name", "cli", "--path", "/people/")
    assert made["User"]["Arn"] == f"arn:aws:iam::{cluster.account}:user/people/cli"
    named = ("--user-name", "cli")
    admin.aws(
        *(NEAR, "iam", "put-user-policy", *named, "--policy-name", "p"),
        *("--policy-document", f"file://{document}"),
    )
    key = admin.aws(NEAR, "iam", "create-access-key", *named)["AccessKey"]
    user = As(cluster, (key["AccessKeyId"], key["SecretAccessKey"]))
    cluster.wait_until_caught_up()
    for region, key_id in key_ids.items():
        kms = user.client("kms", region)
        assert kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
        assert error_code(kms.list_keys) == "AccessDeniedException"
        assert user.client("sts", region).get_caller_identity()["Arn"] == made["User"]["Arn"]
    assert admin.aws(FAR, "iam", "list-users", "--path-prefix", "/people/")["Users"] == [
        made["User"]
    ]
    said = user.refused(FAR, "iam", "delete-user", *named)
    assert "(AccessDenied)" in said
    assert "iam:DeleteUser" in said
    admin.aws(FAR, "iam", "delete-access-key", *named, "--access-key-id", key["AccessKeyId"])
    cluster.wait_until_caught_up()
    for region, key_id in key_ids.items():
        kms = user.client("kms", region)
        refusal = error_code(partial(kms.encrypt, KeyId=key_id, Plaintext=b"x"))
        assert refusal == "UnrecognizedClientException"
    assert "(NoSuchEntity)" in admin.refused(HOME, "iam", "get-user", "--user-name", "nobody")


def test_the_directory_goes_on_without_a_region_and_is_told_to_it(
    cluster: Cluster, admin: As
) -> None:
    """A region that was killed hears of everything when it comes back."""
    iam = admin.client("iam", NEAR)
    iam.create_user(UserName="before")
    cluster.wait_until_caught_up()
    cluster.kill(FAR)
    iam.update_user(UserName="before", NewUserName="after")
    iam.create_group(GroupName="made-meanwhile")
    iam.add_user_to_group(GroupName="made-meanwhile", UserName="after")
    cluster.mend()
    there = admin.client("iam", FAR)
    (group,) = there.list_groups_for_user(UserName="after")["Groups"]
    assert group["GroupName"] == "made-meanwhile"
    assert error_code(lambda: there.get_user(UserName="before")) == "NoSuchEntity"


def test_waiters_and_paginators_of_boto3(admin: As) -> None:
    iam = admin.client("iam", HOME)
    for number in range(5):
        iam.create_user(UserName=f"paged-{number}", Path="/paged/")
    iam.get_waiter("user_exists").wait(UserName="paged-4", WaiterConfig={"Delay": 1})
    pages = iam.get_paginator("list_users").paginate(
        PathPrefix="/paged/", PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert iam.meta.endpoint_url.startswith("http://127.0.0.1")


def test_keyspan_iam_apply(cluster: Cluster, key_ids: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "principals.toml"
    file.write_text(
        "[[users]]\nname = 'applied'\n"
        f"access_keys = [{{ id = 'AKIAAPPLIED000000000', secret = '{SECRET}' }}]\n"
        f"[users.policies]\nencrypt = '''{ENCRYPT}'''\n"
    )

    def keyspan(*words: str) -> subprocess.CompletedProcess[str]:
        place = ("--data", str(cluster.local.folder.root))
        return subprocess.run(
            [sys.executable, "-m", "node.cli", "iam", "apply", str(file), *words, *place],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert keyspan("--dry-run").stdout == "user applied would be made\n"
    assert keyspan("--region", FAR).stdout == "user applied made\n"
    cluster.wait_until_caught_up()
    again = keyspan()
    assert (again.returncode, again.stdout) == (
        0,
        f"Account {cluster.account} is what the file says.\n",
    )
    user = As(cluster, ("AKIAAPPLIED000000000", SECRET))
    for region, key_id in key_ids.items():
        assert user.client("kms", region).encrypt(KeyId=key_id, Plaintext=b"x")
    file.write_text("[[users]]\nname = 'applied'\ngroups = ['absent']\n")
    refusal = keyspan()
    assert refusal.returncode == 2
    assert refusal.stdout == ""
    assert "The group with name absent cannot be found." in refusal.stderr
    assert "Traceback" not in refusal.stderr
