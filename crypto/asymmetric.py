"""What all kinds of asymmetric keys have in common: the key object, made at the first use.

Making one from its material takes up to milliseconds, and most keys that a region knows are not
used today. Two threads that come at once both make it, and get the same.
"""

from abc import abstractmethod
from typing import Generic, Protocol, TypeVar

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from crypto.material import KeyMaterial
from crypto.redaction import Redacted
from crypto.specs import KeySpec
from crypto.uses import PublicHalf


class PublicKey(Protocol):
    """Any public key of `cryptography`."""

    def public_bytes(self, encoding: Encoding, format: PublicFormat) -> bytes: ...  # noqa: A002


class PrivateKey(Protocol):
    """Any private key of `cryptography`."""

    def public_key(self) -> PublicKey: ...

    def private_bytes(
        self,
        encoding: Encoding,
        format: PrivateFormat,  # noqa: A002
        encryption_algorithm: NoEncryption,
    ) -> bytes: ...


P = TypeVar("P", bound=PrivateKey)


class AsymmetricKey(Redacted, PublicHalf, Generic[P]):
    """A prepared key pair. Its subclasses say how its key object is made from its material."""

    __slots__ = ("_made", "_material", "key_id", "material_id", "spec")
    _shown = ("key_id", "material_id")

    def __init__(self, material: KeyMaterial) -> None:
        self.spec = material.spec
        self.key_id = material.key_id
        self.material_id = material.material_id
        self._material = material
        self._made: P | None = None

    @staticmethod
    @abstractmethod
    def _make(spec: KeySpec, secret: bytes) -> P: ...

    @property
    def ready(self) -> bool:
        """See PreparedKey."""
        return self._made is not None

    @property
    def private(self) -> P:
        """The key object."""
        if self._made is None:
            made = self._make(self.spec, self._material.reveal())
            object.__setattr__(self, "_made", made)  # the one change there ever is
            return made
        return self._made

    def public_key(self) -> bytes:
        """See PublicHalf."""
        return public_der(self.private)


def public_der(private: PrivateKey) -> bytes:
    """SubjectPublicKeyInfo in DER (RFC 5280 section 4.1)."""
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def private_der(private: PrivateKey) -> bytes:
    """PKCS#8 PrivateKeyInfo in DER, not encrypted (RFC 5958)."""
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
