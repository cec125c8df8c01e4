"""The one place that knows all kinds of keys: generates material, takes it in, prepares it for use.

Tables: from a kind to its generator and to its importer, and from a kind and a usage to the class
that does the work. What is not in them cannot be done.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from crypto import ec, eddsa, mac, mldsa, mlkem, rsa, symmetric
from crypto.asymmetric import PrivateKey, private_der, public_der
from crypto.errors import IncorrectKeyMaterial
from crypto.material import KeyMaterial, Randomness
from crypto.redaction import Redacted
from crypto.specs import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT,
    KEY_SPECS,
    SIGN_VERIFY,
    KeySpec,
    Kind,
)
from crypto.uses import PreparedKey

_GENERATORS: Final[Mapping[Kind, Callable[[KeySpec, Randomness], bytes]]] = MappingProxyType(
    {
        Kind.SYMMETRIC: symmetric.generate,
        Kind.HMAC: mac.generate,
        Kind.RSA: rsa.generate,
        Kind.ELLIPTIC_CURVE: ec.generate,
        Kind.EDWARDS_CURVE: eddsa.generate,
        Kind.ML_DSA: mldsa.generate,
        Kind.ML_KEM: mlkem.generate,
    }
)
_IMPORTERS: Final[Mapping[Kind, Callable[[KeySpec, bytes], bytes]]] = MappingProxyType(
    {
        Kind.SYMMETRIC: symmetric.imported,
        Kind.HMAC: mac.imported,
        Kind.RSA: rsa.imported,
        Kind.ELLIPTIC_CURVE: ec.imported,
        Kind.EDWARDS_CURVE: eddsa.imported,
        Kind.ML_DSA: mldsa.imported,
        Kind.ML_KEM: mlkem.imported,
    }
)
_PRIVATE_KEYS: Final[Mapping[Kind, Callable[[KeySpec, bytes], PrivateKey]]] = MappingProxyType(
    {
        Kind.RSA: rsa.private_key,
        Kind.ELLIPTIC_CURVE: ec.private_key,
        Kind.EDWARDS_CURVE: eddsa.private_key,
        Kind.ML_DSA: mldsa.private_key,
        Kind.ML_KEM: mlkem.private_key,
    }
)
_PREPARED: Final[Mapping[tuple[Kind, str], Callable[[KeyMaterial], PreparedKey]]] = (
    MappingProxyType(
        {
            (Kind.SYMMETRIC, ENCRYPT_DECRYPT): symmetric.SymmetricCipher,
            (Kind.HMAC, GENERATE_VERIFY_MAC): mac.HmacKey,
            (Kind.RSA, ENCRYPT_DECRYPT): rsa.RsaCipher,
            (Kind.RSA, SIGN_VERIFY): rsa.RsaSigner,
            (Kind.ELLIPTIC_CURVE, SIGN_VERIFY): ec.EcdsaSigner,
            (Kind.ELLIPTIC_CURVE, KEY_AGREEMENT): ec.EcdhAgreement,
            (Kind.EDWARDS_CURVE, SIGN_VERIFY): eddsa.EdwardsSigner,
            (Kind.ML_DSA, SIGN_VERIFY): mldsa.MldsaSigner,
            (Kind.ML_KEM, ENCAPSULATE_DECAPSULATE): mlkem.MlkemEncapsulation,
        }
    )
)


class KeyPair(Redacted):
    """A key pair to hand out: both halves in DER, PKCS#8 and SubjectPublicKeyInfo."""

    __slots__ = ("private", "public")
    _shown = ("public",)

    private: bytes
    public: bytes

    def __init__(self, private: bytes, public: bytes) -> None:
        self.private = private
        self.public = public


def generate_material(key_id: str, key_spec: str, randomness: Randomness) -> KeyMaterial:
    """Make fresh material of a spec. ValueError for a key ID or spec that is none."""
    spec = KEY_SPECS.get(key_spec)
    if spec is None:
        raise ValueError(f"there is no key spec {key_spec}")
    return KeyMaterial(key_id, _GENERATORS[spec.kind](spec, randomness), key_spec)


def imported_material(key_id: str, key_spec: str, given: bytes) -> KeyMaterial:
    """Take material that a user brought: raw for symmetric and HMAC keys, else PKCS#8 in DER.

    Raises IncorrectKeyMaterial, without a reason, for what is no material of the spec. KMS
    Developer Guide, "Requirements for imported key material".
    """
    spec = KEY_SPECS[key_spec]
    try:
        return KeyMaterial(key_id, _IMPORTERS[spec.kind](spec, given), key_spec)
    except ValueError:
        raise IncorrectKeyMaterial from None


def generate_pair(spec: KeySpec, randomness: Randomness) -> KeyPair:
    """Make a fresh key pair for use outside. KeyError for a spec that is not asymmetric."""
    private_key = _PRIVATE_KEYS[spec.kind]
    private = private_key(spec, _GENERATORS[spec.kind](spec, randomness))
    return KeyPair(private_der(private), public_der(private))


def prepared(material: KeyMaterial, key_usage: str) -> PreparedKey:
    """The key object of material for its one usage. ValueError for one its spec does not have."""
    if key_usage not in material.spec.usages:
        raise ValueError(f"{material.key_spec} has no usage {key_usage}")
    return _PREPARED[material.spec.kind, key_usage](material)
