"""The request quotas that KMS publishes, in requests per second for each account and region.

Source: KMS Developer Guide, "Request quotas" (kms-semantics part k). Most operations have a
quota of their own; cryptographic operations share one for each kind of key.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SYMMETRIC: Final = "Symmetric"
RSA: Final = "RSA"
ECC: Final = "ECC"
ML_DSA: Final = "ML_DSA"
ML_KEM: Final = "ML_KEM"
PAIRS_ECC: Final = "GenerateDataKeyPair_ECC"
PAIRS_RSA_2048: Final = "GenerateDataKeyPair_RSA_2048"
PAIRS_RSA_3072: Final = "GenerateDataKeyPair_RSA_3072"
PAIRS_RSA_4096: Final = "GenerateDataKeyPair_RSA_4096"
PAIRS_ML: Final = "GenerateDataKeyPair_ML"

_SYMMETRIC_ELSEWHERE: Final = 10_000.0
_SYMMETRIC_IN: Final[Mapping[str, float]] = MappingProxyType(
    {
        "us-east-1": 100_000.0,
        "us-west-2": 100_000.0,
        "eu-west-1": 100_000.0,
        "us-east-2": 20_000.0,
        "ap-southeast-1": 20_000.0,
        "ap-southeast-2": 20_000.0,
        "ap-northeast-1": 20_000.0,
        "eu-central-1": 20_000.0,
        "eu-west-2": 20_000.0,
    }
)

RATES: Final[Mapping[str, float]] = MappingProxyType(
    {
        SYMMETRIC: _SYMMETRIC_ELSEWHERE,
        RSA: 1_000.0,
        ECC: 1_000.0,
        ML_DSA: 1_000.0,
        ML_KEM: 1_000.0,  # not published: as for the other asymmetric kinds
        PAIRS_ECC: 100.0,
        PAIRS_RSA_2048: 20.0,
        PAIRS_RSA_3072: 4.0,
        PAIRS_RSA_4096: 1.0,
        PAIRS_ML: 100.0,  # not published: as for elliptic curves
        "CancelKeyDeletion": 5.0,
        "ConnectCustomKeyStore": 5.0,
        "CreateAlias": 5.0,
        "CreateCustomKeyStore": 5.0,
        "CreateGrant": 50.0,
        "CreateKey": 5.0,
        "DeleteAlias": 15.0,
        "DeleteCustomKeyStore": 5.0,
        "DeleteImportedKeyMaterial": 15.0,
        "DescribeCustomKeyStores": 5.0,
        "DescribeKey": 2_000.0,
        "DisableKey": 5.0,
        "DisableKeyRotation": 5.0,
        "DisconnectCustomKeyStore": 5.0,
        "EnableKey": 5.0,
        "EnableKeyRotation": 15.0,
        "GetKeyLastUsage": 5.0,
        "GetKeyPolicy": 1_000.0,
        "GetKeyRotationStatus": 1_000.0,
        "GetParametersForImport": 1.0,
        "GetPublicKey": 2_000.0,
        "ImportKeyMaterial": 15.0,
        "ListAliases": 500.0,
        "ListGrants": 100.0,
        "ListKeyPolicies": 100.0,
        "ListKeyRotations": 100.0,
        "ListKeys": 500.0,
        "ListResourceTags": 2_000.0,
        "ListRetirableGrants": 100.0,
        "PutKeyPolicy": 15.0,
        "ReplicateKey": 5.0,
        "RetireGrant": 50.0,
        "RevokeGrant": 50.0,
        "RotateKeyOnDemand": 5.0,
        "ScheduleKeyDeletion": 15.0,
        "TagResource": 10.0,
        "UntagResource": 5.0,
        "UpdateAlias": 5.0,
        "UpdateCustomKeyStore": 5.0,
        "UpdateKeyDescription": 5.0,
        "UpdatePrimaryRegion": 5.0,
    }
)
"""Every quota by its name; that of symmetric keys is of regions not listed above."""


def published_rates(region: str) -> dict[str, float]:
    """The quotas of a region, by name."""
    return {**RATES, SYMMETRIC: _SYMMETRIC_IN.get(region, _SYMMETRIC_ELSEWHERE)}
