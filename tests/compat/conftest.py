"""What the tests with clients share."""

from __future__ import annotations

import pytest

from tests.compat.clients.places import Places
from tests.harness.cluster import Cluster


@pytest.fixture(scope="module")
def places(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Where the module's regions are, as clients of AWS are told it."""
    return Places(cluster, tmp_path_factory.mktemp("places"))


@pytest.fixture(scope="module")
def keys(cluster: Cluster) -> dict[str, str]:
    """The ARNs of one multi-Region key that all regions hold, the primary's region first."""
    home, *others = cluster.names
    key_id = cluster.replicated_key(home, others)
    return {
        region: f"arn:aws:kms:{region}:{cluster.account}:key/{key_id}" for region in cluster.names
    }


@pytest.fixture(scope="module")
def other_key(cluster: Cluster) -> str:
    """The ARN of another key, which never encrypted anything."""
    home = cluster.names[0]
    return str(cluster.kms(home).create_key(MultiRegion=True)["KeyMetadata"]["Arn"])
