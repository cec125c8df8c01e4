"""For each operation that takes a key: how it is called, so that every one can be tried alike."""

from __future__ import annotations

from typing import Any

from tests.scenarios.client import Answer, Kms

KEY_MEMBER = {
    "CreateAlias": "TargetKeyId",
    "ReEncrypt": "DestinationKeyId",
    "UpdateAlias": "TargetKeyId",
}
"""Where an operation takes its key, if not as KeyId."""

MANAGING: dict[str, dict[str, Any]] = {
    "CancelKeyDeletion": {},
    "CreateAlias": {"AliasName": "alias/made"},
    "DisableKey": {},
    "DisableKeyRotation": {},
    "EnableKey": {},
    "EnableKeyRotation": {},
    "GetKeyRotationStatus": {},
    "ListAliases": {},
    "ListKeyRotations": {},
    "ListResourceTags": {},
    "ReplicateKey": {"ReplicaRegion": "ap-southeast-2"},
    "RotateKeyOnDemand": {},
    "ScheduleKeyDeletion": {},
    "TagResource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"TagKeys": ["a"]},
    "UpdateAlias": {"AliasName": "alias/moved"},
    "UpdateKeyDescription": {"Description": "another"},
    "UpdatePrimaryRegion": {"PrimaryRegion": "eu-west-1"},
}
"""Operations that take a key ID or a key ARN."""

USING: dict[str, dict[str, Any]] = {
    "Decrypt": {},
    "DescribeKey": {},
    "Encrypt": {"Plaintext": b"attack at dawn"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes": 32},
    "ReEncrypt": {},
}
"""Operations that take any form of key: ID, ARN, alias name, alias ARN."""

ON_A_KEY = {**MANAGING, **USING}
MULTI_REGION_ONLY = ("ReplicateKey", "UpdatePrimaryRegion")


def key_for(operation: str, kms: Kms) -> str:
    """A key that the operation can be tried on."""
    if operation not in MULTI_REGION_ONLY:
        return kms.key()
    key_id = kms.key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    return key_id


def members_for(operation: str, kms: Kms, key_id: str) -> dict[str, Any]:
    """What the operation needs beside its key: for these, something made with the key."""
    members = dict(ON_A_KEY[operation])
    if operation in ("Decrypt", "ReEncrypt"):
        members["CiphertextBlob"] = kms.encrypt(key_id)
    if operation == "UpdateAlias":
        aliases = [each["AliasName"] for each in kms("ListAliases", Limit=100)["Aliases"]]
        if members["AliasName"] not in aliases:
            kms("CreateAlias", AliasName=members["AliasName"], TargetKeyId=kms.key())
    if operation == "CreateAlias":
        members["AliasName"] += f"-for-{key_id}"
    return members


def call(operation: str, kms: Kms, named: str, members: dict[str, Any]) -> Answer:
    """Call the operation with its key named so. Raises Refused."""
    return kms(operation, **{KEY_MEMBER.get(operation, "KeyId"): named}, **members)
