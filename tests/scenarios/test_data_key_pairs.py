"""GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext, of every spec."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from tests.scenarios.client import Kms, refused
from tests.scenarios.key_specs import PAIRS, Keys

SPECS = (
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_768",
    "ML_KEM_1024",
)
PAIR, WITHOUT_PLAINTEXT = "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"
CONTEXT = {"tenant": "one"}


@pytest.fixture(scope="module")
def key(keys: Keys) -> str:
    return keys("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


def public_of(private: bytes) -> bytes:
    loaded = load_der_private_key(private, None)
    return loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("spec", SPECS)
def test_a_pair_of_every_spec(spec: str, key: str, kms: Kms) -> None:
    pair = kms(PAIR, KeyId=key, KeyPairSpec=spec, EncryptionContext=CONTEXT)
    private, blob = pair.pop("PrivateKeyPlaintext"), pair.pop("PrivateKeyCiphertextBlob")
    assert public_of(private) == pair.pop("PublicKey")
    assert kms.decrypt(blob, EncryptionContext=CONTEXT) == private
    assert pair == {
        "KeyId": kms.arn(key),
        "KeyPairSpec": spec,
        "KeyMaterialId": kms.metadata(key)["CurrentKeyMaterialId"],
    }
    with refused("InvalidCiphertextException", ""):
        kms("Decrypt", CiphertextBlob=blob)


@pytest.mark.parametrize("spec", SPECS[3:])
def test_a_pair_without_plaintext(spec: str, key: str, kms: Kms) -> None:
    pair = kms(WITHOUT_PLAINTEXT, KeyId=key, KeyPairSpec=spec)
    assert "PrivateKeyPlaintext" not in pair
    assert public_of(kms.decrypt(pair["PrivateKeyCiphertextBlob"])) == pair["PublicKey"]
    assert pair["KeyMaterialId"] == kms.metadata(key)["CurrentKeyMaterialId"]


@pytest.mark.parametrize("spec", ["ML_KEM_768", "ML_KEM_1024"])
def test_ml_kem_pairs_are_in_the_form_of_their_seed(spec: str, key: str, kms: Kms) -> None:
    assert len(kms(PAIR, KeyId=key, KeyPairSpec=spec)["PrivateKeyPlaintext"]) == 86


@pytest.mark.parametrize("operation", [PAIR, WITHOUT_PLAINTEXT])
@pytest.mark.parametrize("spec", ["SM2", "ML_KEM_512"])
def test_specs_that_are_not_in_this_region(operation: str, spec: str, key: str, kms: Kms) -> None:
    with refused("UnsupportedOperationException"):
        kms(operation, KeyId=key, KeyPairSpec=spec)


@pytest.mark.parametrize("operation", [PAIR, WITHOUT_PLAINTEXT])
@pytest.mark.parametrize(("spec", "usage"), PAIRS[1:])
def test_only_under_symmetric_keys(
    operation: str, spec: str, usage: str, keys: Keys, kms: Kms
) -> None:
    with refused("InvalidKeyUsageException"):
        kms(operation, KeyId=keys(spec, usage), KeyPairSpec="ECC_NIST_P256")


@pytest.mark.parametrize("operation", [PAIR, WITHOUT_PLAINTEXT])
def test_a_dry_run(operation: str, key: str, kms: Kms) -> None:
    with refused("DryRunOperationException"):
        kms(operation, KeyId=key, KeyPairSpec="RSA_4096", DryRun=True)


def test_an_attestation_document_is_refused(key: str, kms: Kms) -> None:
    with refused("ValidationException"):
        kms(PAIR, KeyId=key, KeyPairSpec="ECC_NIST_P256", Recipient={"AttestationDocument": "AAAA"})
