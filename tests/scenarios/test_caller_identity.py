"""Who am I: boto3's STS client, unmodified, against a region."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from node.wire.messages import WireRequest
from tests.scenarios.audit import records
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import SOURCE_ADDRESS
from tests.scenarios.region import Regions, RegionUnderTest

__all__ = ["boto3_clock"]  # a fixture

pytestmark = pytest.mark.usefixtures("boto3_clock")
DENY_ALL = json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})


@pytest.mark.parametrize("scoped_to", ["us-east-1", "eu-west-1"])
def test_a_caller_is_told_who_it_is(shared_regions: Regions, scoped_to: str) -> None:
    kms = shared_regions["eu-west-1"].kms
    answer = boto3_client(kms, "sts", region=scoped_to).get_caller_identity()
    assert answer["Arn"] == kms.principal_arn
    assert answer["Account"] == kms.account
    assert answer["UserId"].startswith("AIDA")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "text/xml"


def test_no_permission_is_needed(region: RegionUnderTest) -> None:
    nobody = region.user("nobody", DENY_ALL)
    assert boto3_client(nobody, "sts").get_caller_identity()["Arn"] == nobody.principal_arn


def test_the_record_of_the_call(region: RegionUnderTest) -> None:
    boto3_client(region.kms, "sts").get_caller_identity()
    record = records(region)[-1]
    assert record["eventSource"] == "sts.amazonaws.com"
    assert record["eventName"] == "GetCallerIdentity"
    assert record["readOnly"] is True
    assert record["userIdentity"]["arn"] == region.kms.principal_arn


def test_a_presigned_request_says_who_signed_it(region: RegionUnderTest) -> None:
    """As HashiCorp Vault and EKS use it: whoever holds it can ask who made it, and no more."""
    url = urlsplit(
        boto3_client(region.kms, "sts").generate_presigned_url(
            "get_caller_identity", ExpiresIn=60, HttpMethod="GET"
        )
    )
    headers = {"host": url.netloc}
    response = region.kms.handle(WireRequest("GET", "/", url.query, headers, b"", SOURCE_ADDRESS))
    assert response.status == 200
    assert region.kms.principal_arn in response.body.decode()
    other = url.query.replace("GetCallerIdentity", "GetSessionToken")
    response = region.kms.handle(WireRequest("GET", "/", other, headers, b"", SOURCE_ADDRESS))
    assert response.status in (400, 403)
