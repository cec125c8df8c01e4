"""Reading the trail back: LookupEvents with boto3, GetKeyLastUsage, totals, restarts, retention."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from node.audit.folder import trail_files
from node.audit.retention import retire
from node.audit.usage import Count
from node.audit.usage_file import USAGE_FILE
from tests.harness.cluster import error_code
from tests.scenarios.audit import recorded, records, verdict
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import Kms, answer_of, refused
from tests.scenarios.region import ACCOUNT, DAY_SECONDS, START, Regions, RegionUnderTest

__all__ = ["boto3_clock"]

HOME = "us-east-1"
MOMENT = datetime.datetime.fromtimestamp(START, datetime.UTC)


@pytest.fixture
def trail(region: RegionUnderTest, boto3_clock: None) -> Any:
    """boto3's CloudTrail client of the administrator."""
    return boto3_client(region.kms, "cloudtrail")


def looked_up(trail: Any, name: str, value: str, **members: Any) -> list[dict[str, Any]]:
    attribute = {"AttributeKey": name, "AttributeValue": value}
    pages = trail.get_paginator("lookup_events").paginate(LookupAttributes=[attribute], **members)
    return [event for page in pages for event in page["Events"]]


def test_events_are_looked_up_by_each_attribute(region: RegionUnderTest, trail: Any) -> None:
    kms = region.kms
    key, other = kms.key(), kms.key()
    kms.encrypt(key)
    kms.encrypt(other)
    record = [each for each in records(region) if each["eventName"] == "Encrypt"][-2]
    [event] = looked_up(trail, "EventId", record["eventID"])
    assert json.loads(event["CloudTrailEvent"]) == record
    assert event["EventName"] == "Encrypt"
    assert event["EventTime"] == MOMENT
    assert event["EventSource"] == "kms.amazonaws.com"
    assert event["ReadOnly"] == "true"
    assert event["Username"] == "administrator"
    assert event["AccessKeyId"] == kms.credential.access_key_id
    assert event["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": key}]
    for name, value in (
        ("EventName", "Encrypt"),
        ("ReadOnly", "true"),
        ("Username", "administrator"),
        ("ResourceType", "AWS::KMS::Key"),
        ("ResourceName", key),
        ("ResourceName", kms.arn(key)),
        ("EventSource", "kms.amazonaws.com"),
        ("AccessKeyId", kms.credential.access_key_id),
    ):
        found = looked_up(trail, name, value)
        assert record["eventID"] in [each["EventId"] for each in found], name
    assert [each["EventName"] for each in looked_up(trail, "ResourceName", key)] == [
        "Encrypt",
        "CreateKey",
    ]
    assert looked_up(trail, "EventName", "NoSuchEvent") == []


def test_pages_are_newest_first_and_lose_nothing(region: RegionUnderTest, trail: Any) -> None:
    key = region.kms.key()
    for _ in range(7):
        region.kms.encrypt(key)
    found = looked_up(trail, "ResourceName", key, PaginationConfig={"PageSize": 3})
    ids = [each["eventID"] for each in records(region) if key in str(each.get("resources"))]
    assert [each["EventId"] for each in found] == ids[::-1]


def test_time_bounds_are_kept(regions: Regions, boto3_clock: None) -> None:
    home = regions[HOME]
    keys = []
    for _ in range(3):
        keys.append(home.kms.key())
        regions.clock.move(seconds=3600)
    trail = boto3_client(home.kms, "cloudtrail")

    def between(first: int, last: int) -> set[str]:
        start, end = (MOMENT + datetime.timedelta(hours=each) for each in (first, last))
        found = looked_up(trail, "EventName", "CreateKey", StartTime=start, EndTime=end)
        return {each["Resources"][0]["ResourceName"] for each in found}

    assert between(0, 5) == set(keys)
    assert between(1, 1) == {keys[1]}
    assert between(1, 2) == set(keys[1:])
    assert between(3, 4) == set()
    with pytest.raises(ClientError, match="InvalidTimeRangeException"):
        between(2, 1)


def test_what_cannot_be_looked_up_is_refused_as_cloudtrail_does(trail: Any) -> None:
    attribute = {"AttributeKey": "EventName", "AttributeValue": "Encrypt"}
    lookup = trail.lookup_events
    assert (
        error_code(lambda: lookup(LookupAttributes=[attribute, attribute]))
        == "InvalidLookupAttributesException"
    )
    assert error_code(lambda: lookup(NextToken="bm90aGluZw==")) == "InvalidNextTokenException"
    token = lookup(MaxResults=1)["NextToken"]
    assert lookup(MaxResults=1, NextToken=token)["Events"]
    assert (
        error_code(lambda: lookup(NextToken=token, LookupAttributes=[attribute]))
        == "InvalidNextTokenException"
    )
    assert lookup(EventCategory="insight")["Events"] == []


def test_nobody_finds_another_account_s_records(region: RegionUnderTest, boto3_clock: None) -> None:
    region.kms.key()
    with refused("AccessDeniedException"):
        region.stranger("DescribeKey", KeyId=region.kms.arn(region.kms.key()))
    stranger = boto3_client(region.stranger, "cloudtrail")
    found = stranger.lookup_events()["Events"]
    accounts = {json.loads(each["CloudTrailEvent"])["recipientAccountId"] for each in found}
    assert accounts == {region.stranger.account} != {ACCOUNT}


