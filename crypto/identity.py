"""A region's identity: an Ed25519 signing key and an X-Wing sealing key (architecture.md D4).

Signatures are Ed25519 (RFC 8032) over the canonical binding of label, region, purpose and message.
What is sealed to a region is HPKE (see `crypto.xwing`):

    offset    size  field
    0         1     version, 0x01
    1         1120  encapsulated key: ML-KEM-768 ciphertext 1088, X25519 public key 32
    1121      n     ciphertext, 1 to 65536 bytes (key material: to 1048576)
    1121 + n  16    tag

The HPKE info binds label, receiving region, for key material its IDs, and the sender's own info.
The materials of a key are sealed together, as opening a seal costs ten times what is done with a
material afterwards: each secret after its length of four bytes, and then what goes with them.
Private keys are kept as seeds. What does not open is one SealError, with nothing said about why.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature as NotVerified
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto import xwing
from crypto.encoding import PREFIX_SIZE, binding, prefixed
from crypto.errors import InvalidSignature, SealError
from crypto.identifiers import is_region
from crypto.keyfile import decode_fields, decode_secret, encode_fields
from crypto.labels import Label
from crypto.material import KeyMaterial, Randomness
from crypto.redaction import Redacted
from crypto.specs import SYMMETRIC_DEFAULT

__all__ = ["PublicIdentity", "RegionIdentity", "binding"]

VERSION: Final = b"\x01"
SIGNATURE_SIZE: Final = 64  # bytes
SECRET_LIMIT: Final = 65536  # bytes
MATERIALS_LIMIT: Final = 1 << 20  # bytes

SHORTEST: Final = len(VERSION) + xwing.OVERHEAD + 1
LONGEST: Final = len(VERSION) + xwing.OVERHEAD + SECRET_LIMIT
LONGEST_MATERIALS: Final = len(VERSION) + xwing.OVERHEAD + MATERIALS_LIMIT

_SIGNING_SEED_SIZE: Final = 32  # bytes
_FILE_TITLE: Final = "keyspan identity v1"
_FILE_FIELDS: Final = ("region", "signing-seed", "sealing-seed", "fingerprint")


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """What others know of a region: enough to verify what it signs and to seal to it.

    ValueError, with a reason to show, if the region or a key is malformed.
    """

    region: str
    signing_key: bytes = field(repr=False)  # Ed25519 public key, 32 bytes
    sealing_key: bytes = field(repr=False)  # ML-KEM-768 public key 1184, X25519 public key 32

    def __post_init__(self) -> None:
        if not is_region(self.region):
            raise ValueError("a region is named in lower-case letters, digits and dashes")
        Ed25519PublicKey.from_public_bytes(self.signing_key)
        xwing.public_key(self.sealing_key)

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 over region and both keys, for people to compare."""
        bound = binding(Label.FINGERPRINT.value, self.region, self.signing_key, self.sealing_key)
        return hashlib.sha256(bound).hexdigest()

    def verify(self, purpose: bytes, message: bytes, signature: bytes) -> None:
        """InvalidSignature unless this region signed this message for this purpose."""
        signed = _signed_bytes(self.region, purpose, message)
        try:
            Ed25519PublicKey.from_public_bytes(self.signing_key).verify(signature, signed)
        except NotVerified:
            raise InvalidSignature from None

    def seal(self, secret: bytes, info: bytes) -> bytes:
        """Seal 1 to 65536 bytes to this region and `info`. ValueError on another size."""
        return self._seal(secret, _secret_info(self.region, info), SECRET_LIMIT)

    def seal_materials(
        self, key_id: str, materials: Sequence[KeyMaterial], beside: bytes, info: bytes
    ) -> bytes:
        """Seal the materials of a key, and bytes that go with them, to this region and `info`.

        They leave only as `KeyMaterial`. ValueError for nothing at all, or for more than 1 MiB.
        """
        ids = [each.material_id for each in materials]
        secrets = b"".join(prefixed(each.reveal()) for each in materials)
        bound = _materials_info(self.region, key_id, ids, info)
        return self._seal(secrets + beside, bound, MATERIALS_LIMIT)

    def encode(self) -> dict[str, str]:
        """Both keys in base64, as the cluster file holds them."""
        keys = {"signing_key": self.signing_key, "sealing_key": self.sealing_key}
        return {name: base64.b64encode(key).decode("ascii") for name, key in keys.items()}

    @classmethod
    def decode(cls, region: str, fields: Mapping[str, str]) -> "PublicIdentity":
        """The identity in a region's fields. ValueError, with a reason, if one is malformed."""
        return cls(region, _key(fields, "signing_key"), _key(fields, "sealing_key"))

    def _seal(self, secret: bytes, info: bytes, limit: int) -> bytes:
        if not 1 <= len(secret) <= limit:
            raise ValueError(f"a secret of {len(secret)} bytes cannot be sealed")
        return VERSION + xwing.seal(self.sealing_key, secret, info)


