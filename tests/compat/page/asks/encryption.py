"""Calls that encrypt, decrypt, and make data keys."""

from __future__ import annotations

from tests.compat.page.asks.common import Calls, values
from tests.compat.page.ground import CONTEXT, TEXT, Ground

DOCUMENT = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"a document"}


def encrypt(on: Ground) -> Calls:
    yield {"KeyId": on.symmetric, "Plaintext": TEXT}
    yield {"KeyId": on.symmetric, "Plaintext": TEXT, "EncryptionContext": CONTEXT}
    for algorithm in values("Encrypt", "EncryptionAlgorithm"):
        key = encryption_key(on, algorithm)
        yield {"KeyId": key, "Plaintext": TEXT, "EncryptionAlgorithm": algorithm}


def encryption_key(on: Ground, algorithm: str) -> str:
    """A key for an encryption algorithm."""
    return on.keys("RSA_2048", "ENCRYPT_DECRYPT") if "OAEP" in algorithm else on.symmetric


def decrypt(on: Ground) -> Calls:
    yield {"CiphertextBlob": on.blob, "EncryptionContext": CONTEXT}
    yield {"CiphertextBlob": on.blob, "EncryptionContext": CONTEXT, "KeyId": on.symmetric}
    for algorithm in values("Decrypt", "EncryptionAlgorithm"):
        named = {"KeyId": encryption_key(on, algorithm), "EncryptionAlgorithm": algorithm}
        yield {"CiphertextBlob": encrypted(on, **named), **named}
    yield {"KeyId": on.symmetric, "DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}


def encrypted(on: Ground, **named: str) -> bytes:
    """A ciphertext by a named algorithm, or one of another where that is not served."""
    if named["EncryptionAlgorithm"] == "SM2PKE":
        return on.blob
    blob: bytes = on.kms.encrypt(Plaintext=TEXT, **named)["CiphertextBlob"]
    return blob


def re_encrypt(on: Ground) -> Calls:
    yield {
        "CiphertextBlob": on.blob,
        "SourceEncryptionContext": CONTEXT,
        "SourceKeyId": on.symmetric,
        "DestinationKeyId": on.symmetric,
        "DestinationEncryptionContext": {"tenant": "two"},
    }
    for algorithm in values("ReEncrypt", "SourceEncryptionAlgorithm"):
        key = encryption_key(on, algorithm)
        blob = encrypted(on, KeyId=key, EncryptionAlgorithm=algorithm)
        there = {"DestinationKeyId": key, "DestinationEncryptionAlgorithm": algorithm}
        here = {"SourceKeyId": key, "SourceEncryptionAlgorithm": algorithm}
        yield {"CiphertextBlob": blob, **here, **there}
    yield {
        "SourceKeyId": on.symmetric,
        "DestinationKeyId": on.symmetric,
        "DryRun": True,
        "DryRunModifiers": ["IGNORE_CIPHERTEXT"],
    }


def generate_data_key(on: Ground, operation: str) -> Calls:
    yield {"KeyId": on.symmetric, "NumberOfBytes": 24}
    for spec in values(operation, "KeySpec"):
        yield {"KeyId": on.symmetric, "KeySpec": spec, "EncryptionContext": CONTEXT}


def generate_data_key_pair(on: Ground, operation: str) -> Calls:
    this = {"KeyId": on.symmetric}
    yield {**this, "KeyPairSpec": "ECC_NIST_P256", "EncryptionContext": CONTEXT}
    for spec in values(operation, "KeyPairSpec"):
        yield {**this, "KeyPairSpec": spec}


def generate_random(on: Ground) -> Calls:
    yield {"NumberOfBytes": 32}
    yield {"NumberOfBytes": 32, "CustomKeyStoreId": "cks-1234567890abcdef0"}
