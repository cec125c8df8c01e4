"""For each operation that takes a key: how it is called, so that every one can be tried alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from node.model.policy import default_key_policy
from tests.scenarios.client import Answer, Kms
from tests.scenarios.importing import FOR_EVER, ONE, request
from tests.scenarios.region import ACCOUNT

KEY_MEMBER = {
    "CreateAlias": "TargetKeyId",
    "ReEncrypt": "DestinationKeyId",
    "UpdateAlias": "TargetKeyId",
}
"""Where an operation takes its key, if not as KeyId."""

GRANT = {
    "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root",
    "Operations": ["CreateGrant", "DescribeKey"],
}

MANAGING: dict[str, dict[str, Any]] = {
    "CancelKeyDeletion": {},
    "CreateAlias": {},
    "CreateGrant": GRANT,
    "DeleteImportedKeyMaterial": {},
    "DisableKey": {},
    "DisableKeyRotation": {},
    "EnableKey": {},
    "EnableKeyRotation": {},
    "GetKeyLastUsage": {},
    "GetKeyPolicy": {},
    "GetKeyRotationStatus": {},
    "GetParametersForImport": {
        "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "WrappingKeySpec": "RSA_2048",
    },
    "ImportKeyMaterial": FOR_EVER,
    "ListAliases": {},
    "ListGrants": {},
    "ListKeyPolicies": {},
    "ListKeyRotations": {},
    "ListResourceTags": {},
    "PutKeyPolicy": {"Policy": default_key_policy(ACCOUNT)},
    "ReplicateKey": {"ReplicaRegion": "ap-southeast-2"},
    "RetireGrant": {},
    "RevokeGrant": {},
    "RotateKeyOnDemand": {},
    "ScheduleKeyDeletion": {},
    "TagResource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"TagKeys": ["a"]},
    "UpdateAlias": {"AliasName": "alias/moved"},
    "UpdateKeyDescription": {"Description": "another"},
    "UpdatePrimaryRegion": {"PrimaryRegion": "eu-west-1"},
}
"""Operations that take a key ID or a key ARN."""

SIGNING = {"Message": b"a message", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"Message": b"a message", "MacAlgorithm": "HMAC_SHA_256"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}

USING: dict[str, dict[str, Any]] = {
    "Decapsulate": KEM,
    "Decrypt": {},
    "DeriveSharedSecret": {"KeyAgreementAlgorithm": "ECDH"},
    "DescribeKey": {},
    "Encapsulate": KEM,
    "Encrypt": {"Plaintext": b"attack at dawn"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes": 32},
    "GenerateMac": MAC,
    "GetPublicKey": {},
    "ReEncrypt": {},
    "Sign": SIGNING,
    "Verify": SIGNING,
    "VerifyMac": MAC,
}
"""Operations that take any form of key: ID, ARN, alias name, alias ARN."""

ON_A_KEY = {**MANAGING, **USING}

_SIGNER = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
_MAC_KEY = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
_KEM_KEY = {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
_EXTERNAL_KEY = {"Origin": "EXTERNAL"}
KEYS: dict[str, dict[str, Any]] = {
    "Decapsulate": _KEM_KEY,
    "DeleteImportedKeyMaterial": _EXTERNAL_KEY,
    "DeriveSharedSecret": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "Encapsulate": _KEM_KEY,
    "GenerateMac": _MAC_KEY,
    "GetParametersForImport": _EXTERNAL_KEY,
    "GetPublicKey": _SIGNER,
    "ImportKeyMaterial": _EXTERNAL_KEY,
    "ReplicateKey": {"MultiRegion": True},
    "Sign": _SIGNER,
    "UpdatePrimaryRegion": {"MultiRegion": True},
    "Verify": _SIGNER,
    "VerifyMac": _MAC_KEY,
}
"""What kind of key an operation needs, if not a symmetric single-Region key."""


def key_for(operation: str, kms: Kms) -> str:
    """A key that the operation can be tried on."""
    key_id = kms.key(**KEYS.get(operation, {}))
    if operation == "UpdatePrimaryRegion":
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    return key_id


def members_for(operation: str, kms: Kms, key_id: str) -> dict[str, Any]:
    """What the operation needs beside its key: some of it made with the key."""
    made = MADE.get(operation)
    return {**ON_A_KEY[operation], **({} if made is None else made(kms, key_id))}


def call(operation: str, kms: Kms, named: str, members: dict[str, Any]) -> Answer:
    """Call the operation with its key named so. Raises Refused."""
    return kms(operation, **{KEY_MEMBER.get(operation, "KeyId"): named}, **members)


def _ciphertext(kms: Kms, key_id: str) -> dict[str, Any]:
    return {"CiphertextBlob": kms.encrypt(key_id)}


def _free_alias(_: Kms, key_id: str) -> dict[str, Any]:
    return {"AliasName": f"alias/of-{key_id}"}


def _held_alias(kms: Kms, _: str) -> dict[str, Any]:
    name = MANAGING["UpdateAlias"]["AliasName"]
    if name not in {each["AliasName"] for each in kms("ListAliases", Limit=100)["Aliases"]}:
        kms("CreateAlias", AliasName=name, TargetKeyId=kms.key())
    return {}


def _grant(kms: Kms, key_id: str) -> dict[str, Any]:
    return {"GrantId": kms("CreateGrant", KeyId=key_id, **GRANT)["GrantId"]}


MADE: dict[str, Callable[[Kms, str], dict[str, Any]]] = {
    "CreateAlias": _free_alias,
    "Decapsulate": lambda kms, key_id: {
        "SharedSecretCiphertextBlob": kms("Encapsulate", KeyId=key_id, **KEM)[
            "SharedSecretCiphertextBlob"
        ]
    },
    "Decrypt": _ciphertext,
    "DeriveSharedSecret": lambda kms, key_id: {
        "PublicKey": kms("GetPublicKey", KeyId=key_id)["PublicKey"]
    },
    "ImportKeyMaterial": lambda kms, key_id: dict(request(kms, key_id, ONE)),
    "ReEncrypt": _ciphertext,
    "RetireGrant": _grant,
    "RevokeGrant": _grant,
    "UpdateAlias": _held_alias,
    "Verify": lambda kms, key_id: {"Signature": kms("Sign", KeyId=key_id, **SIGNING)["Signature"]},
    "VerifyMac": lambda kms, key_id: {"Mac": kms("GenerateMac", KeyId=key_id, **MAC)["Mac"]},
}
