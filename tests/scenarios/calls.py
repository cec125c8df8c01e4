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
    "Decapsulate": {"EncapsulationAlgorithm": "ML_KEM"},
    "Decrypt": {},
    "DeriveSharedSecret": {"KeyAgreementAlgorithm": "ECDH"},
    "DescribeKey": {},
    "Encapsulate": {"EncapsulationAlgorithm": "ML_KEM"},
    "Encrypt": {"Plaintext": b"attack at dawn"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_EDWARDS25519"},
    "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes": 32},
    "GenerateMac": {"Message": b"message", "MacAlgorithm": "HMAC_SHA_256"},
    "GetPublicKey": {},
    "ReEncrypt": {},
    "Sign": {"Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"},
    "Verify": {"Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"},
    "VerifyMac": {"Message": b"message", "MacAlgorithm": "HMAC_SHA_256"},
}
"""Operations that take any form of key: ID, ARN, alias name, alias ARN."""

SIGNING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
AGREEING = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
ENCAPSULATING = {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
MAKING_MACS = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}

KIND: dict[str, dict[str, str]] = {
    "Decapsulate": ENCAPSULATING,
    "DeriveSharedSecret": AGREEING,
    "Encapsulate": ENCAPSULATING,
    "GenerateMac": MAKING_MACS,
    "GetPublicKey": SIGNING,
    "Sign": SIGNING,
    "Verify": SIGNING,
    "VerifyMac": MAKING_MACS,
}
"""The kind of key that an operation is for, if not a symmetric one."""

MADE_BY: dict[str, tuple[str, str]] = {
    "Decapsulate": ("Encapsulate", "SharedSecretCiphertextBlob"),
    "Decrypt": ("Encrypt", "CiphertextBlob"),
    "DeriveSharedSecret": ("GetPublicKey", "PublicKey"),
    "ReEncrypt": ("Encrypt", "CiphertextBlob"),
    "Verify": ("Sign", "Signature"),
    "VerifyMac": ("GenerateMac", "Mac"),
}
"""What an operation needs that another makes with the same key."""

ON_A_KEY = {**MANAGING, **USING}
MULTI_REGION_ONLY = ("ReplicateKey", "UpdatePrimaryRegion")


def key_for(operation: str, kms: Kms) -> str:
    """A key that the operation can be tried on."""
    if operation not in MULTI_REGION_ONLY:
        return kms.key(**KIND.get(operation, {}))
    key_id = kms.key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    return key_id


def members_for(operation: str, kms: Kms, key_id: str) -> dict[str, Any]:
    """What the operation needs beside its key: for these, something made with the key."""
    members = dict(ON_A_KEY[operation])
    if operation in MADE_BY:
        maker, member = MADE_BY[operation]
        members[member] = kms(maker, KeyId=key_id, **USING[maker])[member]
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
