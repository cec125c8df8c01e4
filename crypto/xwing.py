"""HPKE with X-Wing: the only raw public-key encryption of Keyspan, and why it is safe.

HPKE base mode, one message (RFC 9180 section 6.1), with the suite X-Wing 0x647a, HKDF-SHA-256
0x0001, AES-256-GCM 0x0002. X-Wing (draft-connolly-cfrg-xwing-kem) combines ML-KEM-768 (FIPS 203)
and X25519 (RFC 7748) and stays safe while one of the two does. A private key is its 32-byte
seed.

Safe because every seal encapsulates a fresh secret, so that the AEAD key and nonce derived from
it serve for one message. Base mode authenticates no sender: who sealed is told by a signature
around the seal.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from crypto.errors import SealError
from crypto.primitives import TAG_SIZE

SEED_SIZE: Final = 32  # bytes
ENCAPSULATED_SIZE: Final = 1088 + 32  # bytes: ML-KEM-768 ciphertext, X25519 public key
OVERHEAD: Final = ENCAPSULATED_SIZE + TAG_SIZE

_MLKEM_PUBLIC_SIZE: Final = 1184  # bytes
PUBLIC_KEY_SIZE: Final = _MLKEM_PUBLIC_SIZE + 32  # bytes: ML-KEM-768, then X25519
_MLKEM_SEED_SIZE: Final = 64  # bytes: d || z of FIPS 203 section 7.1
_EXPANDED_SIZE: Final = _MLKEM_SEED_SIZE + 32

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def private_key(seed: bytes) -> MLKEM768X25519PrivateKey:
    """The private key of a 32-byte seed (draft section 5.2, expandDecapsulationKey)."""
    return MLKEM768X25519PrivateKey(*_expanded(seed))


def public_bytes(seed: bytes) -> bytes:
    """The 1216 bytes of the public key that belongs to a seed."""
    mlkem, x25519 = _expanded(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def public_key(raw: bytes) -> MLKEM768X25519PublicKey:
    """The public key in these 1216 bytes. ValueError if they are none (FIPS 203 section 7.2)."""
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_SIZE]),
        X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_SIZE:]),
    )


def seal(receiver: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Encapsulated key and ciphertext for the receiver's public key. ValueError on a weak key."""
    return _SUITE.encrypt(plaintext, public_key(receiver), info)


def open_sealed(receiver: MLKEM768X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    """The plaintext that was sealed to `receiver` with this `info`, or SealError."""
    try:
        return _SUITE.decrypt(sealed, receiver, info)
    except InvalidTag:  # for whatever is wrong, a share of low order and a short input included
        raise SealError from None


def _expanded(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_SIZE:
        raise ValueError(f"an X-Wing seed is {SEED_SIZE} bytes long, not {len(seed)}")
    expanded = hashlib.shake_256(seed).digest(_EXPANDED_SIZE)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_SIZE]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_SIZE:]),
    )
