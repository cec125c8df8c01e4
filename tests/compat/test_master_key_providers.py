"""The AWS Encryption SDK for Python by its master key providers, those that know multi-Region keys.

The older interface beside the keyrings of test_encryption_sdk.py; clients are made by the provider
itself, from a botocore session whose profile names the region.
"""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from aws_encryption_sdk import EncryptionSDKClient
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from aws_encryption_sdk.key_providers.kms import (
    DiscoveryAwsKmsMasterKeyProvider,
    DiscoveryFilter,
    MRKAwareDiscoveryAwsKmsMasterKeyProvider,
    MRKAwareStrictAwsKmsMasterKeyProvider,
    StrictAwsKmsMasterKeyProvider,
)

from tests.compat.clients.places import Places
from tests.harness.cluster import Cluster

TEXT = b"by the older interface " * 1000
CONTEXT = {"purpose": "compatibility"}


@pytest.fixture(autouse=True)
def configured(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 finds the regions by their profiles."""
    for name, value in places.variables().items():
        monkeypatch.setenv(name, value)


def session(region: str) -> Any:
    return botocore.session.Session(profile=region)


def strict(region: str, key: str) -> Any:
    return MRKAwareStrictAwsKmsMasterKeyProvider(key_ids=[key], botocore_session=session(region))


def discovery(region: str, *accounts: str) -> Any:
    return MRKAwareDiscoveryAwsKmsMasterKeyProvider(
        discovery_region=region,
        discovery_filter=DiscoveryFilter(account_ids=list(accounts), partition="aws"),
        botocore_session=session(region),
    )


def opened(message: bytes, provider: Any) -> bytes:
    plaintext, header = EncryptionSDKClient().decrypt(source=message, key_provider=provider)
    assert CONTEXT.items() <= header.encryption_context.items()
    return bytes(plaintext)


@pytest.fixture
def message(keys: dict[str, str]) -> bytes:
    """Encrypted under the key of the first region."""
    home = next(iter(keys))
    sealed, _ = EncryptionSDKClient().encrypt(
        source=TEXT, key_provider=strict(home, keys[home]), encryption_context=CONTEXT
    )
    return bytes(sealed)


def test_a_provider_of_every_region_opens_it(message: bytes, keys: dict[str, str]) -> None:
    for region, key in keys.items():
        assert opened(message, strict(region, key)) == TEXT


def test_discovery_finds_the_related_key(
    message: bytes, keys: dict[str, str], cluster: Cluster
) -> None:
    for region in keys:
        assert opened(message, discovery(region, cluster.account)) == TEXT


def test_a_discovery_filter_keeps_other_accounts_out(message: bytes, cluster: Cluster) -> None:
    for region in cluster.names:
        with pytest.raises(AWSEncryptionSDKClientError):
            opened(message, discovery(region, "444455556666"))


def test_providers_that_know_no_related_keys(
    message: bytes, keys: dict[str, str], cluster: Cluster
) -> None:
    home, near, _ = cluster.names
    plain = StrictAwsKmsMasterKeyProvider(key_ids=[keys[home]], botocore_session=session(home))
    assert opened(message, plain) == TEXT
    elsewhere = StrictAwsKmsMasterKeyProvider(key_ids=[keys[near]], botocore_session=session(near))
    with pytest.raises(AWSEncryptionSDKClientError):
        opened(message, elsewhere)
    with pytest.raises(AWSEncryptionSDKClientError):  # it asks the region that the message names
        opened(message, DiscoveryAwsKmsMasterKeyProvider(botocore_session=session(near)))


def test_a_disabled_replica_opens_nothing_and_the_others_go_on(
    message: bytes, keys: dict[str, str], cluster: Cluster
) -> None:
    _, near, far = cluster.names
    cluster.kms(near).disable_key(KeyId=keys[near])
    try:
        with pytest.raises(AWSEncryptionSDKClientError):
            opened(message, strict(near, keys[near]))
        assert opened(message, strict(far, keys[far])) == TEXT
    finally:
        cluster.kms(near).enable_key(KeyId=keys[near])


def test_another_key_opens_nothing(message: bytes, other_key: str, cluster: Cluster) -> None:
    with pytest.raises(AWSEncryptionSDKClientError):
        opened(message, strict(cluster.names[0], other_key))
