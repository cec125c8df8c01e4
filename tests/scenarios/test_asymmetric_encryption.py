"""Encrypt, Decrypt and ReEncrypt with RSA keys, and between key types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.outside import public_keys
from tests.outside.openssl import OpenSsl
from tests.scenarios.client import Kms, refused
from tests.scenarios.key_specs import PAIRS, RSA, RSA_ENCRYPTION, Keys

USAGE = "ENCRYPT_DECRYPT"
SYMMETRIC = "SYMMETRIC_DEFAULT"
PLAINTEXT = b"attack at dawn"
LIMITS = {
    "RSA_2048": (214, 190),
    "RSA_3072": (342, 318),
    "RSA_4096": (470, 446),
}
each_algorithm = pytest.mark.parametrize("algorithm", RSA_ENCRYPTION)


@pytest.mark.parametrize("spec", RSA)
@each_algorithm
def test_round_trip(spec: str, algorithm: str, keys: Keys, kms: Kms, tmp_path: Path) -> None:
    key = keys(spec, USAGE)
    answer = kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT, EncryptionAlgorithm=algorithm)
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": kms.arn(key), "EncryptionAlgorithm": algorithm}
    assert len(blob) == int(spec[-4:]) // 8
    expected = {
        "KeyId": kms.arn(key),
        "Plaintext": PLAINTEXT,
        "EncryptionAlgorithm": algorithm,
    }
    named = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    assert kms("Decrypt", CiphertextBlob=blob, **named) == expected
    public = kms("GetPublicKey", KeyId=key)["PublicKey"]
    for made_outside in (
        public_keys.encrypt(algorithm, public, PLAINTEXT),
        OpenSsl(tmp_path).encrypt(algorithm, public, PLAINTEXT),
    ):
        assert kms("Decrypt", CiphertextBlob=made_outside, **named) == expected


@pytest.mark.parametrize("spec", RSA)
def test_the_longest_plaintext(spec: str, keys: Keys, kms: Kms) -> None:
    for algorithm, limit in zip(RSA_ENCRYPTION, LIMITS[spec], strict=True):
        named = {"KeyId": keys(spec, USAGE), "EncryptionAlgorithm": algorithm}
        blob = kms("Encrypt", Plaintext=b"\x00" * limit, **named)["CiphertextBlob"]
        assert kms("Decrypt", CiphertextBlob=blob, **named)["Plaintext"] == b"\x00" * limit
        with refused(
            "ValidationException",
            f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {limit} "
            "bytes.",
        ):
            kms("Encrypt", Plaintext=b"\x00" * (limit + 1), **named)


@each_algorithm
def test_what_was_altered_does_not_open(algorithm: str, keys: Keys, kms: Kms) -> None:
    named = {"KeyId": keys("RSA_2048", USAGE), "EncryptionAlgorithm": algorithm}
    blob = kms("Encrypt", Plaintext=PLAINTEXT, **named)["CiphertextBlob"]
    flipped = blob[:-1] + bytes([blob[-1] ^ 1])
    for wrong in (flipped, blob[:-1], blob + b"\x00", b"\x00" * 256, b"\xff" * 256, b"x" * 6144):
        with refused("InvalidCiphertextException", ""):
            kms("Decrypt", CiphertextBlob=wrong, **named)
    with refused("InvalidCiphertextException", ""):
        kms("Decrypt", CiphertextBlob=blob, **{**named, "KeyId": keys("RSA_2048", USAGE, 1)})
    other = next(each for each in RSA_ENCRYPTION if each != algorithm)
    with refused("InvalidCiphertextException", ""):
        kms("Decrypt", CiphertextBlob=blob, **{**named, "EncryptionAlgorithm": other})


def test_key_and_algorithm_have_to_be_named(keys: Keys, kms: Kms) -> None:
    key = keys("RSA_2048", USAGE)
    text = f"Algorithm {SYMMETRIC} is incompatible with key spec RSA_2048."
    with refused("InvalidKeyUsageException", text):
        kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
    blob = kms.encrypt(key, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    with refused("InvalidKeyUsageException", text):
        kms("Decrypt", CiphertextBlob=blob, KeyId=key)
    with refused("ValidationException"):
        kms("Decrypt", CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    with refused("InvalidCiphertextException", ""):
        kms("Decrypt", CiphertextBlob=blob)
    symmetric = keys(SYMMETRIC, USAGE)
    with refused(
        "InvalidKeyUsageException",
        f"Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec {SYMMETRIC}.",
    ):
        kms("Encrypt", KeyId=symmetric, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_1")


def test_there_is_no_encryption_context(keys: Keys, kms: Kms) -> None:
    named = {"KeyId": keys("RSA_2048", USAGE), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    with refused("ValidationException"):
        kms("Encrypt", Plaintext=PLAINTEXT, EncryptionContext={"a": "b"}, **named)
    blob = kms("Encrypt", Plaintext=PLAINTEXT, EncryptionContext={}, **named)["CiphertextBlob"]
    with refused("ValidationException"):
        kms("Decrypt", CiphertextBlob=blob, EncryptionContext={"a": "b"}, **named)


@pytest.mark.parametrize(("spec", "usage"), [pair for pair in PAIRS if pair[1] != USAGE])
def test_a_key_for_another_use(spec: str, usage: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, usage)
    text = f"{kms.arn(key)} key usage is {usage} which is not valid for "
    with refused("InvalidKeyUsageException", f"{text}Encrypt."):
        kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
    with refused("InvalidKeyUsageException", f"{text}GenerateDataKey."):
        kms("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    blob = kms.encrypt(keys(SYMMETRIC, USAGE))
    with refused("IncorrectKeyException"):
        kms("Decrypt", KeyId=key, CiphertextBlob=blob)
    with refused("InvalidKeyUsageException", f"{text}ReEncrypt."):
        kms("ReEncrypt", DestinationKeyId=key, CiphertextBlob=blob)
    with refused("IncorrectKeyException"):
        kms(
            "ReEncrypt",
            SourceKeyId=key,
            CiphertextBlob=blob,
            DestinationKeyId=keys(SYMMETRIC, USAGE),
        )


def test_data_keys_are_under_symmetric_keys_alone(keys: Keys, kms: Kms) -> None:
    for operation in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
        with refused("InvalidKeyUsageException"):
            kms(operation, KeyId=keys("RSA_2048", USAGE), KeySpec="AES_256")


@each_algorithm
def test_re_encryption_from_one_type_to_another_and_back(
    algorithm: str, keys: Keys, kms: Kms
) -> None:
    symmetric, asymmetric = keys(SYMMETRIC, USAGE), keys("RSA_2048", USAGE)
    context = {"tenant": "one"}
    blob = kms.encrypt(symmetric, PLAINTEXT, EncryptionContext=context)
    there = kms(
        "ReEncrypt",
        CiphertextBlob=blob,
        SourceEncryptionContext=context,
        DestinationKeyId=asymmetric,
        DestinationEncryptionAlgorithm=algorithm,
    )
    material = kms.metadata(symmetric)["CurrentKeyMaterialId"]
    bare = there.pop("CiphertextBlob")
    assert there == {
        "SourceKeyId": kms.arn(symmetric),
        "KeyId": kms.arn(asymmetric),
        "SourceEncryptionAlgorithm": SYMMETRIC,
        "DestinationEncryptionAlgorithm": algorithm,
        "SourceKeyMaterialId": material,
    }
    back = kms(
        "ReEncrypt",
        CiphertextBlob=bare,
        SourceKeyId=asymmetric,
        SourceEncryptionAlgorithm=algorithm,
        DestinationKeyId=symmetric,
        DestinationEncryptionContext=context,
    )
    assert back["DestinationKeyMaterialId"] == material
    assert "SourceKeyMaterialId" not in back
    assert kms.decrypt(back["CiphertextBlob"], EncryptionContext=context) == PLAINTEXT


def test_re_encryption_of_what_is_too_long(keys: Keys, kms: Kms) -> None:
    blob = kms.encrypt(keys(SYMMETRIC, USAGE), b"x" * 191)
    members = {
        "CiphertextBlob": blob,
        "DestinationKeyId": keys("RSA_2048", USAGE),
        "DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    }
    with refused("ValidationException"):
        kms("ReEncrypt", **members)
    with refused("ValidationException"):
        kms("ReEncrypt", **members, DryRun=True)
    with refused("ValidationException"):
        kms("ReEncrypt", **members, DestinationEncryptionContext={"a": "b"})


def test_dry_runs(keys: Keys, kms: Kms) -> None:
    named = {"KeyId": keys("RSA_2048", USAGE), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    with refused("DryRunOperationException"):
        kms("Encrypt", Plaintext=PLAINTEXT, DryRun=True, **named)
    with refused("ValidationException"):
        kms("Encrypt", Plaintext=b"x" * 191, DryRun=True, **named)
    blob = kms("Encrypt", Plaintext=PLAINTEXT, **named)["CiphertextBlob"]
    with refused("DryRunOperationException"):
        kms("Decrypt", CiphertextBlob=blob, DryRun=True, **named)
    with refused("DryRunOperationException"):
        kms("Decrypt", DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"], **named)
