"""Calls about signatures, MACs and shared secrets."""

from __future__ import annotations

from tests.compat.page.asks.common import Calls, values
from tests.compat.page.ground import TEXT, Ground
from tests.scenarios.key_specs import ALGORITHMS


def sign(on: Ground) -> Calls:
    yield from signing(on, "Sign")


def verify(on: Ground) -> Calls:
    for members in signing(on, "Verify"):
        known = members["SigningAlgorithm"] not in ("SM2DSA", "ED25519_PH_SHA_512")
        made = on.kms.sign(**members)["Signature"] if known else b"a signature"
        yield {**members, "Signature": made}


def signing(on: Ground, operation: str) -> Calls:
    """A message for every algorithm, a digest, and an external mu."""
    specs = {name: spec for (spec, _), names in ALGORITHMS.items() for name in names}
    specs |= {"ED25519_PH_SHA_512": "ECC_NIST_EDWARDS25519", "SM2DSA": "ECC_NIST_P256"}
    for algorithm in values(operation, "SigningAlgorithm"):
        key = on.keys(specs[algorithm], "SIGN_VERIFY")
        kind = "DIGEST" if algorithm == "ED25519_PH_SHA_512" else "RAW"
        message = b"m" * 64
        yield {
            "KeyId": key,
            "Message": message,
            "MessageType": kind,
            "SigningAlgorithm": algorithm,
        }
    digest = {"Message": b"d" * 32, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
    yield {"KeyId": on.keys("ECC_NIST_P256", "SIGN_VERIFY"), **digest}
    mu = {"Message": b"m" * 64, "MessageType": "EXTERNAL_MU", "SigningAlgorithm": ML_DSA}
    yield {"KeyId": on.keys("ML_DSA_44", "SIGN_VERIFY"), **mu}


ML_DSA = "ML_DSA_SHAKE_256"
ECDH = {"KeyAgreementAlgorithm": "ECDH"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}


def generate_mac(on: Ground) -> Calls:
    for algorithm in values("GenerateMac", "MacAlgorithm"):
        key = on.keys(f"HMAC_{algorithm[-3:]}", "GENERATE_VERIFY_MAC")
        yield {"KeyId": key, "Message": TEXT, "MacAlgorithm": algorithm}


def verify_mac(on: Ground) -> Calls:
    for members in generate_mac(on):
        yield {**members, "Mac": on.kms.generate_mac(**members)["Mac"]}


def derive_shared_secret(on: Ground) -> Calls:
    key = on.keys("ECC_NIST_P256", "KEY_AGREEMENT")
    peer = on.kms.get_public_key(KeyId=on.keys("ECC_NIST_P256", "KEY_AGREEMENT", 1))
    yield {"KeyId": key, "PublicKey": peer["PublicKey"], **ECDH}


def encapsulate(on: Ground) -> Calls:
    yield {"KeyId": on.keys("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), **KEM}


def decapsulate(on: Ground) -> Calls:
    named = {"KeyId": on.keys("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), **KEM}
    made = on.kms.encapsulate(**named)
    yield {"SharedSecretCiphertextBlob": made["SharedSecretCiphertextBlob"], **named}
