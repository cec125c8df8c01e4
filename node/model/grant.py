"""A grant: a permission to use one key in one region, given beside any policy (decision D8).

Names are those of the KMS API: GrantListEntry, GrantConstraints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

GRANTS_OF_A_KEY_MOST: Final = 50_000  # KMS Developer Guide, "Resource quotas"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GrantConstraints:
    """What a request must have for the grant to allow it; None is no constraint."""

    equals: Pairs | None = None
    subset: Pairs | None = None
    source_arn: str | None = None


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What a grant says. Two grants of one name and the same terms are one grant.

    One of `grantee` and `grantee_service` is set; of the retiring two, at most one. Principals are
    ARNs, or the unique IDs of users and roles of the directory.
    """

    issuing_account: str
    operations: tuple[str, ...]
    constraints: GrantConstraints
    name: str = ""
    grantee: str | None = None
    grantee_service: str | None = None
    retiring: str | None = None
    retiring_service: str | None = None

    def as_asked(self) -> GrantTerms:
        """The same terms in one spelling: the order of operations says nothing."""
        return replace(self, operations=tuple(sorted(self.operations)))


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant on a key. `created` is epoch seconds."""

    key_id: str
    grant_id: str  # 64 lower-case hexadecimal characters
    created: float
    terms: GrantTerms


# What a grant on a key may allow (KMS Developer Guide, "Grant operations"; crypto.specs has the
# names of usages and specs)

_OF_EVERY_KEY: Final = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
_OF_ENCRYPTION: Final = frozenset({"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"})
_OF_DATA_KEYS: Final = frozenset(
    {
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
    }
)
_OF_USAGE: Final = MappingProxyType(
    {
        "ENCRYPT_DECRYPT": _OF_ENCRYPTION | {"GetPublicKey"},
        "SIGN_VERIFY": frozenset({"GetPublicKey", "Sign", "Verify"}),
        "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
        "KEY_AGREEMENT": frozenset({"DeriveSharedSecret", "GetPublicKey"}),
        "ENCAPSULATE_DECAPSULATE": frozenset({"Decapsulate", "Encapsulate", "GetPublicKey"}),
    }
)
SYMMETRIC: Final = "SYMMETRIC_DEFAULT"


def grantable(key_spec: str, key_usage: str) -> frozenset[str]:
    """The grant operations that a key of this spec and usage has."""
    if key_spec == SYMMETRIC:
        return _OF_EVERY_KEY | _OF_ENCRYPTION | _OF_DATA_KEYS
    return _OF_EVERY_KEY | _OF_USAGE[key_usage]
