"""What a user does with the answer of GetParametersForImport: wraps key material.

Written from the KMS Developer Guide, "Encrypt the key material", with the library alone; see
openssl.py for the same by command.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

WRAPPING_ALGORITHMS: Final = (
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
)


def wrap(public: bytes, algorithm: str, material: bytes, aes_key: bytes | None = None) -> bytes:
    """Material as ImportKeyMaterial takes it; `aes_key` is the one between, if there is one."""
    if algorithm.startswith("RSAES_OAEP"):
        return _oaep(public, algorithm, material)
    key = os.urandom(32) if aes_key is None else aes_key
    return _oaep(public, algorithm, key) + aes_key_wrap_with_padding(key, material)


def _oaep(public: bytes, algorithm: str, plaintext: bytes) -> bytes:
    digest = SHA1() if algorithm.endswith("SHA_1") else SHA256()  # noqa: S303 - KMS offers it
    key = load_der_public_key(public)
    assert isinstance(key, RSAPublicKey)
    return key.encrypt(plaintext, OAEP(MGF1(digest), digest, label=None))
