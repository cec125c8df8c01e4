"""`cryptography`, given a SubjectPublicKeyInfo and nothing else of ours."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_der_public_key

DIGESTS = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def verifies(algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of a KMS signing algorithm over a raw message verifies."""
    try:
        _verify(algorithm, public, message, signature)
    except InvalidSignature:
        return False
    return True


def encrypt(algorithm: str, public: bytes, plaintext: bytes) -> bytes:
    """RSA-OAEP."""
    key = load_der_public_key(public)
    assert isinstance(key, rsa.RSAPublicKey)
    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()  # noqa: S303
    return key.encrypt(plaintext, padding.OAEP(padding.MGF1(digest), digest, None))


def _verify(algorithm: str, public: bytes, message: bytes, signature: bytes) -> None:
    key = load_der_public_key(public)
    digest = DIGESTS.get(algorithm[-3:], hashes.SHA256())
    match key:
        case rsa.RSAPublicKey() if algorithm.startswith("RSASSA_PSS"):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, message, pss, digest)
        case rsa.RSAPublicKey():
            key.verify(signature, message, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey():
            key.verify(signature, message, ec.ECDSA(digest))
        case (
            ed25519.Ed25519PublicKey()
            | MLDSA44PublicKey()
            | MLDSA65PublicKey()
            | MLDSA87PublicKey()
        ):
            key.verify(signature, message)
        case _:
            raise TypeError(f"{type(key).__name__} verifies nothing")
