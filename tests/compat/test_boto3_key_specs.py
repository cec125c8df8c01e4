"""boto3, unmodified, against a real region: every operation of every key spec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from tests.harness.plugin import ClusterMaker
from tests.outside import public_keys
from tests.scenarios.key_specs import ALGORITHMS, MEMBERS, PAIRS

REGION = "us-east-1"
MESSAGE = b"a message"
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
}


@pytest.fixture(scope="module")
def kms(clusters: ClusterMaker) -> Iterator[Any]:
    """The client of a region that is alone."""
    with clusters([REGION]) as cluster:
        yield cluster.kms(REGION)


def encrypts(kms: Any, key: str, spec: str, algorithm: str) -> None:
    named = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    blob = kms.encrypt(Plaintext=MESSAGE, **named)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, **named)["Plaintext"] == MESSAGE
    there = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceKeyId=key,
        SourceEncryptionAlgorithm=algorithm,
        DestinationKeyId=key,
        DestinationEncryptionAlgorithm=algorithm,
    )
    assert kms.decrypt(CiphertextBlob=there["CiphertextBlob"], **named)["Plaintext"] == MESSAGE


def signs(kms: Any, key: str, spec: str, algorithm: str) -> None:
    members = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    signature = kms.sign(**members)["Signature"]
    assert kms.verify(Signature=signature, **members)["SignatureValid"]
    public = kms.get_public_key(KeyId=key)["PublicKey"]
    assert public_keys.verifies(algorithm, public, MESSAGE, signature)
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(Signature=signature[::-1], **members)


def makes_macs(kms: Any, key: str, spec: str, algorithm: str) -> None:
    members = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": algorithm}
    mac = kms.generate_mac(**members)["Mac"]
    assert kms.verify_mac(Mac=mac, **members)["MacValid"]
    with pytest.raises(kms.exceptions.KMSInvalidMacException):
        kms.verify_mac(Mac=mac[::-1], **members)


def agrees(kms: Any, key: str, spec: str, algorithm: str) -> None:
    peer = ec.generate_private_key(CURVES[spec])
    ours = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(ours, ec.EllipticCurvePublicKey)
    theirs = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    answer = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm=algorithm, PublicKey=theirs)
    assert answer["SharedSecret"] == peer.exchange(ec.ECDH(), ours)


def encapsulates(kms: Any, key: str, spec: str, algorithm: str) -> None:
    named = {"KeyId": key, "EncapsulationAlgorithm": algorithm}
    made = kms.encapsulate(**named)
    blob = made["SharedSecretCiphertextBlob"]
    opened = kms.decapsulate(SharedSecretCiphertextBlob=blob, **named)
    assert opened["SharedSecret"] == made["SharedSecret"]
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decapsulate(SharedSecretCiphertextBlob=blob[1:], **named)


USES = {
    "ENCRYPT_DECRYPT": encrypts,
    "SIGN_VERIFY": signs,
    "GENERATE_VERIFY_MAC": makes_macs,
    "KEY_AGREEMENT": agrees,
    "ENCAPSULATE_DECAPSULATE": encapsulates,
}


@pytest.mark.parametrize(("spec", "usage"), PAIRS)
def test_a_key_of_every_spec_and_usage(spec: str, usage: str, kms: Any) -> None:
    created = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    key = created["KeyId"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"] == created
    assert created[MEMBERS[usage]] == ALGORITHMS[spec, usage]
    for algorithm in ALGORITHMS[spec, usage]:
        USES[usage](kms, key, spec, algorithm)
    kms.disable_key(KeyId=key)
    with pytest.raises((kms.exceptions.DisabledException, ClientError)) as caught:
        USES[usage](kms, key, spec, ALGORITHMS[spec, usage][0])
    assert caught.value.response["Error"]["Code"] == "DisabledException"


@pytest.mark.parametrize(
    "spec", ["RSA_2048", *CURVES, "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_KEM_768"]
)
def test_a_data_key_pair_of_every_kind(spec: str, kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
    assert public_of(pair["PrivateKeyPlaintext"]) == pair["PublicKey"]
    pair = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
    opened = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert public_of(opened) == pair["PublicKey"]


def public_of(private: bytes) -> bytes:
    loaded = load_der_private_key(private, None)
    return loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
