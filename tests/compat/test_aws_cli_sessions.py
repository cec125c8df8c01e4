"""`aws iam` and `aws sts` as a person uses them: a user, a role, and the role assumed elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.compat.aws_cli import AWS
from tests.harness.cluster import Cluster, eventually

HOME, FAR = "us-east-1", "ap-southeast-2"


class Person:
    """Runs `aws` with these credentials; without a region's name, `--region` is the region's."""

    def __init__(self, cluster: Cluster, key: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._credentials = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
        if "SessionToken" in key:
            self._credentials["AWS_SESSION_TOKEN"] = key["SessionToken"]

    def says(self, region: str, *words: str) -> tuple[int, str, str]:
        """The exit status, and what it wrote."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        place = ("--endpoint-url", self._cluster.endpoint(region), "--region", region)
        done = subprocess.run(
            [*AWS, *words, *place, "--output", "json"],
            env={**kept, **nothing, **self._credentials, "AWS_PAGER": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def run(self, region: str, *words: str) -> Any:
        """The answer of a command that is not refused."""
        status, output, errors = self.says(region, *words)
        assert status == 0, errors
        return json.loads(output) if output.strip() else None


def test_a_role_is_assumed_at_home_and_used_far_away(cluster: Cluster) -> None:
    administrator = cluster.local.administrator
    admin = Person(
        cluster,
        {
            "AccessKeyId": administrator.access_key_id,
            "SecretAccessKey": administrator.secret_access_key,
        },
    )
    told = admin.run(FAR, "sts", "get-caller-identity")
    assert (told["Account"], told["Arn"]) == (administrator.account, administrator.principal)
    arn = admin.run(HOME, "iam", "create-user", "--user-name", "cli")["User"]["Arn"]
    key = admin.run(HOME, "iam", "create-access-key", "--user-name", "cli")["AccessKey"]
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    named = ("--role-name", "cli")
    role = admin.run(HOME, "iam", "create-role", *named, "--assume-role-policy-document", trust)
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"},
        }
    )
    admin.run(
        HOME,
        *("iam", "put-role-policy", *named, "--policy-name", "list"),
        *("--policy-document", document),
    )
    user = Person(cluster, key)
    role_arn = role["Role"]["Arn"]
    assuming = ("sts", "assume-role", "--role-arn", role_arn, "--role-session-name", "tuesday")
    session = Person(cluster, user.run(HOME, *assuming)["Credentials"])

    def heard() -> bool:
        return session.says(FAR, "kms", "list-keys")[0] == 0

    eventually(heard, "the far region does not take the session")
    assert session.run(FAR, "sts", "get-caller-identity")["Arn"].endswith(
        ":assumed-role/cli/tuesday"
    )
    _, _, refused = session.says(FAR, "kms", "create-key")
    assert "AccessDeniedException" in refused
    _, _, refused = admin.says(HOME, *assuming[:2], "--role-arn", f"{role_arn}2", *assuming[4:])
    assert "(AccessDenied) when calling the AssumeRole operation: User: " in refused
    assert "SessionToken" in user.run(HOME, "sts", "get-session-token")["Credentials"]
