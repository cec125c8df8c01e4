"""Every operation counts against a quota that KMS publishes, by name."""

from __future__ import annotations

import pytest

from crypto.specs import KEY_SPECS, Kind
from node.quotas.charges import CRYPTOGRAPHIC, PAIRS, quota_of
from node.quotas.published import RATES, published_rates
from node.wire.operation_names import OPERATION_NAMES


def test_no_operation_is_without_a_quota_and_no_quota_without_an_operation() -> None:
    used = {quota_of(name, kind) for name in OPERATION_NAMES for kind in Kind}
    used |= {quota_of(name, Kind.SYMMETRIC, spec) for name in PAIRS for spec in KEY_SPECS}
    assert used == set(RATES)
    assert all(rate > 0 for rate in RATES.values())
    assert CRYPTOGRAPHIC | PAIRS <= OPERATION_NAMES


@pytest.mark.parametrize(
    ("operation", "kind", "pair", "quota"),
    [
        ("Decrypt", Kind.SYMMETRIC, None, "Symmetric"),
        ("GenerateMac", Kind.HMAC, None, "Symmetric"),
        ("Decrypt", Kind.RSA, None, "RSA"),
        ("Sign", Kind.EDWARDS_CURVE, None, "ECC"),
        ("DeriveSharedSecret", Kind.ELLIPTIC_CURVE, None, "ECC"),
        ("Sign", Kind.ML_DSA, None, "ML_DSA"),
        ("GenerateDataKeyPair", Kind.SYMMETRIC, "RSA_4096", "GenerateDataKeyPair_RSA_4096"),
        ("GenerateDataKeyPair", Kind.SYMMETRIC, "ECC_NIST_P256", "GenerateDataKeyPair_ECC"),
        ("DescribeKey", Kind.RSA, None, "DescribeKey"),
    ],
)
def test_what_counts_against_what(operation: str, kind: Kind, pair: str | None, quota: str) -> None:
    assert quota_of(operation, kind, pair) == quota


def test_regions_differ_in_the_shared_quota_alone() -> None:
    """KMS Developer Guide, "Request quotas": three tiers of regions."""
    found = {name: published_rates(name) for name in ("us-east-1", "eu-central-1", "sa-east-1")}
    shared = [rates.pop("Symmetric") for rates in found.values()]
    assert shared == [100_000, 20_000, 10_000]
    assert found["us-east-1"] == found["eu-central-1"] == found["sa-east-1"]
