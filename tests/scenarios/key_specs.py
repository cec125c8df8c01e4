"""What KMS says of each key spec and usage: a second copy, typed anew from the documentation.

KMS Developer Guide, "Key spec reference"; KMS API Reference, CreateKey and KeyMetadata.
"""

from __future__ import annotations

from tests.scenarios.client import Kms

RSA = ["RSA_2048", "RSA_3072", "RSA_4096"]
HMAC = ["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"]
ML_DSA = ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]
ML_KEM = ["ML_KEM_768", "ML_KEM_1024"]
NIST_CURVES = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
}
RSA_SIGNING = [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
]
RSA_ENCRYPTION = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]

MEMBERS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}

ALGORITHMS: dict[tuple[str, str], list[str]] = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): ["SYMMETRIC_DEFAULT"],
    **{(spec, "ENCRYPT_DECRYPT"): RSA_ENCRYPTION for spec in RSA},
    **{(spec, "SIGN_VERIFY"): RSA_SIGNING for spec in RSA},
    **{(spec, "SIGN_VERIFY"): [name] for spec, name in NIST_CURVES.items()},
    **{(spec, "KEY_AGREEMENT"): ["ECDH"] for spec in NIST_CURVES},
    ("ECC_SECG_P256K1", "SIGN_VERIFY"): ["ECDSA_SHA_256"],
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"): ["ED25519_SHA_512"],  # of the two that KMS has
    **{(spec, "GENERATE_VERIFY_MAC"): [f"HMAC_SHA_{spec[-3:]}"] for spec in HMAC},
    **{(spec, "SIGN_VERIFY"): ["ML_DSA_SHAKE_256"] for spec in ML_DSA},
    **{(spec, "ENCAPSULATE_DECAPSULATE"): ["ML_KEM"] for spec in ML_KEM},
}
"""The algorithms of each key spec for each usage that it can have."""

PAIRS = list(ALGORITHMS)
SPECS = list(dict.fromkeys(spec for spec, _ in PAIRS))
USAGES = list(MEMBERS)
SIGNING = [
    (spec, name)
    for (spec, usage), names in ALGORITHMS.items()
    for name in names
    if usage == "SIGN_VERIFY"
]


class Keys:
    """Keys of one region, made when they are first asked for."""

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._made: dict[tuple[str, str, int], str] = {}

    def __call__(self, spec: str, usage: str, number: int = 0) -> str:
        """The ID of a multi-Region key; another number, another key."""
        wanted = spec, usage, number
        if wanted not in self._made:
            key = self._kms.key(KeySpec=spec, KeyUsage=usage, MultiRegion=True)
            self._made[wanted] = key
        return self._made[wanted]

    def signing(self, spec: str, number: int = 0) -> str:
        """A key that signs."""
        return self(spec, "SIGN_VERIFY", number)
