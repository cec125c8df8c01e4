"""CreateKey and its combinations; what DescribeKey says afterwards."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from node.model.policy import default_key_policy
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import START, RegionUnderTest

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
    }
)


def test_a_key_without_any_wishes(region: RegionUnderTest, kms: Kms) -> None:
    metadata = kms("CreateKey")["KeyMetadata"]
    key_id = metadata["KeyId"]
    material = metadata.pop("CurrentKeyMaterialId")
    assert re.fullmatch(UUID, key_id)
    assert re.fullmatch(r"[0-9a-f]{64}", material)
    assert metadata == {
        "AWSAccountId": kms.account,
        "KeyId": key_id,
        "Arn": kms.arn(key_id),
        "CreationDate": START,
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    assert kms.metadata(key_id) == {**metadata, "CurrentKeyMaterialId": material}
    stored = region.stored(key_id)
    assert (stored.policy, stored.tags) == (default_key_policy(kms.account), ())


def test_a_multi_region_key_is_a_primary_without_replicas(kms: Kms) -> None:
    metadata = kms("CreateKey", MultiRegion=True)["KeyMetadata"]
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", metadata["KeyId"])
    assert metadata["MultiRegion"] is True
    assert metadata["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": metadata["Arn"], "Region": kms.region},
        "ReplicaKeys": [],
    }
    assert kms.metadata(metadata["KeyId"]) == metadata


@pytest.mark.parametrize("multi_region", [True, False])
def test_what_is_given_is_kept(region: RegionUnderTest, kms: Kms, multi_region: bool) -> None:
    key_id = kms.key(
        Description="for orders",
        Tags=[{"TagKey": "b", "TagValue": "2"}, {"TagKey": "a", "TagValue": ""}],
        Policy=POLICY,
        MultiRegion=multi_region,
        KeyUsage="ENCRYPT_DECRYPT",
        KeySpec="SYMMETRIC_DEFAULT",
        Origin="AWS_KMS",
        BypassPolicyLockoutSafetyCheck=True,
    )
    stored = region.stored(key_id)
    assert kms.metadata(key_id)["Description"] == "for orders"
    assert (stored.tags, stored.policy) == ((("b", "2"), ("a", "")), POLICY)


def test_every_key_has_material_of_its_own(kms: Kms) -> None:
    keys = [kms.key(MultiRegion=number % 2 == 0) for number in range(20)]
    assert len(set(keys)) == 20
    assert len({kms.metadata(key_id)["CurrentKeyMaterialId"] for key_id in keys}) == 20


def test_the_old_name_of_key_spec_still_works(kms: Kms) -> None:
    metadata = kms("CreateKey", CustomerMasterKeySpec="SYMMETRIC_DEFAULT")["KeyMetadata"]
    assert metadata["KeySpec"] == "SYMMETRIC_DEFAULT"


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (
        {"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        "ValidationException",
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.",
    ),
    (
        {"KeySpec": "RSA_2048"},
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    ),
    (
        {"KeyUsage": "SIGN_VERIFY"},
        "ValidationException",
        "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
    ),
    (
        {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"},
        "UnsupportedOperationException",
        "KeySpec SM2 is not supported in this Region.",
    ),
    (
        {"Origin": "AWS_CLOUDHSM"},
        "ValidationException",
        "You must specify a CustomKeyStoreId for this key origin.",
    ),
    (
        {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "x"},
        "ValidationException",
        "You must specify a CustomKeyStoreId for this key origin.",
    ),
    (
        {"CustomKeyStoreId": "cks-1", "Origin": "AWS_CLOUDHSM", "MultiRegion": False},
        "CustomKeyStoreNotFoundException",
        "Custom key store cks-1 does not exist.",
    ),
    (
        {"XksKeyId": "x"},
        "UnsupportedOperationException",
        "XksKeyId is valid only with origin EXTERNAL_KEY_STORE.",
    ),
    ({"Policy": "{"}, "MalformedPolicyDocumentException", "The policy is not valid JSON."),
    ({"Policy": "{}"}, "MalformedPolicyDocumentException", "The policy has no statements."),
    (
        {"Policy": json.dumps({"Id": "x" * 33_000, "Statement": []})},
        "LimitExceededException",
        "The key policy is larger than 32768 bytes.",
    ),
    (
        {"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]},
        "TagException",
        "Duplicate tag keys",
    ),
    (
        {"Tags": [{"TagKey": "aws:a", "TagValue": ""}]},
        "TagException",
        "Tags beginning with aws: are reserved",
    ),
    (
        {"Tags": [{"TagKey": str(number), "TagValue": ""} for number in range(51)]},
        "TagException",
        "Too many tags",
    ),
    (
        {"KeySpec": "NO_SUCH_SPEC"},
        "ValidationException",
        "1 validation error detected: Value 'NO_SUCH_SPEC' at 'keySpec' failed to satisfy "
        "constraint: Member must satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, "
        "ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SYMMETRIC_DEFAULT, "
        "HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, ML_DSA_87, "
        "ECC_NIST_EDWARDS25519, ML_KEM_512, ML_KEM_768, ML_KEM_1024]",
    ),
    (
        {"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b"}]},
        "ValidationException",
        "1 validation error detected: Value null at 'tags.2.member.tagValue' failed to satisfy "
        "constraint: Member must not be null",
    ),
    (
        {"MultiRegion": "yes"},
        "SerializationException",
        "STRING_VALUE can not be converted to a Boolean",
    ),
]


@pytest.mark.parametrize(("members", "code", "message"), REFUSED)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    kms: Kms, members: dict[str, Any], code: str, message: str
) -> None:
    before = kms.status()["keys"]
    for multi_region in ({}, {"MultiRegion": True}):
        with refused(code, message):
            kms("CreateKey", **{**multi_region, **members})
    assert kms.status()["keys"] == before


def test_a_grant_token_that_is_not_ours(kms: Kms) -> None:
    with refused("InvalidGrantTokenException", "A grant token in the request is not valid."):
        kms("DescribeKey", KeyId=kms.key(), GrantTokens=["AQpA"])
