"""Key material: the 32 secret bytes behind a symmetric KMS key, and the ID that names them.

Refuses a key ID in another spelling than its one, and secrets of another size. The material ID
is derived from the key ID and the material (architecture.md D2; KMS: "KeyMaterialId"), so that
it is the same in every region that holds the key, differs between keys, and checks what a seal
gives back.
"""

import hmac
from collections.abc import Callable
from typing import Final

from crypto.errors import SealError
from crypto.identifiers import is_key_id
from crypto.labels import Label
from crypto.primitives import derivation, derived
from crypto.redaction import Redacted
from crypto.specs import SYMMETRIC_DEFAULT

Randomness = Callable[[int], bytes]
"""Gives that many unpredictable bytes: `os.urandom`, or a seeded source in tests."""

MATERIAL_SIZE: Final = SYMMETRIC_DEFAULT.material_size


class KeyMaterial(Redacted):
    """The material of one symmetric key. Equal to another of the same key ID and secret."""

    __slots__ = ("_secret", "key_id", "material_id")
    _shown = ("key_id", "material_id")

    key_id: str
    material_id: str  # 64 lower-case hexadecimal characters

    def __init__(self, key_id: str, secret: bytes) -> None:
        if not is_key_id(key_id):
            raise ValueError("a key ID is a lower-case UUID, or mrk- and 32 lower-case hex digits")
        if len(secret) != MATERIAL_SIZE:
            raise ValueError(f"key material is {MATERIAL_SIZE} bytes long, not {len(secret)}")
        self._secret = bytes(secret)
        self.key_id = key_id
        self.material_id = material_id_of(key_id, self._secret)

    @classmethod
    def generate(cls, key_id: str, randomness: Randomness) -> "KeyMaterial":
        """Make fresh material for `key_id`. ValueError if that is no key ID."""
        return cls(key_id, randomness(MATERIAL_SIZE))

    @classmethod
    def of(cls, key_id: str, secret: bytes) -> "KeyMaterial":
        """Take given material for `key_id`. ValueError, without the bytes, if it is malformed."""
        return cls(key_id, secret)

    @classmethod
    def checked(cls, key_id: str, secret: bytes, material_id: str) -> "KeyMaterial":
        """Take what came out of a seal. SealError unless it is the material that the ID names."""
        try:
            material = cls(key_id, secret)
        except ValueError:
            raise SealError from None
        if material.material_id != material_id:
            raise SealError
        return material

    def reveal(self) -> bytes:
        """The secret itself: the one way out, for callers inside the crypto package only."""
        return self._secret

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyMaterial):
            return NotImplemented
        same_secret = hmac.compare_digest(self._secret, other._secret)  # in constant time
        return same_secret and self.key_id == other.key_id

    def __hash__(self) -> int:
        return hash(self.material_id)


def material_id_of(key_id: str, secret: bytes) -> str:
    """The material ID: SP 800-108 output for the key ID, in hexadecimal.

    It is public, and safe to be: a pseudorandom function's output under its own label.
    """
    return derived(derivation(secret, Label.MATERIAL_ID), key_id.encode("ascii")).hex()
