"""A second implementation of import tokens and of wrapping, from docs/formats.md and the RFCs.

Like reference.py, it shares no line with the crypto package and goes through other calls: OAEP is
RFC 8017 section 7.1.1 with plain numbers, AES-KWP is RFC 5649 section 4.1 on single AES blocks.
"""

import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from tests.vectors import reference

SECRET_LABEL = b"keyspan/1 one-time key of a sealed secret"


def token(
    root: bytes,
    salt: bytes,
    nonce: bytes,
    place: tuple[str, str],
    inside: bytes,
    purpose: str = "keyspan import token",
) -> bytes:
    bound = reference.bound(purpose, *place)
    return reference.seal_at_rest(root, SECRET_LABEL, salt, nonce, inside, bound)


def token_inside(
    valid_to: int, algorithm: int, spec: int, private: bytes, version: int = 1
) -> bytes:
    return struct.pack(">BQBB", version, valid_to, algorithm, spec) + private


def oaep(modulus: int, exponent: int, digest: str, seed: bytes, message: bytes) -> bytes:
    size, hashed = (modulus.bit_length() + 7) // 8, hashlib.new(digest).digest()
    padding = bytes(size - len(message) - 2 * len(hashed) - 2)
    block = hashed + padding + b"\x01" + message
    masked = _xor(block, _mgf1(digest, seed, len(block)))
    masked_seed = _xor(seed, _mgf1(digest, masked, len(seed)))
    encoded = int.from_bytes(b"\x00" + masked_seed + masked, "big")
    return pow(encoded, exponent, modulus).to_bytes(size, "big")


def key_wrap(key: bytes, material: bytes) -> bytes:
    first = bytes.fromhex("a65959a6") + struct.pack(">I", len(material))
    blocks = [material[at : at + 8].ljust(8, b"\x00") for at in range(0, len(material), 8)]
    if len(blocks) == 1:
        return _block(key, first + blocks[0])
    for step in range(6 * len(blocks)):
        at = step % len(blocks)
        out = _block(key, first + blocks[at])
        first = _xor(out[:8], struct.pack(">Q", step + 1))
        blocks[at] = out[8:]
    return first + b"".join(blocks)


def _block(key: bytes, block: bytes) -> bytes:
    return Cipher(AES(key), ECB()).encryptor().update(block)  # noqa: S305 - one block at a time


def _mgf1(digest: str, seed: bytes, size: int) -> bytes:
    mask = b""
    for counter in range(size):
        mask += hashlib.new(digest, seed + struct.pack(">I", counter)).digest()
        if len(mask) >= size:
            break
    return mask[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
