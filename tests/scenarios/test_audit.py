"""Every call of a real region has its one record, in CloudTrail's shape, and no secret in it."""

from __future__ import annotations

import base64
import errno
import json
import os
from collections.abc import Sequence
from dataclasses import replace

import pytest

from node.audit.writer import Piece
from node.operations.table import ADMIN_PREFIX
from node.wire.operation_names import OPERATION_NAMES, TARGET_PREFIX
from tests.scenarios.audit import recorded, records, verdict
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import ACCOUNT, START, Regions, RegionUnderTest

KEYSPANS_OWN = (
    "GetStatus",
    "GetUsage",
    "EvictRegion",
    "ReadmitRegion",
    "Promote",
    "GetClock",
    "AdvanceClock",
)
TARGETS = (
    *(TARGET_PREFIX + name for name in sorted(OPERATION_NAMES)),
    *(ADMIN_PREFIX + name for name in KEYSPANS_OWN),
    "TrentService.Nothing",
    "Nothing.AtAll",
    "",
)
BODIES = (b"{}", b"{", b'{"KeyId":"alias/nothing"}', b'{"KeyId":7}')


@pytest.mark.parametrize("target", TARGETS)
def test_every_operation_has_one_record_also_where_it_is_refused(
    region: RegionUnderTest, target: str
) -> None:
    for body in BODIES:
        before = len(records(region))
        response = region.kms.send(target, body)
        after = records(region)
        assert len(after) == before + 1
        assert after[-1]["requestID"] == response.headers["x-amzn-RequestId"]
        name = target.removeprefix(TARGET_PREFIX).removeprefix(ADMIN_PREFIX)
        assert after[-1]["eventName"] == (name or "Unknown")
        answer = json.loads(response.body) if response.body else {}
        code = answer.get("__type")
        assert after[-1].get("errorCode") == (
            "AccessDenied" if code == "AccessDeniedException" else code
        )


def test_a_record_has_the_shape_of_cloudtrail(region: RegionUnderTest, kms: Kms) -> None:
    key = kms.key()
    context = {"tenant": "one"}
    blob = kms.encrypt(key, EncryptionContext=context)
    kms.decrypt(blob, EncryptionContext=context)
    record = recorded(region, "Decrypt")
    event_id, request_id = record.pop("eventID"), record.pop("requestID")
    assert len(event_id) == len(request_id) == 36
    material = record["additionalEventData"].pop("keyMaterialId")
    assert material == region.stored(key).current_material
    assert record == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": record["userIdentity"]["principalId"],
            "arn": kms.principal_arn,
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAADMINISTRATOR000",
            "userName": "administrator",
        },
        "eventTime": "2026-09-21T14:13:20Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "",
        "requestParameters": {
            "encryptionContext": context,
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        },
        "responseElements": None,
        "additionalEventData": {},
        "readOnly": True,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": kms.arn(key)}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    assert START == 1_790_000_000.0


