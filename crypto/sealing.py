"""Secrets at rest, sealed under a ring of root keys: the newest seals, older ones still open (D3).

    offset  size  field
    0       1     version, 0x01
    1       16    root key ID
    17      16    salt of the one-time key
    33      12    nonce
    45      n     ciphertext, 1 to 65536 bytes
    45 + n  16    tag

The additional authenticated data is the first 45 bytes, then what the caller binds. Key material
binds region, key ID and material ID (and with it the key spec), and is sealed under a label of
its own, so that it leaves only as `KeyMaterial`. Everything that does not open is one SealError,
with nothing said about why.
"""

from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag

from crypto.encoding import binding
from crypto.errors import SealError
from crypto.keyfile import decode_fields, decode_secret, encode_fields
from crypto.labels import Label
from crypto.material import KeyMaterial, Randomness
from crypto.primitives import (
    NONCE_SIZE,
    SALT_SIZE,
    SECRET_SIZE,
    TAG_SIZE,
    OneTimeAead,
    derivation,
    derived,
)
from crypto.redaction import Redacted
from crypto.specs import SYMMETRIC_DEFAULT

VERSION: Final = b"\x01"
ROOT_KEY_ID_SIZE: Final = 16  # bytes; 32 lower-case hexadecimal characters as text
SECRET_LIMIT: Final = 65536  # bytes

_SALT_AT: Final = len(VERSION) + ROOT_KEY_ID_SIZE
_NONCE_AT: Final = _SALT_AT + SALT_SIZE
HEADER_SIZE: Final = _NONCE_AT + NONCE_SIZE

SHORTEST: Final = HEADER_SIZE + 1 + TAG_SIZE
LONGEST: Final = HEADER_SIZE + SECRET_LIMIT + TAG_SIZE

_FILE_TITLE: Final = "keyspan root key v1"
_FILE_FIELDS: Final = ("id", "secret")
_SEALING_LABELS: Final = (Label.SEALED_SECRET, Label.SEALED_MATERIAL)


class RootKey(Redacted):
    """One root key. Its ID is derived from it, so that a damaged key cannot pass for itself."""

    __slots__ = ("_aeads", "_secret", "head", "root_key_id")
    _shown = ("root_key_id",)

    root_key_id: str
    head: bytes  # version and ID, with which each of its seals begins

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_SIZE:
            raise ValueError(f"a root key is {SECRET_SIZE} bytes long, not {len(secret)}")
        self._secret = bytes(secret)
        self._aeads = {label: OneTimeAead(self._secret, label) for label in _SEALING_LABELS}
        identifier = derived(derivation(self._secret, Label.ROOT_KEY_ID), b"")
        self.root_key_id = identifier[:ROOT_KEY_ID_SIZE].hex()
        self.head = VERSION + identifier[:ROOT_KEY_ID_SIZE]

    @classmethod
    def generate(cls, randomness: Randomness) -> "RootKey":
        """Make a fresh root key."""
        return cls(randomness(SECRET_SIZE))

    def encode(self) -> str:
        """The text of this root key's file, secret included: for a file of mode 0600 alone."""
        return encode_fields(_FILE_TITLE, {"id": self.root_key_id, "secret": self._secret.hex()})

    @classmethod
    def decode(cls, text: str) -> "RootKey":
        """The root key that a file holds. SealError, with a reason to show, on any other text."""
        fields = decode_fields(_FILE_TITLE, _FILE_FIELDS, text)
        key = cls(decode_secret(_FILE_TITLE, fields["secret"], SECRET_SIZE))
        if key.root_key_id != fields["id"]:
            raise SealError(f"the {_FILE_TITLE!r} file names another root key than it holds")
        return key

    def aead(self, label: Label) -> OneTimeAead:
        """The prepared cipher of one kind of seal."""
        return self._aeads[label]


class RootKeyRing(Redacted):
    """The root keys of a region, newest first. An edited ring is a new ring."""

    __slots__ = ("_by_id", "_newest", "root_key_ids")
    _shown = ("root_key_ids",)

    root_key_ids: tuple[str, ...]

    def __init__(self, keys: Sequence[RootKey]) -> None:
        if not keys:
            raise ValueError("a ring needs at least one root key")
        self._newest = keys[0]
        self._by_id = {key.root_key_id: key for key in keys}
        self.root_key_ids = tuple(self._by_id)
        if len(self._by_id) != len(keys):
            raise ValueError("a ring holds each root key once")

    def seal(self, secret: bytes, bound: bytes, randomness: Randomness) -> bytes:
        """Seal 1 to 65536 bytes together with `bound`. ValueError on a secret of another size."""
        return self._seal(Label.SEALED_SECRET, secret, bound, randomness)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """The secret that was sealed with this `bound`. SealError if anything differs."""
        return self._open(Label.SEALED_SECRET, sealed, bound)

    def seal_material(self, material: KeyMaterial, region: str, randomness: Randomness) -> bytes:
        """Seal key material for the store of one region."""
        bound = binding(region, material.key_id, material.material_id)
        return self._seal(Label.SEALED_MATERIAL, material.reveal(), bound, randomness)

    def open_material(
        self,
        sealed: bytes,
        key_id: str,
        material_id: str,
        region: str,
        key_spec: str = SYMMETRIC_DEFAULT.name,
    ) -> KeyMaterial:
        """The material sealed for this key, key spec, material ID and region, or SealError."""
        secret = self._open(Label.SEALED_MATERIAL, sealed, binding(region, key_id, material_id))
        return KeyMaterial.checked(key_id, secret, material_id, key_spec)

    def _seal(self, label: Label, secret: bytes, bound: bytes, randomness: Randomness) -> bytes:
        if not 1 <= len(secret) <= SECRET_LIMIT:
            raise ValueError(f"a secret of {len(secret)} bytes cannot be sealed")
        salt, nonce = randomness(SALT_SIZE), randomness(NONCE_SIZE)
        header = self._newest.head + salt + nonce
        if len(header) != HEADER_SIZE:
            raise ValueError("the source of randomness gave another number of bytes")
        return header + self._newest.aead(label).encrypt(salt, nonce, secret, header + bound)

    def _open(self, label: Label, sealed: bytes, bound: bytes) -> bytes:
        root_key = self._by_id.get(sealed_under(sealed))
        if root_key is None:
            raise SealError
        header = sealed[:HEADER_SIZE]
        salt, nonce = header[_SALT_AT:_NONCE_AT], header[_NONCE_AT:]
        try:
            return root_key.aead(label).decrypt(salt, nonce, sealed[HEADER_SIZE:], header + bound)
        except InvalidTag:
            raise SealError from None


def sealed_under(sealed: bytes) -> str:
    """The ID of the root key that something was sealed under. SealError unless well-formed."""
    if not SHORTEST <= len(sealed) <= LONGEST or not sealed.startswith(VERSION):
        raise SealError
    return sealed[len(VERSION) : _SALT_AT].hex()
