"""What each key spec may do: one frozen row per spec, and no ladder of ifs anywhere else.

A row drives creation, import, validation, metadata, algorithms, limits and where a call runs.
Names are those of the KMS API reference (CreateKey, KeySpec, KeyUsage; Encrypt, Plaintext). A
spec of the API without a row is not served: ML_KEM_512, which `cryptography` lacks, and SM2, which
KMS has in China alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"
SIGN_VERIFY: Final = "SIGN_VERIFY"
GENERATE_VERIFY_MAC: Final = "GENERATE_VERIFY_MAC"
KEY_AGREEMENT: Final = "KEY_AGREEMENT"
ENCAPSULATE_DECAPSULATE: Final = "ENCAPSULATE_DECAPSULATE"


class Kind(Enum):
    """The kind of a key: each has a module that generates and uses it."""

    SYMMETRIC = "symmetric"
    HMAC = "HMAC"
    RSA = "RSA"
    ELLIPTIC_CURVE = "elliptic curve"
    EDWARDS_CURVE = "Edwards curve"
    ML_DSA = "ML-DSA"
    ML_KEM = "ML-KEM"

    @property
    def asymmetric(self) -> bool:
        """Whether such a key has a public half."""
        return self not in (Kind.SYMMETRIC, Kind.HMAC)


class Work(StrEnum):
    """What can be done with key material."""

    GENERATE = "generate"
    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"
    SIGN = "sign"
    VERIFY = "verify"
    GENERATE_MAC = "generate a MAC"
    VERIFY_MAC = "verify a MAC"
    AGREE = "agree"
    ENCAPSULATE = "encapsulate"
    DECAPSULATE = "decapsulate"
    SHOW_PUBLIC_KEY = "show the public key"


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One key spec: its name, the algorithms of each of its usages, its sizes in bytes.

    `parameters` is the standard's name of the parameter set: an RSA modulus in bits, a curve, a
    hash. `slow` is the work that takes over about 100 µs (performance.md), which belongs beside
    an event loop. `unavailable` algorithms are KMS's and not served.
    """

    name: str
    kind: Kind
    parameters: str
    algorithms: Mapping[str, tuple[str, ...]]  # key usage -> algorithm names
    material_sizes: tuple[int, int]  # the shortest material, which is what is drawn; the longest
    import_size: int  # the longest form in which material is imported: as it is, or PKCS#8 in DER
    plaintext_limits: Mapping[str, int]  # algorithm -> the longest Plaintext of one Encrypt call
    slow: frozenset[Work]
    unavailable: frozenset[str] = frozenset()

    @property
    def usages(self) -> tuple[str, ...]:
        """The key usages a key of this spec may be created for, the default first."""
        return tuple(self.algorithms)

    def fits(self, material_size: int) -> bool:
        """Whether material of this spec can have this size."""
        least, most = self.material_sizes
        return least <= material_size <= most


_OAEP_HASH_SIZES: Final = MappingProxyType({"RSAES_OAEP_SHA_1": 20, "RSAES_OAEP_SHA_256": 32})
_RSA_SIGNATURES: Final = tuple(
    f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)
)
_NEVER: Final[frozenset[Work]] = frozenset()


def _symmetric() -> KeySpec:
    """AES-256-GCM; KMS API reference, Encrypt: a Plaintext of 1 to 4096 bytes."""
    return KeySpec(
        name="SYMMETRIC_DEFAULT",
        kind=Kind.SYMMETRIC,
        parameters="AES-256",
        algorithms=MappingProxyType({ENCRYPT_DECRYPT: ("SYMMETRIC_DEFAULT",)}),
        material_sizes=(32, 32),
        import_size=32,
        plaintext_limits=MappingProxyType({"SYMMETRIC_DEFAULT": 4096}),
        slow=_NEVER,
    )


