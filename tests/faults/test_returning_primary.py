"""A region that comes back while another leads does not speak as the primary that it was.

What it acknowledged so would be lost when it finds out; `keyspan drill failback` found that it did.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.harness.cluster import Cluster, error_code, eventually

pytestmark = pytest.mark.processes

RETURNS = 2


def test_it_acknowledges_no_change(fresh_cluster: Cluster) -> None:
    cluster = fresh_cluster
    lost, heir, third = cluster.names
    key_id = cluster.replicated_key(lost, [heir, third])
    for days in range(100, 100 + RETURNS):
        cluster.kill_node(lost)
        request = {"from_region": lost, "key_ids": None}
        cluster.local.client.call(heir, cluster.endpoint(heir), "Promote", request)
        change = partial(
            cluster.kms(lost).enable_key_rotation, KeyId=key_id, RotationPeriodInDays=days
        )
        cluster.local.regions[lost].node.start()
        answers = partial(cluster.local.client.healthy, cluster.endpoint(lost))
        while not answers():
            pass  # not a moment later
        assert error_code(change) == "UnsupportedOperationException"
        cluster.kms(heir).update_primary_region(KeyId=key_id, PrimaryRegion=lost)
        eventually(partial(_leads, cluster, lost, key_id), f"{lost} does not lead again")


def _leads(cluster: Cluster, region: str, key_id: str) -> bool:
    metadata = cluster.kms(region).describe_key(KeyId=key_id)["KeyMetadata"]
    enabled = metadata["KeyState"] == "Enabled"
    return bool(enabled and metadata["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY")
