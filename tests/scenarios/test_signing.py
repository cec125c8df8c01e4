"""Sign and Verify: checked from the public key alone, and refused in KMS's words."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.outside import openssl, public_keys
from tests.outside.openssl import OpenSsl
from tests.scenarios.client import Kms, refused
from tests.scenarios.key_specs import ML_DSA, PAIRS, SIGNING, Keys

MESSAGE = b"a message of some length"
MODERN = ("ED25519", "ML_DSA")  # algorithms that take no digest

signing = pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
hashing = pytest.mark.parametrize(
    ("spec", "algorithm"), [pair for pair in SIGNING if not pair[1].startswith(MODERN)]
)


def digest_of(algorithm: str, message: bytes) -> bytes:
    return hashlib.new(f"sha{algorithm[-3:]}", message).digest()


@signing
def test_what_is_signed_verifies_here_and_outside(
    spec: str, algorithm: str, keys: Keys, kms: Kms, tmp_path: Path
) -> None:
    key = keys.signing(spec)
    public = kms("GetPublicKey", KeyId=key)["PublicKey"]
    answer = kms("Sign", KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)
    signature = answer.pop("Signature")
    assert answer == {"KeyId": kms.arn(key), "SigningAlgorithm": algorithm}
    assert kms(
        "Verify", KeyId=key, Message=MESSAGE, Signature=signature, SigningAlgorithm=algorithm
    ) == {"KeyId": kms.arn(key), "SignatureValid": True, "SigningAlgorithm": algorithm}
    assert public_keys.verifies(algorithm, public, MESSAGE, signature)
    assert not public_keys.verifies(algorithm, public, MESSAGE + b".", signature)
    if spec not in ML_DSA or openssl.knows(spec.replace("_", "-")):
        assert OpenSsl(tmp_path).verifies(algorithm, public, MESSAGE, signature)


@hashing
def test_a_digest_is_signed_as_its_message(spec: str, algorithm: str, keys: Keys, kms: Kms) -> None:
    key, digest = keys.signing(spec), digest_of(algorithm, MESSAGE)
    members = {"KeyId": key, "SigningAlgorithm": algorithm}
    signature = kms("Sign", Message=digest, MessageType="DIGEST", **members)["Signature"]
    assert kms("Verify", Message=MESSAGE, Signature=signature, **members)["SignatureValid"]
    public = kms("GetPublicKey", KeyId=key)["PublicKey"]
    assert public_keys.verifies(algorithm, public, MESSAGE, signature)
    with refused("KMSInvalidSignatureException", ""):
        kms("Verify", Message=digest, Signature=signature, **members)


@hashing
@pytest.mark.parametrize("operation", ["Sign", "Verify"])
def test_a_digest_has_the_size_of_its_hash(
    operation: str, spec: str, algorithm: str, keys: Keys, kms: Kms
) -> None:
    digest = digest_of(algorithm, MESSAGE)
    signature = {"Signature": b"s"} if operation == "Verify" else {}
    for wrong in (digest[:-1], digest + b"\x00", b"d"):
        with refused("ValidationException", f"Digest is invalid length for algorithm {algorithm}."):
            kms(
                operation,
                KeyId=keys.signing(spec),
                Message=wrong,
                MessageType="DIGEST",
                SigningAlgorithm=algorithm,
                **signature,
            )


@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type"),
    [
        *((spec, "ML_DSA_SHAKE_256", "DIGEST") for spec in ML_DSA),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "DIGEST"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "EXTERNAL_MU"),
        ("RSA_2048", "RSASSA_PSS_SHA_256", "EXTERNAL_MU"),
        ("ECC_NIST_P256", "ECDSA_SHA_256", "EXTERNAL_MU"),
    ],
)
def test_a_message_type_that_an_algorithm_does_not_take(
    spec: str, algorithm: str, message_type: str, keys: Keys, kms: Kms
) -> None:
    with refused(
        "ValidationException", f"Message type {message_type} is incompatible with key spec {spec}."
    ):
        kms(
            "Sign",
            KeyId=keys.signing(spec),
            Message=b"m" * 64,
            MessageType=message_type,
            SigningAlgorithm=algorithm,
        )


@pytest.mark.parametrize("spec", ML_DSA)
def test_an_external_mu_is_signed_as_its_message(spec: str, keys: Keys, kms: Kms) -> None:
    key = keys.signing(spec)
    members = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    raw = kms("GetPublicKey", KeyId=key)["PublicKey"][22:]  # behind the SPKI's head
    tr = hashlib.shake_256(raw).digest(64)
    mu = hashlib.shake_256(tr + b"\x00\x00" + MESSAGE).digest(64)  # FIPS 204 algorithm 7 line 6
    signature = kms("Sign", Message=mu, MessageType="EXTERNAL_MU", **members)["Signature"]
    assert kms("Verify", Message=MESSAGE, Signature=signature, **members)["SignatureValid"]
    signature = kms("Sign", Message=MESSAGE, **members)["Signature"]
    verified = kms("Verify", Message=mu, MessageType="EXTERNAL_MU", Signature=signature, **members)
    assert verified["SignatureValid"]
    with refused("ValidationException", "Digest is invalid length for algorithm ML_DSA_SHAKE_256."):
        kms("Sign", Message=mu[:-1], MessageType="EXTERNAL_MU", **members)


@signing
def test_what_was_altered_does_not_verify(spec: str, algorithm: str, keys: Keys, kms: Kms) -> None:
    key = keys.signing(spec)
    members = {"KeyId": key, "SigningAlgorithm": algorithm}
    signature = kms("Sign", Message=MESSAGE, **members)["Signature"]
    flipped = signature[:-1] + bytes([signature[-1] ^ 1])
    for wrong in (flipped, signature[:-1], signature + b"\x00", b"\x00", b"\x30\x00"):
        with refused("KMSInvalidSignatureException", ""):
            kms("Verify", Message=MESSAGE, Signature=wrong, **members)
    with refused("KMSInvalidSignatureException", ""):
        kms("Verify", Message=MESSAGE + b"\x00", Signature=signature, **members)
    other = {**members, "KeyId": keys.signing(spec, 1)}
    with refused("KMSInvalidSignatureException", ""):
        kms("Verify", Message=MESSAGE, Signature=signature, **other)


def test_a_signature_is_of_one_algorithm(keys: Keys, kms: Kms) -> None:
    key = keys.signing("RSA_2048")
    made = kms("Sign", KeyId=key, Message=MESSAGE, SigningAlgorithm="RSASSA_PSS_SHA_256")
    for other in ("RSASSA_PSS_SHA_384", "RSASSA_PKCS1_V1_5_SHA_256"):
        with refused("KMSInvalidSignatureException", ""):
            kms(
                "Verify",
                KeyId=key,
                Message=MESSAGE,
                Signature=made["Signature"],
                SigningAlgorithm=other,
            )


@pytest.mark.parametrize("operation", ["Sign", "Verify"])
@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("RSA_2048", "ECDSA_SHA_256"),
        ("ECC_NIST_P256", "ECDSA_SHA_384"),
        ("ECC_NIST_P384", "RSASSA_PSS_SHA_384"),
        ("ECC_SECG_P256K1", "SM2DSA"),
        ("ML_DSA_44", "ED25519_SHA_512"),
    ],
)
def test_an_algorithm_of_another_spec(
    operation: str, spec: str, algorithm: str, keys: Keys, kms: Kms
) -> None:
    signature = {"Signature": b"s"} if operation == "Verify" else {}
    with refused(
        "InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {spec}."
    ):
        kms(
            operation,
            KeyId=keys.signing(spec),
            Message=MESSAGE,
            SigningAlgorithm=algorithm,
            **signature,
        )


def test_the_pre_hashed_ed25519_is_said_to_be_missing(keys: Keys, kms: Kms) -> None:
    with refused(
        "InvalidKeyUsageException", "Algorithm ED25519_PH_SHA_512 is not available in Keyspan yet."
    ):
        kms(
            "Sign",
            KeyId=keys.signing("ECC_NIST_EDWARDS25519"),
            Message=b"d" * 64,
            MessageType="DIGEST",
            SigningAlgorithm="ED25519_PH_SHA_512",
        )


@pytest.mark.parametrize(("spec", "usage"), [pair for pair in PAIRS if pair[1] != "SIGN_VERIFY"])
def test_a_key_for_another_use(spec: str, usage: str, keys: Keys, kms: Kms) -> None:
    key = keys(spec, usage)
    members = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    text = f"{kms.arn(key)} key usage is {usage} which is not valid for "
    with refused("InvalidKeyUsageException", f"{text}Sign."):
        kms("Sign", **members)
    with refused("InvalidKeyUsageException", f"{text}Verify."):
        kms("Verify", Signature=b"s", **members)


def test_a_dry_run_signs_nothing_and_checks_everything(keys: Keys, kms: Kms) -> None:
    members = {"KeyId": keys.signing("ECC_NIST_P256"), "SigningAlgorithm": "ECDSA_SHA_256"}
    would = "The request would have succeeded, but the DryRun option is set."
    with refused("DryRunOperationException", would):
        kms("Sign", Message=MESSAGE, DryRun=True, **members)
    with refused("KMSInvalidSignatureException", ""):
        kms("Verify", Message=MESSAGE, Signature=b"s", DryRun=True, **members)
    with refused("ValidationException"):
        kms("Sign", Message=MESSAGE, MessageType="DIGEST", DryRun=True, **members)


def test_a_disabled_key_signs_nothing(kms: Kms) -> None:
    key = kms.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    kms("DisableKey", KeyId=key)
    with refused("DisabledException", f"{kms.arn(key)} is disabled."):
        kms("Sign", KeyId=key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")


def test_an_alias_signs(keys: Keys, kms: Kms) -> None:
    key = keys.signing("ECC_NIST_EDWARDS25519")
    kms("CreateAlias", AliasName="alias/signs", TargetKeyId=key)
    for name in ("alias/signs", kms.alias_arn("alias/signs")):
        made = kms("Sign", KeyId=name, Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")
        assert made["KeyId"] == kms.arn(key)


@pytest.mark.parametrize("size", [0, 4097])
def test_a_message_is_1_to_4096_bytes(size: int, keys: Keys, kms: Kms) -> None:
    bound = "less than or equal to 4096" if size else "greater than or equal to 1"
    with refused(
        "ValidationException",
        "1 validation error detected: Value at 'message' failed to satisfy constraint: Member "
        f"must have length {bound}",
    ):
        kms(
            "Sign",
            KeyId=keys.signing("ECC_NIST_P256"),
            Message=b"m" * size,
            SigningAlgorithm="ECDSA_SHA_256",
        )
