"""Keys on the curves of NIST and SECG: ECDSA signatures and ECDH key agreement.

ECDSA is FIPS 186-5 section 6, written in DER (RFC 3279 section 2.2.3). ECDH is the cofactor
primitive of SP 800-56A section 5.7.1.2 and gives the raw x-coordinate. Material is the private
scalar, big-endian, in as many bytes as the field has (RFC 5915 section 3). A peer's key on
another curve, off the curve or at infinity is refused.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crypto.asymmetric import AsymmetricKey, read_private_der
from crypto.errors import InvalidPublicKey
from crypto.material import Randomness
from crypto.messages import MessageType
from crypto.specs import KeySpec
from crypto.uses import Agreement, Signer

_CURVES: Final[Mapping[str, ec.EllipticCurve]] = MappingProxyType(
    {
        curve.name: curve
        for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1())
    }
)
_SIGNATURES: Final[Mapping[str, HashAlgorithm]] = MappingProxyType(
    {"ECDSA_SHA_256": SHA256(), "ECDSA_SHA_384": SHA384(), "ECDSA_SHA_512": SHA512()}
)
_DRAWS: Final = 64  # of which each fails with a chance of 2^-32 or less


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material: a scalar drawn until it lies within the curve's order.

    FIPS 186-5 appendix A.2.2, with as many random bits as the order has. ValueError if the source
    of randomness never gives such a number.
    """
    size, _ = spec.material_sizes
    bits = _CURVES[spec.parameters].key_size
    for _ in range(_DRAWS):
        drawn = int.from_bytes(randomness(size), "big") >> (8 * size - bits)
        secret = drawn.to_bytes(size, "big")
        if _is_scalar(spec, secret):
            return secret
    raise ValueError("the source of randomness gives no private scalar")


def imported(spec: KeySpec, given: bytes) -> bytes:
    """The material of an imported PKCS#8 (RFC 5915). ValueError for a key on another curve.

    A public key in it that is not the private one's is refused as well.
    """
    key = read_private_der(given)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != spec.parameters:
        raise ValueError(f"this is no private key of {spec.name}")
    size, _ = spec.material_sizes
    return key.private_numbers().private_value.to_bytes(size, "big")


def private_key(spec: KeySpec, secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key object of material. ValueError if it is no scalar of the curve."""
    return ec.derive_private_key(int.from_bytes(secret, "big"), _CURVES[spec.parameters])


class EcdsaSigner(AsymmetricKey[ec.EllipticCurvePrivateKey], Signer):
    """An elliptic-curve key for SIGN_VERIFY."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def _sign(self, algorithm: str, message: bytes, message_type: MessageType) -> bytes:
        return self.private.sign(message, _scheme(algorithm, message_type))

    def _verifies(
        self, algorithm: str, message: bytes, message_type: MessageType, signature: bytes
    ) -> bool:
        public = self.private.public_key()
        try:
            public.verify(signature, message, _scheme(algorithm, message_type))
        except InvalidSignature:
            return False
        return True


class EcdhAgreement(AsymmetricKey[ec.EllipticCurvePrivateKey], Agreement):
    """An elliptic-curve key for KEY_AGREEMENT."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def agree(self, peer: bytes) -> bytes:
        """See Agreement."""
        try:
            public = load_der_public_key(peer)
        except (ValueError, UnsupportedAlgorithm):
            raise InvalidPublicKey from None
        private = self.private
        if (
            not isinstance(public, ec.EllipticCurvePublicKey)
            or public.curve.name != private.curve.name
        ):
            raise InvalidPublicKey
        return private.exchange(ec.ECDH(), public)


def _scheme(algorithm: str, message_type: MessageType) -> ec.ECDSA:
    digest = _SIGNATURES[algorithm]
    return ec.ECDSA(Prehashed(digest) if message_type is MessageType.DIGEST else digest)


def _is_scalar(spec: KeySpec, secret: bytes) -> bool:
    try:
        private_key(spec, secret)
    except ValueError:
        return False
    return True
