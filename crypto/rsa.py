"""RSA keys: OAEP encryption, PSS and PKCS #1 v1.5 signatures (RFC 8017).

Material is the private key as PKCS#8 in DER. OAEP has an empty label and MGF1 with its own hash;
the salt of PSS is as long as the hash; ciphertexts are bare, so that anyone with the public key
can make them (KMS Developer Guide, "Key spec reference"). Generation takes OpenSSL's randomness,
as there is no way to hand it another.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from crypto.asymmetric import AsymmetricKey, private_der, read_private_der
from crypto.errors import InvalidCiphertext
from crypto.material import Randomness
from crypto.messages import MessageType
from crypto.specs import KeySpec
from crypto.uses import AsymmetricCipher, Signer

_EXPONENT: Final = 65537  # FIPS 186-5 section 5.1 (e), and the usual choice


def _oaep(digest: HashAlgorithm) -> OAEP:
    return OAEP(MGF1(digest), digest, label=None)


def _signatures(digest: HashAlgorithm) -> dict[str, tuple[PSS | PKCS1v15, HashAlgorithm]]:
    bits = 8 * digest.digest_size
    return {
        f"RSASSA_PSS_SHA_{bits}": (PSS(MGF1(digest), digest.digest_size), digest),
        f"RSASSA_PKCS1_V1_5_SHA_{bits}": (PKCS1v15(), digest),
    }


# SHA-1 in OAEP needs no collision resistance (RFC 8017 appendix B.1), and KMS offers it.
_ENCRYPTION: Final[Mapping[str, OAEP]] = MappingProxyType(
    {"RSAES_OAEP_SHA_1": _oaep(SHA1()), "RSAES_OAEP_SHA_256": _oaep(SHA256())}  # noqa: S303
)
_SIGNATURES: Final[Mapping[str, tuple[PSS | PKCS1v15, HashAlgorithm]]] = MappingProxyType(
    {**_signatures(SHA256()), **_signatures(SHA384()), **_signatures(SHA512())}
)


def generate(spec: KeySpec, randomness: Randomness) -> bytes:
    """Fresh material. It takes 20 ms to seconds; the source of randomness is OpenSSL's own."""
    return private_der(rsa.generate_private_key(_EXPONENT, int(spec.parameters)))


def private_key(spec: KeySpec, secret: bytes) -> rsa.RSAPrivateKey:
    """The key object of material. ValueError if it is not of this spec.

    That the numbers fit each other is not tested, which would take 0.1 to 0.6 s: material comes
    from `generate` or `imported`, or out of a seal that authenticates it.
    """
    key = load_der_private_key(secret, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != int(spec.parameters):
        raise ValueError(f"this is no private key of {spec.name}")
    return key


def imported(spec: KeySpec, given: bytes) -> bytes:
    """The material of an imported PKCS#8 (RFC 8017 appendix A.1.2). ValueError for any other key.

    Takes 0.1 to 2 s if all else is well, as it tests that the numbers fit each other and the primes
    are prime. It is written anew, so that one key has one material whatever was around it.
    """
    key = read_private_der(given)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != int(spec.parameters):
        raise ValueError(f"this is no private key of {spec.name}")
    material = private_der(key)
    load_der_private_key(material, None)
    return material


def decrypted(private: rsa.RSAPrivateKey, algorithm: str, ciphertext: bytes) -> bytes:
    """The plaintext of an OAEP ciphertext (RFC 8017 section 7.1.2), or InvalidCiphertext."""
    try:
        return private.decrypt(ciphertext, _ENCRYPTION[algorithm])
    except ValueError:
        raise InvalidCiphertext from None


class RsaCipher(AsymmetricKey[rsa.RSAPrivateKey], AsymmetricCipher):
    """An RSA key for ENCRYPT_DECRYPT."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def encrypt(self, algorithm: str, plaintext: bytes) -> bytes:
        """See AsymmetricCipher."""
        return self.private.public_key().encrypt(plaintext, _ENCRYPTION[algorithm])

    def decrypt(self, algorithm: str, ciphertext: bytes) -> bytes:
        """See AsymmetricCipher."""
        return decrypted(self.private, algorithm, ciphertext)


class RsaSigner(AsymmetricKey[rsa.RSAPrivateKey], Signer):
    """An RSA key for SIGN_VERIFY."""

    __slots__ = ()
    _make = staticmethod(private_key)

    def _sign(self, algorithm: str, message: bytes, message_type: MessageType) -> bytes:
        padding, digest = _SIGNATURES[algorithm]
        return self.private.sign(message, padding, _hashed(digest, message_type))

    def _verifies(
        self, algorithm: str, message: bytes, message_type: MessageType, signature: bytes
    ) -> bool:
        padding, digest = _SIGNATURES[algorithm]
        public = self.private.public_key()
        try:
            public.verify(signature, message, padding, _hashed(digest, message_type))
        except InvalidSignature:
            return False
        return True


def _hashed(digest: HashAlgorithm, message_type: MessageType) -> HashAlgorithm | Prehashed:
    return Prehashed(digest) if message_type is MessageType.DIGEST else digest
