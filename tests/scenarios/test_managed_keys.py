"""AWS managed keys: made when their alias is first used, and changed by nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from node.assembly import Region, assemble, close_region, open_region
from node.model.key import KeyManager
from node.model.managed import LISTED, SERVICES, description_of, managed_key_policy, service_of
from node.wire.messages import WireRequest, WireResponse
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.calls import MANAGING
from tests.scenarios.client import Kms, answer_of, refused
from tests.scenarios.region import ACCOUNT, START, Regions, RegionUnderTest

__all__ = ["boto3_clock"]

DAY = 86_400
ALIAS = "alias/aws/s3"
FIRST_USES: dict[str, dict[str, Any]] = {
    "DescribeKey": {},
    "Encrypt": {"Plaintext": b"attack at dawn"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyWithoutPlaintext": {"KeySpec": "AES_256"},
}


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RegionUnderTest]:
    """A region in which no alias was ever used."""
    regions = Regions(tmp_path)
    yield regions["us-east-1"]
    regions.close()


@pytest.fixture(scope="module")
def managed(kms: Kms) -> str:
    """The ID of a managed key."""
    return str(kms.metadata(ALIAS)["KeyId"])


def test_it_is_there_once_it_is_used(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    assert kms("ListKeys")["Keys"] == []
    metadata = kms.metadata(ALIAS)
    key_id = metadata["KeyId"]
    assert metadata == {
        "AWSAccountId": ACCOUNT,
        "KeyId": key_id,
        "Arn": kms.arn(key_id),
        "CreationDate": START,
        "Enabled": True,
        "Description": "Default key that protects my S3 objects when no other key is defined",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "AWS",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
        "CurrentKeyMaterialId": metadata["CurrentKeyMaterialId"],
    }
    assert kms("ListKeys")["Keys"] == [{"KeyId": key_id, "KeyArn": kms.arn(key_id)}]
    assert kms.metadata(kms.alias_arn(ALIAS))["KeyId"] == key_id
    assert kms.metadata(key_id)["KeyId"] == key_id


@pytest.mark.parametrize("operation", FIRST_USES)
def test_every_use_is_a_first_use(fresh: RegionUnderTest, operation: str) -> None:
    kms = fresh.kms
    answer = kms(operation, KeyId="alias/aws/ebs", **FIRST_USES[operation])
    arn = answer.get("KeyId") or answer["KeyMetadata"]["Arn"]
    assert arn == kms.metadata("alias/aws/ebs")["Arn"]
    assert len(kms("ListKeys")["Keys"]) == 1


def test_it_encrypts_and_decrypts(kms: Kms) -> None:
    blob = kms.encrypt("alias/aws/sqs", EncryptionContext={"queue": "one"})
    assert kms.decrypt(blob, EncryptionContext={"queue": "one"}) == b"attack at dawn"
    key = kms.key()
    again = kms("ReEncrypt", CiphertextBlob=kms.encrypt(key), DestinationKeyId="alias/aws/sqs")
    assert kms.decrypt(again["CiphertextBlob"], KeyId="alias/aws/sqs") == b"attack at dawn"


@pytest.mark.parametrize("name", ["alias/aws/", "alias/aws/no-such-service", "alias/aws/S3"])
def test_an_alias_of_no_service_is_not_found(kms: Kms, name: str) -> None:
    with refused("NotFoundException", f"Alias {kms.alias_arn(name)} is not found."):
        kms.metadata(name)


def test_each_account_has_its_own(kms: Kms, stranger: Kms, managed: str) -> None:
    theirs = stranger.alias_arn(ALIAS)
    with refused("NotFoundException", f"Alias {theirs} is not found."):
        kms.metadata(theirs)
    assert ALIAS not in {
        each["AliasName"] for each in stranger("ListAliases")["Aliases"] if "TargetKeyId" in each
    }


def test_the_key_policy(kms: Kms, managed: str) -> None:
    assert kms("ListKeyPolicies", KeyId=managed)["PolicyNames"] == ["default"]
    document = json.loads(kms("GetKeyPolicy", KeyId=managed)["Policy"])
    use, look = document["Statement"]
    assert use["Condition"] == {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
    assert look["Action"] == ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]


REFUSED = {
    **{
        name: members
        for name, members in MANAGING.items()
        if not name.startswith(("Get", "List", "CreateGrant", "RevokeGrant", "RetireGrant"))
    },
    "CreateAlias": {"AliasName": "alias/mine"},
    "ImportKeyMaterial": {
        "ImportToken": b"a token",
        "EncryptedKeyMaterial": b"material",
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    },
    "PutKeyPolicy": {"Policy": "{}"},
}


@pytest.mark.parametrize("operation", REFUSED)
def test_it_cannot_be_changed(kms: Kms, managed: str, operation: str) -> None:
    if operation == "UpdateAlias":
        kms("CreateAlias", AliasName="alias/moved", TargetKeyId=kms.key())
    named = {"TargetKeyId" if operation in ("CreateAlias", "UpdateAlias") else "KeyId": managed}
    before = kms.metadata(managed)
    with refused(
        "AccessDeniedException",
        f"User: {kms.principal_arn} is not authorized to perform: kms:{operation} on resource: "
        f"{kms.arn(managed)} because no resource-based policy allows the kms:{operation} action",
    ):
        kms(operation, **named, **REFUSED[operation])
    assert kms.metadata(managed) == before


def test_its_alias_cannot_be_changed(kms: Kms, managed: str) -> None:
    with refused("AccessDeniedException"):
        kms("DeleteAlias", AliasName=ALIAS)
    with refused("AccessDeniedException"):
        kms("UpdateAlias", AliasName=ALIAS, TargetKeyId=kms.key())
    with refused("InvalidAliasNameException"):
        kms("CreateAlias", AliasName="alias/aws/mine", TargetKeyId=kms.key())
    assert kms.metadata(ALIAS)["KeyId"] == managed


def test_a_predefined_alias_without_a_key_cannot_be_changed(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    with refused("NotFoundException", f"Alias {kms.alias_arn(ALIAS)} is not found."):
        kms("DeleteAlias", AliasName=ALIAS)
    with refused("NotFoundException", f"Alias {kms.alias_arn(ALIAS)} is not found."):
        kms("UpdateAlias", AliasName=ALIAS, TargetKeyId=kms.key())
    assert len(kms("ListKeys")["Keys"]) == 1


def test_it_can_be_granted(kms: Kms, managed: str) -> None:
    grant = kms(
        "CreateGrant",
        KeyId=managed,
        GranteePrincipal=kms.principal_arn,
        Operations=["Decrypt"],
    )
    assert len(kms("ListGrants", KeyId=managed)["Grants"]) == 1
    kms("RevokeGrant", KeyId=managed, GrantId=grant["GrantId"])


def test_it_is_rotated_every_year(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    key_id = kms.metadata(ALIAS)["KeyId"]
    blob = kms.encrypt(ALIAS)
    assert kms("GetKeyRotationStatus", KeyId=key_id) == {
        "KeyId": key_id,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "NextRotationDate": START + 365 * DAY,
    }
    fresh.clock.move(days=364)
    assert fresh.step_schedule() == 0
    fresh.clock.move(days=1)
    assert fresh.step_schedule() == 1
    (rotation,) = kms("ListKeyRotations", KeyId=key_id)["Rotations"]
    assert rotation["RotationType"] == "AUTOMATIC"
    assert kms.decrypt(blob) == b"attack at dawn"
    assert kms("GetKeyRotationStatus", KeyId=key_id)["NextRotationDate"] == START + 730 * DAY


def test_predefined_aliases_are_listed_before_they_have_a_key(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    expected = [{"AliasName": name, "AliasArn": kms.alias_arn(name)} for name in LISTED]
    assert kms("ListAliases") == {"Aliases": expected, "Truncated": False}
    key_id = kms.metadata("alias/aws/rds")["KeyId"]
    kms.metadata("alias/aws/xray")  # not listed before
    listed = {each["AliasName"]: each for each in kms("ListAliases")["Aliases"]}
    assert list(listed) == [*LISTED, "alias/aws/xray"]
    assert listed["alias/aws/rds"] == {
        "AliasName": "alias/aws/rds",
        "AliasArn": kms.alias_arn("alias/aws/rds"),
        "TargetKeyId": key_id,
        "CreationDate": START,
        "LastUpdatedDate": START,
    }
    of_key = kms("ListAliases", KeyId=key_id)["Aliases"]
    assert [each["AliasName"] for each in of_key] == ["alias/aws/rds"]


@pytest.mark.parametrize("limit", range(1, 10))
def test_pages_with_predefined_aliases(fresh: RegionUnderTest, limit: int) -> None:
    kms = fresh.kms
    kms.metadata("alias/aws/redshift")
    for name in ("alias/a", "alias/aws-not", "alias/b", "alias/z"):
        kms("CreateAlias", AliasName=name, TargetKeyId=kms.key())
    found: list[str] = []
    wish: dict[str, Any] = {"Limit": limit}
    while True:
        answer = kms("ListAliases", **wish)
        found += [each["AliasName"] for each in answer["Aliases"]]
        if not answer["Truncated"]:
            break
        assert len(answer["Aliases"]) == limit
        wish["Marker"] = answer["NextMarker"]
    assert found == sorted([*LISTED, "alias/a", "alias/aws-not", "alias/b", "alias/z"])


def signed(kms: Kms, operation: str, **members: Any) -> WireRequest:
    """A request that is signed and not sent."""
    kept: list[WireRequest] = []

    def keep(request: WireRequest) -> WireResponse:
        kept.append(request)
        return WireResponse(200, {}, b"{}")

    Kms(keep, kms.credential, kms.region, lambda: START)(operation, **members)
    return kept[0]


def test_first_uses_at_once_make_one_key(fresh: RegionUnderTest) -> None:
    kms = fresh.kms
    requests = [
        signed(kms, "GenerateDataKey", KeyId=ALIAS, NumberOfBytes=8 + number) for number in range(8)
    ]

    async def together(region: Region) -> list[WireResponse]:
        return await asyncio.gather(*map(region.protocol.handle, requests))

    arns = {answer_of(each)["KeyId"] for each in fresh.run(together)}
    assert arns == {kms.metadata(ALIAS)["Arn"]}
    assert len(kms("ListKeys")["Keys"]) == 1


def test_first_uses_in_two_nodes_at_once_make_one_key(
    fresh: RegionUnderTest, tmp_path: Path
) -> None:
    """Two nodes of one region: their memory is their own, the store is one."""
    kms = fresh.kms
    requests = [signed(kms, "DescribeKey", KeyId=f"alias/aws/{name}") for name in SERVICES]

    async def together(region: Region) -> tuple[list[Any], list[Any]]:
        audit = replace(region.settings.audit, folder=tmp_path / "the other's audit")
        other = assemble(replace(region.settings, audit=audit), fresh.world)
        await open_region(other)
        nodes = [each.protocol.handle for each in (region, other)]
        work = [handle(request) for request in requests for handle in nodes]
        answers = [answer_of(each)["KeyMetadata"] for each in await asyncio.gather(*work)]
        await close_region(other)
        return answers[::2], answers[1::2]

    here, there = fresh.run(together)
    assert here == there
    assert len(kms("ListKeys")["Keys"]) == len(SERVICES)


def test_each_region_has_its_own(regions: Regions) -> None:
    keys = {name: each.kms.metadata(ALIAS)["KeyId"] for name, each in regions.items()}
    assert len(set(keys.values())) == len(keys)
    regions.settle()
    for name, each in regions.items():
        (held,) = each.kms("ListKeys")["Keys"]
        assert held["KeyId"] == keys[name]


def test_the_store_says_who_manages_it(region: RegionUnderTest, managed: str) -> None:
    assert region.stored(managed).manager is KeyManager.AWS


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_of_the_table(service: str) -> None:
    assert service_of(f"alias/aws/{service}") == service
    assert service_of(service) is None
    assert len(description_of(service)) <= 8192
    assert json.loads(managed_key_policy(service, ACCOUNT))["Id"] == f"auto-{service}-1"


@pytest.mark.usefixtures("boto3_clock")
def test_boto3_sees_it_as_aws_own(kms: Kms) -> None:
    client = boto3_client(kms)
    described = client.describe_key(KeyId="alias/aws/lambda")["KeyMetadata"]
    assert described["KeyManager"] == "AWS"
    pages = client.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2})
    names = [each["AliasName"] for page in pages for each in page["Aliases"]]
    assert "alias/aws/lambda" in names
    with pytest.raises(client.exceptions.ClientError, match="AccessDeniedException"):
        client.schedule_key_deletion(KeyId=described["KeyId"])