def _rsa(bits: int) -> KeySpec:
    """Material is PKCS#8 in DER; OAEP takes the modulus less two hashes and 2 (RFC 8017 7.1.1)."""
    limits = {name: bits // 8 - 2 * size - 2 for name, size in _OAEP_HASH_SIZES.items()}
    return KeySpec(
        name=f"RSA_{bits}",
        kind=Kind.RSA,
        parameters=str(bits),
        algorithms=MappingProxyType({ENCRYPT_DECRYPT: tuple(limits), SIGN_VERIFY: _RSA_SIGNATURES}),
        material_sizes=(bits // 2, bits * 5 // 8),  # nine integers, 4.5 moduli, and their frame
        import_size=bits * 5 // 8,
        plaintext_limits=MappingProxyType(limits),
        slow=frozenset({Work.GENERATE, Work.DECRYPT, Work.SIGN}),
    )


def _curve(
    name: str, curve: str, sizes: tuple[int, int], signature: str, slow: frozenset[Work]
) -> KeySpec:
    """Material is the private scalar in as many bytes as the curve's field has (RFC 5915).

    `sizes` are that, and the size of its PKCS#8 with the public key in it.
    """
    size, import_size = sizes
    algorithms = {SIGN_VERIFY: (signature,)}
    if name.startswith("ECC_NIST"):
        algorithms[KEY_AGREEMENT] = ("ECDH",)
    return KeySpec(
        name=name,
        kind=Kind.ELLIPTIC_CURVE,
        parameters=curve,
        algorithms=MappingProxyType(algorithms),
        material_sizes=(size, size),
        import_size=import_size,
        plaintext_limits=MappingProxyType({}),
        slow=slow,
    )


def _edwards() -> KeySpec:
    """Material is the seed of RFC 8032. `cryptography` has no Ed25519ph."""
    return KeySpec(
        name="ECC_NIST_EDWARDS25519",
        kind=Kind.EDWARDS_CURVE,
        parameters="Ed25519",
        algorithms=MappingProxyType({SIGN_VERIFY: ("ED25519_SHA_512",)}),
        material_sizes=(32, 32),
        import_size=48,
        plaintext_limits=MappingProxyType({}),
        slow=frozenset({Work.VERIFY}),
        unavailable=frozenset({"ED25519_PH_SHA_512"}),
    )


def _hmac(bits: int, longest: int) -> KeySpec:
    """Material is the key, drawn as long as the hash; imported keys may be longer."""
    return KeySpec(
        name=f"HMAC_{bits}",
        kind=Kind.HMAC,
        parameters=f"sha{bits}",
        algorithms=MappingProxyType({GENERATE_VERIFY_MAC: (f"HMAC_SHA_{bits}",)}),
        material_sizes=(bits // 8, longest),
        import_size=longest,
        plaintext_limits=MappingProxyType({}),
        slow=_NEVER,
    )


def _ml_dsa(number: int) -> KeySpec:
    """Material is the seed ξ of FIPS 204 section 5.1."""
    return KeySpec(
        name=f"ML_DSA_{number}",
        kind=Kind.ML_DSA,
        parameters=f"ML-DSA-{number}",
        algorithms=MappingProxyType({SIGN_VERIFY: ("ML_DSA_SHAKE_256",)}),
        material_sizes=(32, 32),
        import_size=54,
        plaintext_limits=MappingProxyType({}),
        slow=frozenset({Work.SIGN, Work.VERIFY}),
    )


def _ml_kem(number: int) -> KeySpec:
    """Material is the seed d || z of FIPS 203 section 7.1."""
    return KeySpec(
        name=f"ML_KEM_{number}",
        kind=Kind.ML_KEM,
        parameters=f"ML-KEM-{number}",
        algorithms=MappingProxyType({ENCAPSULATE_DECAPSULATE: ("ML_KEM",)}),
        material_sizes=(64, 64),
        import_size=86,
        plaintext_limits=MappingProxyType({}),
        slow=_NEVER,
    )


_ALL_OF_A_CURVE: Final = frozenset({Work.GENERATE, Work.SIGN, Work.VERIFY, Work.AGREE})

SYMMETRIC_DEFAULT: Final = _symmetric()

KEY_SPECS: Final[Mapping[str, KeySpec]] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            SYMMETRIC_DEFAULT,
            _hmac(224, longest=64),
            _hmac(256, longest=64),
            _hmac(384, longest=128),
            _hmac(512, longest=128),
            _rsa(2048),
            _rsa(3072),
            _rsa(4096),
            _curve("ECC_NIST_P256", "secp256r1", (32, 138), "ECDSA_SHA_256", _NEVER),
            _curve("ECC_NIST_P384", "secp384r1", (48, 185), "ECDSA_SHA_384", _ALL_OF_A_CURVE),
            _curve("ECC_NIST_P521", "secp521r1", (66, 241), "ECDSA_SHA_512", _ALL_OF_A_CURVE),
            _curve("ECC_SECG_P256K1", "secp256k1", (32, 135), "ECDSA_SHA_256", _ALL_OF_A_CURVE),
            _edwards(),
            _ml_dsa(44),
            _ml_dsa(65),
            _ml_dsa(87),
            _ml_kem(768),
            _ml_kem(1024),
        )
    }
)
