"""Key material: the secret bytes behind a KMS key of any spec, and the ID that names them.

Refuses a key ID in another spelling than its one, and secrets of a size that the spec does not
have. The material ID is derived from the key ID, the spec and the material (architecture.md D2;
KMS: "KeyMaterialId"), so that it is the same in every region that holds the key, differs between
keys and specs, and checks what a seal gives back.
"""

import hashlib
import hmac
from collections.abc import Callable

from crypto.errors import SealError
from crypto.identifiers import is_key_id
from crypto.labels import Label
from crypto.primitives import derivation, derived
from crypto.redaction import Redacted
from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeySpec

Randomness = Callable[[int], bytes]
"""Gives that many unpredictable bytes: `os.urandom`, or a seeded source in tests."""


class KeyMaterial(Redacted):
    """The material of one key. Equal to another of the same key ID, key spec and secret.

    What the secret is depends on the spec: raw bytes (symmetric, HMAC), PKCS#8 in DER (RSA), a
    scalar (elliptic curves) or a seed (Ed25519, ML-DSA, ML-KEM).
    """

    __slots__ = ("_secret", "key_id", "material_id", "spec")
    _shown = ("key_id", "key_spec", "material_id")

    key_id: str
    material_id: str  # 64 lower-case hexadecimal characters
    spec: KeySpec

    def __init__(self, key_id: str, secret: bytes, key_spec: str = SYMMETRIC_DEFAULT.name) -> None:
        if not is_key_id(key_id):
            raise ValueError("a key ID is a lower-case UUID, or mrk- and 32 lower-case hex digits")
        spec = KEY_SPECS.get(key_spec)
        if spec is None:
            raise ValueError("there is no such key spec")
        if not spec.fits(len(secret)):
            raise ValueError(f"key material of {key_spec} is {_sizes(spec)}, not {len(secret)}")
        self._secret = bytes(secret)
        self.spec = spec
        self.key_id = key_id
        self.material_id = material_id_of(key_id, self._secret, spec)

    @classmethod
    def generate(cls, key_id: str, randomness: Randomness) -> "KeyMaterial":
        """Make fresh symmetric material for `key_id`. ValueError if that is no key ID.

        For other specs, see `crypto.keys.generate_material`.
        """
        size, _ = SYMMETRIC_DEFAULT.material_sizes
        return cls(key_id, randomness(size))

    @classmethod
    def of(
        cls, key_id: str, secret: bytes, key_spec: str = SYMMETRIC_DEFAULT.name
    ) -> "KeyMaterial":
        """Take given material for `key_id`. ValueError, without the bytes, if it is malformed."""
        return cls(key_id, secret, key_spec)

    @classmethod
    def checked(
        cls, key_id: str, secret: bytes, material_id: str, key_spec: str = SYMMETRIC_DEFAULT.name
    ) -> "KeyMaterial":
        """Take what came out of a seal. SealError unless it is the material that the ID names."""
        try:
            material = cls(key_id, secret, key_spec)
        except ValueError:
            raise SealError from None
        if material.material_id != material_id:
            raise SealError
        return material

    @property
    def key_spec(self) -> str:
        """The name of its key spec."""
        return self.spec.name

    def reveal(self) -> bytes:
        """The secret itself: the one way out, for callers inside the crypto package only."""
        return self._secret

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyMaterial):
            return NotImplemented
        same_secret = hmac.compare_digest(self._secret, other._secret)  # in constant time
        return same_secret and (self.key_id, self.spec) == (other.key_id, other.spec)

    def __hash__(self) -> int:
        return hash(self.material_id)


def material_id_of(key_id: str, secret: bytes, spec: KeySpec = SYMMETRIC_DEFAULT) -> str:
    """The material ID: SP 800-108 output for the key ID and key spec, in hexadecimal.

    It is public, and safe to be: a pseudorandom function's output under its own label. The spec of
    all but symmetric keys is part of it, so that what is sealed as one kind of key never opens as
    another; and their secret is hashed first, so that the ID is no MAC under an HMAC key.
    """
    if spec is SYMMETRIC_DEFAULT:
        return derived(derivation(secret, Label.MATERIAL_ID), key_id.encode("ascii")).hex()
    start = derivation(hashlib.sha256(secret).digest(), Label.TYPED_MATERIAL_ID)
    return derived(start, f"{key_id}{spec.name}".encode("ascii")).hex()


def _sizes(spec: KeySpec) -> str:
    least, most = spec.material_sizes
    return f"{least} bytes long" if least == most else f"{least} to {most} bytes long"
