"""IAM against regions in this process, by boto3; and users, made by it, who call KMS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from node.model.principal import Credential, Principal
from tests.scenarios.boto import boto3_client
from tests.scenarios.client import Kms
from tests.scenarios.region import RegionUnderTest


def iam_of(kms: Kms) -> Any:
    """boto3's client of IAM for a caller, in the caller's region."""
    return boto3_client(kms, "iam")


def policy(effect: str, *actions: str, resource: str = "*", **condition: Any) -> str:
    """A policy document of one statement."""
    statement: dict[str, Any] = {"Effect": effect, "Action": list(actions), "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(*arns: str, action: str = "sts:AssumeRole") -> str:
    """A trust policy that lets these assume the role."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(arns)}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def access_key(iam: Any, user: str) -> Credential:
    """A new access key of a user."""
    key = iam.create_access_key(UserName=user)["AccessKey"]
    shown = iam.get_user(UserName=user)["User"]
    principal = Principal(shown["Arn"].split(":")[4], shown["Arn"], shown["UserId"], "IAMUser")
    return Credential(key["AccessKeyId"], key["SecretAccessKey"], principal, active=True)


def made_user(iam: Any, user: str, *documents: str) -> Credential:
    """A new user with these inline policies, and an access key."""
    iam.create_user(UserName=user)
    for number, document in enumerate(documents):
        iam.put_user_policy(UserName=user, PolicyName=f"p{number}", PolicyDocument=document)
    return access_key(iam, user)


def client(region: RegionUnderTest, credential: Credential) -> Kms:
    """The client, in a region, of whoever has this access key."""
    return region.client_with(credential)


@contextmanager
def iam_refuses(code: str, status: int, message: str | None = None) -> Iterator[None]:
    """The block is refused by IAM with this error."""
    with pytest.raises(ClientError) as caught:
        yield
    told = caught.value.response
    found = (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"])
    assert found == (code, status), told
    if message is not None:
        assert told["Error"]["Message"] == message
