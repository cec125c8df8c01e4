"""Which quota a request counts against: its operation's own, or that of the kind of key it uses."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crypto.specs import Kind
from node.quotas import published

CRYPTOGRAPHIC: Final = frozenset(
    {
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""The operations that share a quota for each kind of key."""

PAIRS: Final = frozenset({"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"})

_OF_KIND: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.SYMMETRIC: published.SYMMETRIC,
        Kind.HMAC: published.SYMMETRIC,
        Kind.RSA: published.RSA,
        Kind.ELLIPTIC_CURVE: published.ECC,
        Kind.EDWARDS_CURVE: published.ECC,
        Kind.ML_DSA: published.ML_DSA,
        Kind.ML_KEM: published.ML_KEM,
    }
)
_OF_PAIR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "RSA_2048": published.PAIRS_RSA_2048,
        "RSA_3072": published.PAIRS_RSA_3072,
        "RSA_4096": published.PAIRS_RSA_4096,
    }
)
_ML_PREFIX: Final = "ML_"


def quota_of(operation: str, kind: Kind, pair_spec: str | None = None) -> str:
    """The name of the quota. `kind` is that of the key, symmetric where a request names none."""
    if operation in CRYPTOGRAPHIC:
        return _OF_KIND[kind]
    if operation not in PAIRS:
        return operation
    if pair_spec is not None and pair_spec.startswith(_ML_PREFIX):
        return published.PAIRS_ML
    return _OF_PAIR.get(pair_spec or "", published.PAIRS_ECC)
