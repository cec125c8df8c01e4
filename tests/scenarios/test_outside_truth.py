"""What a region computes with a key that is also known outside: `openssl` and `cryptography` must
get the same. The keys are made outside and imported; elsewhere only public keys leave a region.

FIPS 198-1 and RFC 4231 (HMAC), RFC 8017 (RSA), RFC 8032 (Ed25519), SEC 1 (ECDH, ECDSA in DER).
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from tests.outside import openssl
from tests.outside.openssl import OpenSsl
from tests.scenarios.client import Kms
from tests.scenarios.importing import WRAPPED, external, import_material
from tests.scenarios.key_specs import HMAC, NIST_CURVES, RSA, RSA_ENCRYPTION, SIGNING, Keys

TEXT = b"a text that both sides know"
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
MAC_KEY_BYTES = {"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}


@cache
def private_key(spec: str) -> Any:
    """A private key made outside."""
    if spec in RSA:
        return rsa.generate_private_key(65537, int(spec[-4:]))
    if spec in CURVES:
        return ec.generate_private_key(CURVES[spec])
    return ed25519.Ed25519PrivateKey.generate()


def pkcs8(key: Any) -> bytes:
    secret = serialization.NoEncryption()
    private: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, secret
    )
    return private


def spki(key: Any) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public: bytes = key.public_key().public_bytes(serialization.Encoding.DER, form)
    return public


def imported(kms: Kms, spec: str, usage: str) -> str:
    """The region's key of the private key of a spec."""
    key_id = external(kms, KeySpec=spec, KeyUsage=usage)
    import_material(kms, key_id, pkcs8(private_key(spec)), WRAPPED)
    return key_id


@pytest.mark.parametrize("spec", RSA)
def test_what_is_encrypted_here_is_decrypted_outside(spec: str, kms: Kms, tmp_path: Path) -> None:
    key, private = imported(kms, spec, "ENCRYPT_DECRYPT"), private_key(spec)
    assert kms("GetPublicKey", KeyId=key)["PublicKey"] == spki(private)
    for algorithm in RSA_ENCRYPTION:
        blob = kms("Encrypt", KeyId=key, Plaintext=TEXT, EncryptionAlgorithm=algorithm)
        ciphertext = blob["CiphertextBlob"]
        assert OpenSsl(tmp_path).decrypt(algorithm, pkcs8(private), ciphertext) == TEXT
        digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()  # noqa: S303
        oaep = padding.OAEP(padding.MGF1(digest), digest, None)
        assert private.decrypt(ciphertext, oaep) == TEXT


@pytest.mark.parametrize("spec", HMAC)
def test_macs_are_those_of_openssl_and_of_the_standard_library(
    spec: str, kms: Kms, tmp_path: Path
) -> None:
    for size in (MAC_KEY_BYTES[spec], MAC_KEY_BYTES[spec] + 1):
        secret = bytes(range(size))
        key = external(kms, KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")
        import_material(kms, key, secret)
        for message in (b"m", TEXT * 100):
            algorithm = f"HMAC_SHA_{spec[-3:]}"
            mac = kms("GenerateMac", KeyId=key, Message=message, MacAlgorithm=algorithm)["Mac"]
            assert mac == hmac.digest(secret, message, f"sha{spec[-3:]}")
            assert mac == OpenSsl(tmp_path).mac(f"SHA{spec[-3:]}", secret, message)


@pytest.mark.parametrize("spec", NIST_CURVES)
def test_secrets_are_those_that_either_side_derives(spec: str, kms: Kms, tmp_path: Path) -> None:
    key, private = imported(kms, spec, "KEY_AGREEMENT"), private_key(spec)
    peer = ec.generate_private_key(CURVES[spec])
    answer = kms(
        "DeriveSharedSecret", KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=spki(peer)
    )
    assert answer["SharedSecret"] == private.exchange(ec.ECDH(), peer.public_key())
    assert answer["SharedSecret"] == OpenSsl(tmp_path).derive(pkcs8(peer), spki(private))
    assert answer["SharedSecret"] == OpenSsl(tmp_path).derive(pkcs8(private), spki(peer))


@pytest.mark.parametrize("spec", [*RSA, "ECC_NIST_EDWARDS25519"])
def test_signatures_without_randomness_are_the_same_bytes(spec: str, kms: Kms) -> None:
    key, private = imported(kms, spec, "SIGN_VERIFY"), private_key(spec)
    if spec in RSA:
        for size, digest in (
            (256, hashes.SHA256()),
            (384, hashes.SHA384()),
            (512, hashes.SHA512()),
        ):
            made = signed(kms, key, f"RSASSA_PKCS1_V1_5_SHA_{size}")
            assert made == private.sign(TEXT, padding.PKCS1v15(), digest)
    else:
        assert signed(kms, key, "ED25519_SHA_512") == private.sign(TEXT)


@pytest.mark.parametrize("spec", CURVES)
def test_ecdsa_signatures_are_der(spec: str, keys: Keys, kms: Kms) -> None:
    (algorithm,) = [name for each, name in SIGNING if each == spec]
    for _ in range(20):
        made = signed(kms, keys.signing(spec), algorithm)
        assert encode_dss_signature(*decode_dss_signature(made)) == made


HASHING = [pair for pair in SIGNING if pair[1].startswith(("RSASSA", "ECDSA"))]


@pytest.mark.parametrize(("spec", "algorithm"), HASHING)
def test_openssl_verifies_the_signature_of_a_digest(
    spec: str, algorithm: str, keys: Keys, kms: Kms, tmp_path: Path
) -> None:
    """PSS with a salt as long as the hash, no other (`rsa_pss_saltlen:digest`)."""
    key = keys.signing(spec)
    digest = hashlib.new(f"sha{algorithm[-3:]}", TEXT).digest()
    made = kms("Sign", KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)
    public = kms("GetPublicKey", KeyId=key)["PublicKey"]
    other = OpenSsl(tmp_path)
    assert other.verifies(algorithm, public, TEXT, made["Signature"]), openssl.version()
    assert not other.verifies(algorithm, public, TEXT + b".", made["Signature"])


def signed(kms: Kms, key: str, algorithm: str) -> bytes:
    made: bytes = kms("Sign", KeyId=key, Message=TEXT, SigningAlgorithm=algorithm)["Signature"]
    return made
