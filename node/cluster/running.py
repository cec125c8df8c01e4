"""From a folder to a running cluster, and back to a folder.

The order matters: the folder is made, then locked, then brought in step with the addresses asked
for; only then are ports tried and processes started, and whatever was started is ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crypto.material import Randomness
from node.cluster.addresses import RegionAddress, refuse_busy_ports
from node.cluster.binaries import find_stream_server
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster, update_cluster
from node.cluster.folder import ClusterFolder
from node.cluster.local import PLAIN, LocalCluster, Options
from node.cluster.lock import hold

__all__ = ["running"]


@contextmanager
def running(
    folder: ClusterFolder,
    addresses: Sequence[RegionAddress],
    randomness: Randomness,
    options: Options = PLAIN,
) -> Iterator[LocalCluster]:
    """The folder's cluster, made if need be, started and answering; it is ended after the block.

    Raises ClusterError when another process runs the folder, a port is busy, a region of the
    folder is left out, or a process does not start; SettingsError when a file of it is wrong.
    """
    server = find_stream_server()
    if not folder.exists():
        create_cluster(folder, addresses, DEFAULT_ACCOUNT, randomness)
    with hold(folder):
        update_cluster(folder, addresses, randomness)
        refuse_busy_ports(addresses)
        cluster = LocalCluster(folder, addresses, server, options)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
