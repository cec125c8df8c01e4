"""Import of key material: wrapping keys, import tokens, and unwrapping what a user brings.

Each token carries its own RSA wrapping key, sealed under the region's root keys with its purpose,
region and key ID bound, so that nothing is stored, any node of the region can use it, a restart
loses none, and it opens for no other key or region. Inside the seal (docs/formats.md):

    offset  size  field
    0       1     version, 0x01
    1       8     valid until, in whole seconds since 1970
    9       1     wrapping algorithm, see its row
    10      1     wrapping key spec: the modulus in units of 1024 bits
    11      n     wrapping key, PKCS#8 in DER

RSAES_OAEP is RFC 8017 section 7.1, with an empty label and MGF1 with the same hash. What PKCS #11
calls CKM_RSA_AES_KEY_WRAP is a fresh AES-256 key wrapped by OAEP, and behind it the material
wrapped under that key by AES-KWP (RFC 5649). Source: KMS API reference, GetParametersForImport;
KMS Developer Guide, "Select a wrapping algorithm".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from crypto import rsa
from crypto.asymmetric import public_der
from crypto.encoding import binding
from crypto.errors import InvalidCiphertext, InvalidImportToken, SealError
from crypto.keys import imported_material
from crypto.material import KeyMaterial, Randomness
from crypto.primitives import SECRET_SIZE, key_unwrap
from crypto.redaction import Redacted
from crypto.sealing import RootKeyRing
from crypto.specs import KEY_SPECS, KeySpec

WRAPPING_KEY_SPECS: Final[Mapping[str, KeySpec]] = MappingProxyType(
    {name: KEY_SPECS[name] for name in ("RSA_2048", "RSA_3072", "RSA_4096")}
)


@dataclass(frozen=True, slots=True)
class WrappingAlgorithm:
    """One wrapping algorithm: its number in a token, its OAEP, and whether AES-KWP is between."""

    number: int
    oaep: str
    key_wrap: bool

    def carries(self, wrapping_key: KeySpec, material: KeySpec) -> bool:
        """Whether material of a spec can be wrapped so, in every form in which it may be given.

        KMS refuses what cannot be: RSA keys by OAEP alone, and ECC_NIST_P521 under RSA_2048.
        """
        return self.key_wrap or material.import_size <= wrapping_key.plaintext_limits[self.oaep]


WRAPPING_ALGORITHMS: Final[Mapping[str, WrappingAlgorithm]] = MappingProxyType(
    {
        "RSAES_OAEP_SHA_1": WrappingAlgorithm(1, "RSAES_OAEP_SHA_1", key_wrap=False),
        "RSAES_OAEP_SHA_256": WrappingAlgorithm(2, "RSAES_OAEP_SHA_256", key_wrap=False),
        "RSA_AES_KEY_WRAP_SHA_1": WrappingAlgorithm(3, "RSAES_OAEP_SHA_1", key_wrap=True),
        "RSA_AES_KEY_WRAP_SHA_256": WrappingAlgorithm(4, "RSAES_OAEP_SHA_256", key_wrap=True),
    }
)

_PURPOSE: Final = "keyspan import token"
_VERSION: Final = b"\x01"
_TIME_AT: Final = len(_VERSION)
_TIME_SIZE: Final = 8  # bytes, big-endian
_ALGORITHM_AT: Final = _TIME_AT + _TIME_SIZE
_SPEC_AT: Final = _ALGORITHM_AT + 1
_KEY_AT: Final = _SPEC_AT + 1
_SPEC_UNIT: Final = 1024  # bits
_BY_NUMBER: Final = MappingProxyType({each.number: each for each in WRAPPING_ALGORITHMS.values()})
_SPECS_BY_NUMBER: Final = MappingProxyType(
    {int(spec.parameters) // _SPEC_UNIT: spec for spec in WRAPPING_KEY_SPECS.values()}
)


class ImportToken(Redacted):
    """An import token that was opened: what was said when it was made, and its wrapping key."""

    __slots__ = ("_algorithm", "_private", "_spec", "key_id", "valid_to")
    _shown = ("key_id", "valid_to")

    key_id: str
    valid_to: int  # seconds since 1970

    def __init__(self, key_id: str, inside: bytes) -> None:
        """`inside` is what the seal held. InvalidImportToken if it is not of this version."""
        if len(inside) <= _KEY_AT or not inside.startswith(_VERSION):
            raise InvalidImportToken
        algorithm = _BY_NUMBER.get(inside[_ALGORITHM_AT])
        spec = _SPECS_BY_NUMBER.get(inside[_SPEC_AT])
        if algorithm is None or spec is None:
            raise InvalidImportToken
        self.key_id = key_id
        self.valid_to = int.from_bytes(inside[_TIME_AT:_ALGORITHM_AT], "big")
        self._algorithm = algorithm
        self._spec = spec
        self._private = inside[_KEY_AT:]

    @classmethod
    def opened(cls, ring: RootKeyRing, region: str, key_id: str, token: bytes) -> "ImportToken":
        """The token of a key in a region. InvalidImportToken if it is another's, or was altered."""
        try:
            return cls(key_id, ring.open(token, binding(_PURPOSE, region, key_id)))
        except SealError:
            raise InvalidImportToken from None

    def unwrapped(self, wrapped: bytes, key_spec: str) -> KeyMaterial:
        """The material that was wrapped for this token. Takes milliseconds, for RSA up to 2 s.

        Raises InvalidCiphertext for what does not unwrap, IncorrectKeyMaterial for what is no
        material of the key spec.
        """
        return imported_material(self.key_id, key_spec, self._unwrap(wrapped))

    def _unwrap(self, wrapped: bytes) -> bytes:
        private = self._wrapping_key()
        if not self._algorithm.key_wrap:
            return rsa.decrypted(private, self._algorithm.oaep, wrapped)
        size = private.key_size // 8
        key = rsa.decrypted(private, self._algorithm.oaep, wrapped[:size])
        if len(key) != SECRET_SIZE:
            raise InvalidCiphertext
        try:
            return key_unwrap(key, wrapped[size:])
        except InvalidUnwrap:
            raise InvalidCiphertext from None

    def _wrapping_key(self) -> RSAPrivateKey:
        try:
            return rsa.private_key(self._spec, self._private)
        except ValueError:
            raise InvalidImportToken from None


@dataclass(frozen=True, slots=True)
class ImportParameters:
    """What is given out to import material: the token, and the public key that belongs to it."""

    token: bytes
    public_key: bytes  # SubjectPublicKeyInfo in DER (RFC 5280 section 4.1)


def new_parameters(
    ring: RootKeyRing,
    region: str,
    key_id: str,
    wrapping: tuple[str, str],
    valid_to: int,
    randomness: Randomness,
) -> ImportParameters:
    """Make a wrapping key and its token. Takes 20 ms to seconds.

    `wrapping` names the wrapping algorithm and the wrapping key's spec; KeyError for one that is
    none. `valid_to` is in whole seconds since 1970.
    """
    algorithm, spec = WRAPPING_ALGORITHMS[wrapping[0]], WRAPPING_KEY_SPECS[wrapping[1]]
    private = rsa.generate(spec, randomness)
    time = valid_to.to_bytes(_TIME_SIZE, "big")
    numbers = bytes([algorithm.number, int(spec.parameters) // _SPEC_UNIT])
    inside = _VERSION + time + numbers + private
    token = ring.seal(inside, binding(_PURPOSE, region, key_id), randomness)
    return ImportParameters(token, public_der(rsa.private_key(spec, private)))