def test_a_change_shows_what_it_made(region: RegionUnderTest, kms: Kms) -> None:
    key = kms.key(Description="for letters", Tags=[{"TagKey": "a", "TagValue": "b"}])
    made = recorded(region, "CreateKey")
    assert made["requestParameters"]["tags"] == [{"tagKey": "a", "tagValue": "b"}]
    assert made["responseElements"]["keyMetadata"]["keyId"] == key
    assert made["responseElements"]["keyMetadata"]["creationDate"] == "Sep 21, 2026 14:13:20 PM"
    assert made["readOnly"] is False
    assert made["resources"][0]["ARN"] == kms.arn(key)
    kms("CreateAlias", AliasName="alias/audited", TargetKeyId=key)
    alias = recorded(region, "CreateAlias")
    assert alias["responseElements"] == {"keyId": kms.arn(key)}
    assert {each["ARN"] for each in alias["resources"]} == {
        kms.arn(key),
        kms.alias_arn("alias/audited"),
    }
    kms("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    deletion = recorded(region, "ScheduleKeyDeletion")
    assert deletion["responseElements"] == {
        "keyId": kms.arn(key),
        "keyState": "PendingDeletion",
        "deletionDate": "Sep 28, 2026 14:13:20 PM",
        "pendingWindowInDays": 7,
    }


def test_re_encryption_names_both_keys_and_materials(region: RegionUnderTest, kms: Kms) -> None:
    one, other = kms.key(), kms.key()
    kms("ReEncrypt", CiphertextBlob=kms.encrypt(one), DestinationKeyId=other)
    record = recorded(region, "ReEncrypt")
    assert {each["ARN"] for each in record["resources"]} == {kms.arn(one), kms.arn(other)}
    assert record["additionalEventData"] == {
        "sourceKeyMaterialId": region.stored(one).current_material,
        "destinationKeyMaterialId": region.stored(other).current_material,
    }


def test_a_refusal_has_its_reason(region: RegionUnderTest, kms: Kms, stranger: Kms) -> None:
    key = kms.key()
    with refused("AccessDeniedException") as caught:
        stranger("DescribeKey", KeyId=kms.arn(key))
    denied = recorded(region, "DescribeKey")
    assert denied["errorCode"] == "AccessDenied"
    assert denied["errorMessage"] == caught.value.message
    assert denied["requestParameters"] == {"keyId": kms.arn(key)}
    assert denied["responseElements"] is None
    assert denied["recipientAccountId"] == stranger.account


def test_another_account_s_key_is_not_told_by_a_refusal(
    region: RegionUnderTest, kms: Kms, stranger: Kms
) -> None:
    blob = kms.encrypt(kms.key())
    with refused("AccessDeniedException"):
        stranger.decrypt(blob)
    assert "resources" not in recorded(region, "Decrypt")


def test_a_caller_who_proves_nothing_is_recorded_as_one(region: RegionUnderTest) -> None:
    credential = replace(region.kms._credential, secret="not the secret")
    forger = region._client(credential)
    with refused("InvalidSignatureException"):
        forger("ListKeys")
    record = recorded(region, "ListKeys")
    assert record["errorCode"] == "InvalidSignatureException"
    assert record["userIdentity"] == {
        "type": "Unknown",
        "principalId": "",
        "accountId": "",
        "accessKeyId": "AKIAADMINISTRATOR000",
    }
    assert record["requestParameters"] is None
    assert record["recipientAccountId"] == ACCOUNT


def test_no_blob_nor_secret_is_in_any_record(region: RegionUnderTest, kms: Kms) -> None:
    plaintext = b"a plaintext that stands nowhere"
    key, mac = kms.key(), kms.key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    signer = kms.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    blob = kms.encrypt(key, plaintext)
    kms.decrypt(blob)
    answers = [
        kms("GenerateDataKey", KeyId=key, KeySpec="AES_256"),
        kms("GenerateDataKeyPair", KeyId=key, KeyPairSpec="ECC_NIST_P256"),
        kms("GenerateRandom", NumberOfBytes=64),
        kms("GenerateMac", KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=plaintext),
        kms("Sign", KeyId=signer, SigningAlgorithm="ECDSA_SHA_256", Message=plaintext),
    ]
    blobs = [value for each in answers for value in each.values() if isinstance(value, bytes)]
    text = json.dumps(records(region))
    for secret in (plaintext, blob, *blobs):
        assert len(secret) >= 16
        assert base64.b64encode(secret).decode()[:24] not in text
        assert secret.hex() not in text
    assert plaintext.decode() not in text


def test_a_record_is_bounded_whatever_a_stranger_sends(region: RegionUnderTest) -> None:
    body = json.dumps({"KeyId": "x" * 900_000}).encode()
    region.kms.send("TrentService." + "N" * 100_000, body)
    region.kms.send("TrentService.DescribeKey", body)
    assert all(len(json.dumps(each)) < 8192 for each in records(region)[-2:])


def test_the_trail_of_all_this_is_whole(region: RegionUnderTest) -> None:
    region.run(lambda open_: open_.audit.checkpoint())
    found = verdict(region)
    assert found.whole, found.finding
    assert found.signed == found.last
    assert found.records == len(records(region)) > 0


def test_a_full_disk_refuses_every_call_until_there_is_room(
    regions: Regions, caplog: pytest.LogCaptureFixture
) -> None:
    home = regions["us-east-1"]
    key = home.kms.key()
    sink = home.region.audit.auditor.sink
    disk = sink._destination

    class Full:
        """A disk without room."""

        def write(self, pieces: Sequence[Piece]) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None:
            disk.close()

    sink._destination = Full()
    for _ in range(3):
        with refused("KMSInternalException", "") as caught:
            home.kms("EnableKeyRotation", KeyId=key)
        assert caught.value.status == 500
    assert home.stored(key).materials.period_days is None, "it was done, and not recorded"
    assert home.region.protocol.problem == (
        "the audit trail cannot be written (No space left on device)"
    )
    assert caplog.text.count("No space left on device") == 1, "said once, not for each call"
    assert not home.run(lambda each: sink.retry())
    sink._destination = disk
    assert home.run(lambda each: sink.retry())
    assert home.region.protocol.problem is None
    home.kms("EnableKeyRotation", KeyId=key)
    home.run(lambda each: each.audit.checkpoint())
    found = verdict(home)
    assert found.whole, found.finding
    told = [each for each in records(home) if each["eventName"] == "EnableKeyRotation"]
    assert [each.get("errorCode") for each in told] == ["KMSInternalException", None]
