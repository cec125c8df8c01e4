"""ML-KEM keys: lattice key encapsulation (FIPS 203).

Material is the 64-byte seed d || z. Decapsulating what another key made, or what was altered,
gives an unpredictable secret and no error (implicit rejection); only a wrong size is refused.
Encapsulation takes OpenSSL's randomness, as there is no way to hand it another.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey

from crypto.asymmetric import AsymmetricKey, read_private_der
from crypto.errors import InvalidCiphertext
from crypto.material import Randomness
from crypto.specs import KeySpec
from crypto.uses import Encapsulation

_PrivateKey: TypeAlias = MLKEM768PrivateKey | MLKEM1024PrivateKey

_PARAMETERS: Final[Mapping[str, type[_PrivateKey]]] = MappingProxyType(
    {"ML-KEM-768": MLKEM768PrivateKey, "ML-KEM-1024": MLKEM1024PrivateKey}
)


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material."""
    size, _ = spec.material_sizes
    return randomness(size)


def imported(spec: KeySpec, given: bytes) -> bytes:
    """The material of an imported PKCS#8 that has the seed (RFC 9935). ValueError for any other."""
    key = read_private_der(given)
    if not isinstance(key, _PARAMETERS[spec.parameters]):
        raise ValueError(f"this is no private key of {spec.name}")
    return key.private_bytes_raw()


def private_key(spec: KeySpec, secret: bytes) -> _PrivateKey:
    """The key object of material."""
    return _PARAMETERS[spec.parameters].from_seed_bytes(secret)


class MlkemEncapsulation(AsymmetricKey[_PrivateKey], Encapsulation):
    """An ML-KEM key for ENCAPSULATE_DECAPSULATE."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def encapsulate(self) -> tuple[bytes, bytes]:
        """See Encapsulation."""
        return self.private.public_key().encapsulate()

    def decapsulate(self, encapsulated: bytes) -> bytes:
        """See Encapsulation."""
        try:
            return self.private.decapsulate(encapsulated)
        except ValueError:
            raise InvalidCiphertext from None
