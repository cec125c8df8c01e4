"""Temporary credentials that outlive the region that gave them: boto3's own assume-role provider,
from a profile as people write it, and a region that is killed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from node.settings import Administrator
from tests.faults.store_file import store_file
from tests.harness.cluster import Cluster, error_code, eventually

HOME, NEAR, FAR = "us-east-1", "eu-west-1", "ap-southeast-2"
ONE_TRY = Config(retries={"total_max_attempts": 1})
PROFILES = """\
[profile app]
region = {region}
[profile deploy]
region = {region}
role_arn = {role}
source_profile = app
role_session_name = tuesday
duration_seconds = 900
external_id = agreed
"""


def client(service: str, region: str, cluster: Cluster, access_key: str, secret: str) -> Any:
    return boto3.client(
        service,
        region,
        endpoint_url=cluster.endpoint(region),
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        config=ONE_TRY,
    )


def made_role(cluster: Cluster, folder: Path) -> str:
    """A user whose access key is in a credentials file, and a role that this user may assume."""
    administrator: Administrator = cluster.local.administrator
    iam = client("iam", HOME, cluster, administrator.access_key_id, administrator.secret_access_key)
    user = iam.create_user(UserName="app")["User"]["Arn"]
    key = iam.create_access_key(UserName="app")["AccessKey"]
    (folder / "credentials").write_text(
        f"[app]\naws_access_key_id = {key['AccessKeyId']}\n"
        f"aws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": user},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "agreed"}},
    }
    role: str = iam.create_role(
        RoleName="deploy",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
    )["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}
    iam.put_role_policy(
        RoleName="deploy",
        PolicyName="use",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )
    return role


def test_a_session_outlives_the_region_that_gave_it(
    fresh_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = fresh_cluster
    role = made_role(cluster, tmp_path)
    (tmp_path / "config").write_text(PROFILES.format(region=HOME, role=role))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", cluster.endpoint(HOME))
    key = cluster.replicated_key(HOME, [NEAR, FAR])
    session = boto3.Session(profile_name="deploy")
    sealed = session.client("kms").encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
    told = session.client("sts").get_caller_identity()
    assert told["Arn"].endswith(":assumed-role/deploy/tuesday")
    cluster.wait_until_caught_up()
    cluster.kill(HOME)

    given = session.get_credentials().get_frozen_credentials()
    for region in (NEAR, FAR):
        place: dict[str, Any] = {
            "region_name": region,
            "endpoint_url": cluster.endpoint(region),
            "aws_access_key_id": given.access_key,
            "aws_secret_access_key": given.secret_key,
            "aws_session_token": given.token,
            "config": ONE_TRY,
        }
        kms = boto3.client("kms", **place)
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"before"
        assert boto3.client("sts", **place).get_caller_identity()["Arn"] == told["Arn"]
        assert error_code(kms.list_keys) == "AccessDeniedException"

    # Another region gives sessions on, and a role that is deleted there ends them everywhere.
    monkeypatch.setenv("AWS_ENDPOINT_URL", cluster.endpoint(NEAR))
    another = boto3.Session(profile_name="deploy", region_name=NEAR)
    assert another.client("kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"before"
    administrator = cluster.local.administrator
    iam = client("iam", NEAR, cluster, administrator.access_key_id, administrator.secret_access_key)
    iam.delete_role_policy(RoleName="deploy", PolicyName="use")
    iam.delete_role(RoleName="deploy")
    cluster.start(HOME)
    for region in (NEAR, FAR, HOME):
        kms = boto3.client(
            "kms",
            region,
            endpoint_url=cluster.endpoint(region),
            aws_access_key_id=given.access_key,
            aws_secret_access_key=given.secret_key,
            aws_session_token=given.token,
            config=ONE_TRY,
        )
        eventually(
            partial(_is_refused, partial(kms.decrypt, CiphertextBlob=sealed)),
            f"{region} still takes the session of a role that was deleted",
        )


def test_one_region_makes_the_first_session_key(fresh_cluster: Cluster) -> None:
    def one_made_it() -> bool:
        for region in fresh_cluster.names:
            with store_file(fresh_cluster, region) as file:
                if file.makers_of_session_keys() != [FAR]:
                    return False
        return True

    eventually(one_made_it, f"{FAR} is not the one region that made a session key")


def _is_refused(call: Callable[[], object]) -> bool:
    return error_code(call) == "UnrecognizedClientException"
