"""Clusters on one machine, as a library: `keyspan up`, the demo, the tests and drills use it.

`create.py` makes a cluster's folder, `running.py` runs it, `local.py` starts, kills and restarts
its processes one by one, `client.py` asks its nodes how they are.
"""

from __future__ import annotations

from node.cluster.addresses import RegionAddress, addresses_from, free_addresses
from node.cluster.errors import ClusterError
from node.cluster.folder import ClusterFolder
from node.cluster.local import LocalCluster, LocalRegion, Options
from node.cluster.running import running
from node.cluster.service import Service
from node.cluster.waiting import eventually

__all__ = [
    "ClusterError",
    "ClusterFolder",
    "LocalCluster",
    "LocalRegion",
    "Options",
    "RegionAddress",
    "Service",
    "addresses_from",
    "eventually",
    "free_addresses",
    "running",
]