def test_a_look_up_is_signed_for_cloudtrail_and_recorded(region: RegionUnderTest) -> None:
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    with refused("InvalidSignatureException"):
        answer_of(region.kms.send(target, b"{}"))  # signed for kms
    record = recorded(region, "LookupEvents")
    assert record["eventSource"] == "cloudtrail.amazonaws.com"
    assert record["readOnly"] is True
    assert record["errorCode"] == "InvalidSignatureException"


# GetKeyLastUsage and totals


def last_usage(kms: Kms, key: str) -> dict[str, Any]:
    usage: dict[str, Any] = kms("GetKeyLastUsage", KeyId=key)["KeyLastUsage"]
    return usage


def test_the_last_use_is_the_last_one_that_succeeded(region: RegionUnderTest, kms: Kms) -> None:
    key, other = kms.key(), kms.key()
    assert last_usage(kms, key) == {}
    blob = kms.encrypt(key)
    with refused("InvalidCiphertextException"):
        kms.decrypt(blob, EncryptionContext={"not": "this"})
    record = recorded(region, "Encrypt")
    assert last_usage(kms, key) == {
        "Operation": "Encrypt",
        "Timestamp": START,
        "CloudTrailEventId": record["eventID"],
        "KmsRequestId": record["requestID"],
    }
    kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
    assert {last_usage(kms, each)["Operation"] for each in (key, other)} == {"ReEncrypt"}
    kms("DescribeKey", KeyId=key)
    assert last_usage(kms, key)["Operation"] == "ReEncrypt"
    answer = kms("GetKeyLastUsage", KeyId=kms.arn(key))
    assert answer["KeyId"] == key
    assert answer["KeyCreationDate"] == answer["TrackingStartDate"] == START
    kms("CreateAlias", AliasName="alias/last", TargetKeyId=key)
    with refused("InvalidArnException"):
        kms("GetKeyLastUsage", KeyId="alias/last")


@pytest.fixture
def used(regions: Regions) -> tuple[RegionUnderTest, str]:
    """A region with one key that was used; and once in vain."""
    home = regions[HOME]
    key = home.kms.key()
    home.kms.encrypt(key)
    home.kms.encrypt(key)
    with refused("ValidationException"):
        home.kms("Encrypt", KeyId=key, Plaintext=b"x" * 4097)
    with refused("InvalidKeyUsageException"):
        home.kms("GenerateMac", KeyId=key, Message=b"m", MacAlgorithm="HMAC_SHA_256")
    return home, key


def counts(region: RegionUnderTest) -> set[Count]:
    answer = region.kms.admin("GetUsage")
    return {Count(**each) for each in answer["counts"]}


def expected(region: RegionUnderTest, key: str) -> set[Count]:
    arn, who = region.kms.arn(key), region.kms.principal_arn
    return {
        Count(arn, "CreateKey", who, 1, 0),
        Count(arn, "Encrypt", who, 2, 0),
        Count(arn, "GenerateMac", who, 0, 1),
        Count("", "Encrypt", who, 0, 1),  # its body was refused before a key was looked for
    }


def test_totals_are_per_key_operation_and_principal(used: tuple[RegionUnderTest, str]) -> None:
    region, key = used
    assert counts(region) == expected(region, key)


@pytest.mark.parametrize("how", ["ended", "ended without its rows", "killed"])
def test_usage_survives_a_restart(used: tuple[RegionUnderTest, str], how: str) -> None:
    region, key = used
    last = last_usage(region.kms, key)

    async def again(each: Any) -> None:
        if how == "killed":
            await each.audit._trail.close()
            each.audit._trail = None
        await each.audit.close()
        if how == "ended without its rows":
            (each.settings.audit.folder / USAGE_FILE).unlink()
        await each.audit.open()

    for _ in range(2):
        region.run(again)
    assert last_usage(region.kms, key) == last
    assert expected(region, key) <= counts(region)


def test_old_files_are_removed_and_the_rest_is_whole(regions: Regions) -> None:
    home = regions[HOME]
    key = home.kms.key()
    for _ in range(5):
        home.kms.encrypt(key)
        regions.clock.move(days=1)
    folder: Path = home.region.settings.audit.folder
    assert len(trail_files(folder)) == 5
    sink = home.region.audit.auditor.sink
    now = regions.clock.now()
    assert home.run(lambda _: retire(sink, folder, now - 2.5 * DAY_SECONDS, now)) == 2
    assert home.run(lambda _: retire(sink, folder, now - 2.5 * DAY_SECONDS, now)) == 0
    assert len(trail_files(folder)) == 4  # three, and the one that says so
    found = verdict(home)
    assert found.whole, found.finding
    assert found.first > 1
    kept = [each["eventTime"] for each in records(home) if each["eventName"] == "Encrypt"]
    assert len(kept) == 3
    trail_files(folder)[0].unlink()
    assert verdict(home).finding is not None


def test_retention_is_of_the_running_node(regions: Regions) -> None:
    home = regions[HOME]
    audit = home.region.audit
    audit._keeping = replace(audit._keeping, keep_seconds=2 * DAY_SECONDS)
    key = home.kms.key()
    for _ in range(6):
        home.kms.encrypt(key)
        home.run(lambda _: audit._follow_files())
        regions.clock.move(days=1)
    assert len(trail_files(home.region.settings.audit.folder)) == 3
    assert verdict(home).whole
    assert (home.region.settings.audit.folder / USAGE_FILE).exists()
