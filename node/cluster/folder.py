"""Where everything lies in a cluster's folder; the only place that knows the names.

DIR/cluster.toml             the regions, their endpoints, streams and public identities
DIR/credentials.json         0600, the administrator's access key
DIR/up.json                  while the cluster runs: who runs it, and which processes
DIR/us-east-1/node.toml      one node's settings
DIR/us-east-1/identity.key   0600      root.key   0600      keys.sqlite (-wal, -shm)
DIR/us-east-1/keys.sqlite.clock   how far its clock was moved, if it was (node/clock.py)
DIR/us-east-1/audit/         the files of its audit trail
DIR/us-east-1/stream/        the folder of the region's Valkey server
DIR/us-east-1/node.log       DIR/us-east-1/stream.log
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ClusterFolder", "RegionFolder"]


@dataclass(frozen=True, slots=True)
class RegionFolder:
    """The folder of one region."""

    root: Path

    @property
    def node_file(self) -> Path:
        return self.root / "node.toml"

    @property
    def identity_file(self) -> Path:
        return self.root / "identity.key"

    @property
    def root_key_file(self) -> Path:
        return self.root / "root.key"

    @property
    def store_file(self) -> Path:
        return self.root / "keys.sqlite"

    @property
    def clock_file(self) -> Path:
        return self.root / "keys.sqlite.clock"

    @property
    def node_log(self) -> Path:
        return self.root / "node.log"

    @property
    def stream_folder(self) -> Path:
        return self.root / "stream"

    @property
    def stream_file(self) -> Path:
        return self.stream_folder / "valkey.conf"

    @property
    def stream_log(self) -> Path:
        return self.root / "stream.log"


@dataclass(frozen=True, slots=True)
class ClusterFolder:
    """The folder of a cluster."""

    root: Path

    @property
    def cluster_file(self) -> Path:
        return self.root / "cluster.toml"

    @property
    def credentials_file(self) -> Path:
        return self.root / "credentials.json"

    @property
    def up_file(self) -> Path:
        return self.root / "up.json"

    def region(self, name: str) -> RegionFolder:
        return RegionFolder(self.root / name)

    def exists(self) -> bool:
        """Whether a cluster was made here; the cluster file is written last."""
        return self.cluster_file.is_file()
