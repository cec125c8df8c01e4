"""ML-DSA keys: lattice signatures (FIPS 204), hedged, with an empty context.

Material is the 32-byte seed. A message is signed raw, or as its 64-byte mu that the caller made
(FIPS 204 section 6.2, step 6; KMS: EXTERNAL_MU); both give signatures of the same message.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA65PrivateKey,
    MLDSA87PrivateKey,
)

from crypto.asymmetric import AsymmetricKey, read_private_der
from crypto.material import Randomness
from crypto.messages import MessageType
from crypto.specs import KeySpec
from crypto.uses import Signer

_PrivateKey: TypeAlias = MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey

_PARAMETERS: Final[Mapping[str, type[_PrivateKey]]] = MappingProxyType(
    {
        "ML-DSA-44": MLDSA44PrivateKey,
        "ML-DSA-65": MLDSA65PrivateKey,
        "ML-DSA-87": MLDSA87PrivateKey,
    }
)


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material."""
    size, _ = spec.material_sizes
    return randomness(size)


def imported(spec: KeySpec, given: bytes) -> bytes:
    """The material of an imported PKCS#8 that has the seed (RFC 9881). ValueError for any other."""
    key = read_private_der(given)
    if not isinstance(key, _PARAMETERS[spec.parameters]):
        raise ValueError(f"this is no private key of {spec.name}")
    return key.private_bytes_raw()


def private_key(spec: KeySpec, secret: bytes) -> _PrivateKey:
    """The key object of material."""
    return _PARAMETERS[spec.parameters].from_seed_bytes(secret)


class MldsaSigner(AsymmetricKey[_PrivateKey], Signer):
    """An ML-DSA key for SIGN_VERIFY."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def _sign(self, algorithm: str, message: bytes, message_type: MessageType) -> bytes:
        if message_type is MessageType.EXTERNAL_MU:
            return self.private.sign_mu(message)
        return self.private.sign(message)

    def _verifies(
        self, algorithm: str, message: bytes, message_type: MessageType, signature: bytes
    ) -> bool:
        public = self.private.public_key()
        try:
            if message_type is MessageType.EXTERNAL_MU:
                public.verify_mu(signature, message)
            else:
                public.verify(signature, message)
        except InvalidSignature:
            return False
        return True