class RegionIdentity(Redacted):
    """A region's own identity: signs as the region and opens what was sealed to it."""

    __slots__ = ("_sealing_key", "_sealing_seed", "_signing_key", "_signing_seed", "public")
    _shown = ("region",)

    public: PublicIdentity

    def __init__(self, region: str, signing_seed: bytes, sealing_seed: bytes) -> None:
        self._signing_seed = bytes(signing_seed)
        self._sealing_seed = bytes(sealing_seed)
        self._signing_key = Ed25519PrivateKey.from_private_bytes(self._signing_seed)
        self._sealing_key = xwing.private_key(self._sealing_seed)
        self.public = PublicIdentity(
            region=region,
            signing_key=self._signing_key.public_key().public_bytes_raw(),
            sealing_key=xwing.public_bytes(self._sealing_seed),
        )

    @classmethod
    def generate(cls, region: str, randomness: Randomness) -> "RegionIdentity":
        """Make a fresh identity. ValueError if `region` can name no region."""
        return cls(region, randomness(_SIGNING_SEED_SIZE), randomness(xwing.SEED_SIZE))

    @property
    def region(self) -> str:
        """The region whose identity this is."""
        return self.public.region

    def sign(self, purpose: bytes, message: bytes) -> bytes:
        """Sign a message for one purpose: 64 bytes that verify for no other purpose or region."""
        return self._signing_key.sign(_signed_bytes(self.region, purpose, message))

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """The secret that was sealed to this region with this `info`, or SealError."""
        return self._open(sealed, _secret_info(self.region, info), LONGEST)

    def open_materials(
        self,
        sealed: bytes,
        key_id: str,
        material_ids: Sequence[str],
        info: bytes,
        key_spec: str = SYMMETRIC_DEFAULT.name,
    ) -> tuple[Sequence[KeyMaterial], bytes]:
        """The materials sealed to this region for this key, these material IDs and `info`, and the
        bytes that go with them. SealError if it does not open, or holds other materials.
        """
        bound = _materials_info(self.region, key_id, material_ids, info)
        rest, materials = self._open(sealed, bound, LONGEST_MATERIALS), []
        for material_id in material_ids:
            secret, rest = _first(rest)
            materials.append(KeyMaterial.checked(key_id, secret, material_id, key_spec))
        return materials, rest

    def encode(self) -> str:
        """The text of this identity's file, seeds included: for a file of mode 0600 alone."""
        return encode_fields(
            _FILE_TITLE,
            {
                "region": self.region,
                "signing-seed": self._signing_seed.hex(),
                "sealing-seed": self._sealing_seed.hex(),
                "fingerprint": self.public.fingerprint,
            },
        )

    @classmethod
    def decode(cls, text: str) -> "RegionIdentity":
        """The identity that a file holds. SealError, with a reason to show, on any other text."""
        fields = decode_fields(_FILE_TITLE, _FILE_FIELDS, text)
        if not is_region(fields["region"]):
            raise SealError(f"the {_FILE_TITLE!r} file names no region")
        identity = cls(
            fields["region"],
            decode_secret(_FILE_TITLE, fields["signing-seed"], _SIGNING_SEED_SIZE),
            decode_secret(_FILE_TITLE, fields["sealing-seed"], xwing.SEED_SIZE),
        )
        if identity.public.fingerprint != fields["fingerprint"]:
            raise SealError(f"the {_FILE_TITLE!r} file names another identity than it holds")
        return identity

    def _open(self, sealed: bytes, info: bytes, longest: int) -> bytes:
        if not SHORTEST <= len(sealed) <= longest or not sealed.startswith(VERSION):
            raise SealError
        return xwing.open_sealed(self._sealing_key, sealed[len(VERSION) :], info)


def _signed_bytes(region: str, purpose: bytes, message: bytes) -> bytes:
    return binding(Label.SIGNATURE.value, region, purpose, message)


def _secret_info(receiver: str, info: bytes) -> bytes:
    return binding(Label.REGION_SECRET.value, receiver, info)


def _materials_info(receiver: str, key_id: str, material_ids: Sequence[str], info: bytes) -> bytes:
    return binding(Label.REGION_MATERIALS.value, receiver, key_id, *material_ids, info)


def _first(data: bytes) -> tuple[bytes, bytes]:
    """The first of several secrets, and what follows it. SealError if it is cut short."""
    end = PREFIX_SIZE + int.from_bytes(data[:PREFIX_SIZE], "big")
    if len(data) < end:
        raise SealError
    return data[PREFIX_SIZE:end], data[end:]


def _key(fields: Mapping[str, str], name: str) -> bytes:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing")
    try:
        key = base64.b64decode(value, validate=True)
    except ValueError:
        raise ValueError(f"{name} is not base64") from None
    if base64.b64encode(key).decode("ascii") != value:
        raise ValueError(f"{name} is not in the one spelling of base64")
    return key
