"""A replica of a region's Valkey server that lags, and takes its place when it is lost."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis

from node.cluster.addresses import free_addresses
from node.cluster.binaries import find_stream_server
from tests.harness.cluster import Cluster, eventually


class Standby:
    """A real replica (REPLICAOF) of a region's server."""

    def __init__(self, cluster: Cluster, region: str, folder: Path, port: int) -> None:
        self._cluster = cluster
        self._region = region
        self._folder = folder
        self._port = port
        primary = cluster.local.regions[region].address.stream_port
        self._process = subprocess.Popen(
            [
                str(find_stream_server()),
                *("--port", str(port), "--dir", str(folder), "--bind", "127.0.0.1"),
                *("--appendonly", "yes", "--save", "", "--replicaof", "127.0.0.1", str(primary)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._in_step, "the replica does not follow its primary")

    def lag(self) -> None:
        """Copy nothing from now on."""
        self._process.send_signal(signal.SIGSTOP)

    def take_over(self) -> None:
        """The primary is lost; what the replica has is served in its place."""
        local = self._cluster.local.regions[self._region]
        self._cluster.kill_stream(self._region)
        self.end()
        served = self._cluster.local.folder.region(self._region).stream_folder
        for part in served.glob("appendonlydir"):
            shutil.rmtree(part)
        shutil.copytree(self._folder / "appendonlydir", served / "appendonlydir")
        self._cluster.start_stream(local.name)

    def end(self) -> None:
        """End the replica's process."""
        self._process.kill()
        self._process.wait()

    def _in_step(self) -> bool:
        try:
            with closing(redis.Redis(port=self._port, socket_timeout=1)) as server:
                known = server.info("replication")
        except redis.RedisError:
            return False
        return bool(known["role"] == "slave" and known["master_link_status"] == "up")


@contextmanager
def standby(cluster: Cluster, region: str, folder: Path) -> Iterator[Standby]:
    """A replica that is in step, while the block runs."""
    folder.mkdir()
    (address,) = free_addresses((region,))
    made = Standby(cluster, region, folder, address.stream_port)
    try:
        yield made
    finally:
        made.end()
