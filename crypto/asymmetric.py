"""What all kinds of asymmetric keys have in common: the key object, made at the first use.

Making one from its material takes up to milliseconds, and most keys that a region knows are not
used today. Two threads that come at once both make it, and get the same.
"""

from abc import abstractmethod
from typing import Final, Generic, Protocol, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
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


_INTEGER: Final = b"\x02\x01"  # an ASN.1 INTEGER of one byte
_SEQUENCE: Final = 0x30


def read_private_der(given: bytes) -> object:
    """The key object of any kind that a PKCS#8 PrivateKeyInfo holds.

    ValueError for anything else: an encrypted key, PKCS #1, SEC 1, text, or bytes after the end.
    The numbers are checked, but for those of RSA, which takes long: see `rsa.imported`.
    """
    if not _is_private_key_info(given):
        raise ValueError("this is no PKCS#8 PrivateKeyInfo")
    try:
        return load_der_private_key(given, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("this is no private key that can be used") from None


def _is_private_key_info(given: bytes) -> bool:
    """Whether the first two fields are a version and an AlgorithmIdentifier (RFC 5958 section 2).

    PKCS #1 has an INTEGER and SEC 1 an OCTET STRING in the second place.
    """
    start = 2 + (given[1] & 0x7F if given[1:2] >= b"\x80" else 0)
    version_end = start + len(_INTEGER) + 1
    return (
        given[:1] == bytes([_SEQUENCE])
        and given[start : start + len(_INTEGER)] == _INTEGER
        and given[version_end : version_end + 1] == bytes([_SEQUENCE])
    )
