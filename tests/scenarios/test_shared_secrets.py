"""DeriveSharedSecret, Encapsulate and Decapsulate, with a peer who has public keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
    MLKEM1024PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from tests.outside.openssl import OpenSsl
from tests.scenarios.client import Kms, refused
from tests.scenarios.key_specs import ML_KEM, PAIRS, Keys

CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
}
ECDH = {"KeyAgreementAlgorithm": "ECDH"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}
AGREEMENT, ENCAPSULATION = "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"


def spki(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("spec", CURVES)
def test_both_sides_derive_one_secret(spec: str, keys: Keys, kms: Kms, tmp_path: Path) -> None:
    key = keys(spec, AGREEMENT)
    peer = ec.generate_private_key(CURVES[spec])
    answer = kms("DeriveSharedSecret", KeyId=key, PublicKey=spki(peer), **ECDH)
    secret = answer.pop("SharedSecret")
    assert answer == {"KeyId": kms.arn(key), "KeyOrigin": "AWS_KMS", **ECDH}
    public = kms("GetPublicKey", KeyId=key)["PublicKey"]
    ours = load_der_public_key(public)
    assert isinstance(ours, ec.EllipticCurvePublicKey)
    assert secret == peer.exchange(ec.ECDH(), ours)
    private = peer.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert secret == OpenSsl(tmp_path).derive(private, public)


@pytest.mark.parametrize("spec", CURVES)
def test_two_keys_of_kms_derive_one_secret(spec: str, keys: Keys, kms: Kms) -> None:
    pair = [keys(spec, AGREEMENT, number) for number in (0, 1)]
    publics = [kms("GetPublicKey", KeyId=key)["PublicKey"] for key in pair]
    one = kms("DeriveSharedSecret", KeyId=pair[0], PublicKey=publics[1], **ECDH)
    other = kms("DeriveSharedSecret", KeyId=pair[1], PublicKey=publics[0], **ECDH)
    assert one["SharedSecret"] == other["SharedSecret"]


@pytest.mark.parametrize("spec", CURVES)
def test_a_public_key_that_is_none_or_of_another_curve(spec: str, keys: Keys, kms: Kms) -> None:
    good = spki(ec.generate_private_key(CURVES[spec]))
    wrong = [
        spki(ec.generate_private_key(each))
        for each in CURVES.values()
        if each.name not in CURVES[spec].name
    ]
    wrong += [good[:-1], good + b"\x00", good[:-1] + bytes([good[-1] ^ 1]), b"\x00", b"p" * 8192]
    wrong += [kms("GetPublicKey", KeyId=keys("RSA_2048", "SIGN_VERIFY"))["PublicKey"]]
    wrong += [kms("GetPublicKey", KeyId=keys("ML_KEM_768", ENCAPSULATION))["PublicKey"]]
    for each in wrong:
        with refused("ValidationException", ""):
            kms("DeriveSharedSecret", KeyId=keys(spec, AGREEMENT), PublicKey=each, **ECDH)


@pytest.mark.parametrize("spec", ML_KEM)
def test_an_encapsulated_secret_comes_back(spec: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, ENCAPSULATION)
    answer = kms("Encapsulate", KeyId=key, **KEM)
    secret, blob = answer.pop("SharedSecret"), answer.pop("SharedSecretCiphertextBlob")
    assert answer == {"KeyId": kms.arn(key), **KEM}
    assert (len(secret), len(blob)) == (32, {"ML_KEM_768": 1088, "ML_KEM_1024": 1568}[spec])
    opened = kms("Decapsulate", KeyId=key, SharedSecretCiphertextBlob=blob, **KEM)
    assert opened == {"KeyId": kms.arn(key), "SharedSecret": secret, **KEM}
    assert kms("Encapsulate", KeyId=key, **KEM)["SharedSecret"] != secret


@pytest.mark.parametrize("spec", ML_KEM)
def test_a_peer_encapsulates_with_the_public_key_alone(spec: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, ENCAPSULATION)
    public = load_der_public_key(kms("GetPublicKey", KeyId=key)["PublicKey"])
    assert isinstance(public, MLKEM768PublicKey | MLKEM1024PublicKey)
    secret, blob = public.encapsulate()
    opened = kms("Decapsulate", KeyId=key, SharedSecretCiphertextBlob=blob, **KEM)
    assert opened["SharedSecret"] == secret


@pytest.mark.parametrize("spec", ML_KEM)
def test_what_was_altered_gives_another_secret_and_a_wrong_size_none(
    spec: str, keys: Keys, kms: Kms
) -> None:
    """Implicit rejection (FIPS 203 section 6.3), as KMS documents it for Decapsulate."""
    key = keys(spec, ENCAPSULATION)
    made = kms("Encapsulate", KeyId=key, **KEM)
    blob = made["SharedSecretCiphertextBlob"]
    flipped = bytes([blob[0] ^ 1]) + blob[1:]
    secrets = [
        kms("Decapsulate", KeyId=each, SharedSecretCiphertextBlob=given, **KEM)["SharedSecret"]
        for each, given in ((key, flipped), (keys(spec, ENCAPSULATION, 1), blob))
    ]
    assert made["SharedSecret"] not in secrets
    assert all(len(secret) == 32 for secret in secrets)
    for wrong in (blob[:-1], blob + b"\x00", b"\x00"):
        with refused("InvalidCiphertextException", ""):
            kms("Decapsulate", KeyId=key, SharedSecretCiphertextBlob=wrong, **KEM)


def test_the_peers_own_key_does_not_open_it(keys: Keys, kms: Kms) -> None:
    made = kms("Encapsulate", KeyId=keys("ML_KEM_768", ENCAPSULATION), **KEM)
    other = MLKEM768PrivateKey.generate().decapsulate(made["SharedSecretCiphertextBlob"])
    assert other != made["SharedSecret"]


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_a_key_for_another_use(spec: str, usage: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, usage)
    text = f"{kms.arn(key)} key usage is {usage} which is not valid for "
    if usage != AGREEMENT:
        with refused("InvalidKeyUsageException", f"{text}DeriveSharedSecret."):
            kms("DeriveSharedSecret", KeyId=key, PublicKey=b"p", **ECDH)
    if usage != ENCAPSULATION:
        with refused("InvalidKeyUsageException", f"{text}Encapsulate."):
            kms("Encapsulate", KeyId=key, **KEM)
        with refused("InvalidKeyUsageException", f"{text}Decapsulate."):
            kms("Decapsulate", KeyId=key, SharedSecretCiphertextBlob=b"e", **KEM)


def test_a_dry_run(keys: Keys, kms: Kms) -> None:
    with refused("ValidationException", ""):
        kms(
            "DeriveSharedSecret",
            KeyId=keys("ECC_NIST_P256", AGREEMENT),
            PublicKey=b"p",
            DryRun=True,
            **ECDH,
        )
    key = keys("ML_KEM_768", ENCAPSULATION)
    with refused("DryRunOperationException"):
        kms("Encapsulate", KeyId=key, DryRun=True, **KEM)
    with refused("InvalidCiphertextException", ""):
        kms("Decapsulate", KeyId=key, SharedSecretCiphertextBlob=b"e", DryRun=True, **KEM)


def test_an_attestation_document_is_refused(keys: Keys, kms: Kms) -> None:
    with refused("ValidationException"):
        kms(
            "DeriveSharedSecret",
            KeyId=keys("ECC_NIST_P256", AGREEMENT),
            PublicKey=b"p",
            Recipient={"AttestationDocument": "AAAA"},
            **ECDH,
        )
