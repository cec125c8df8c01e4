"""Ed25519 keys: PureEdDSA signatures (RFC 8032 section 5.1, FIPS 186-5 section 7).

Material is the 32-byte seed. Ed25519ph, which KMS calls ED25519_PH_SHA_512, prefixes what is
hashed inside the signature; `cryptography` does not offer it, and it cannot be had from Ed25519.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.asymmetric import AsymmetricKey, read_private_der
from crypto.material import Randomness
from crypto.messages import MessageType
from crypto.specs import KeySpec
from crypto.uses import Signer


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material."""
    size, _ = spec.material_sizes
    return randomness(size)


def imported(spec: KeySpec, given: bytes) -> bytes:
    """The material of an imported PKCS#8 (RFC 8410). ValueError for any other key."""
    key = read_private_der(given)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"this is no private key of {spec.name}")
    return key.private_bytes_raw()


def private_key(spec: KeySpec, secret: bytes) -> Ed25519PrivateKey:
    """The key object of material."""
    return Ed25519PrivateKey.from_private_bytes(secret)


class EdwardsSigner(AsymmetricKey[Ed25519PrivateKey], Signer):
    """An Ed25519 key for SIGN_VERIFY."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def _sign(self, algorithm: str, message: bytes, message_type: MessageType) -> bytes:
        return self.private.sign(message)

    def _verifies(
        self, algorithm: str, message: bytes, message_type: MessageType, signature: bytes
    ) -> bool:
        try:
            self.private.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True
