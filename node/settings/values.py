"""What a node is told at its start, as frozen values.

They are read once (`read.py`) and passed to whatever needs them; nothing else in the program looks
at a configuration file or at the environment. Secrets that lie in them (the administrator's secret
access key, a password in a stream's URL) are left out of every `repr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from crypto.identity import PublicIdentity, RegionIdentity
from crypto.sealing import RootKeyRing
from node.settings.audit import AuditSettings
from node.settings.quotas import QuotaSettings
from node.settings.streams import without_password
from node.wire.limits import DEFAULT_LIMITS, Limits

__all__ = ["WORKERS_MOST", "Administrator", "ClusterSettings", "NodeSettings", "RegionSettings"]

WORKERS_MOST: Final = 256
"""Worker processes of one node: more is a mistake of whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """The principal that exists before any other: it may do everything in its account.

    `access_key_id` and `secret_access_key` have the form of AWS access keys, so that every SDK
    takes them; `principal` is its ARN.
    """

    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    principal: str


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """One region as every other region knows it.

    `endpoint` is where its node answers clients; `stream` is the URL of its Redis-compatible
    server and may hold a password, so it is for the client library alone: show `stream_shown`.
    """

    region: str
    endpoint: str
    stream: str = field(repr=False)
    identity: PublicIdentity

    @property
    def stream_shown(self) -> str:
        """The stream's URL with its password hidden, for logs and status."""
        return without_password(self.stream)


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """All regions of one cluster, in the order of the cluster file; the mapping is read-only."""

    account: str
    regions: Mapping[str, RegionSettings]

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", MappingProxyType(dict(self.regions)))


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """Everything that one region's node is started with.

    `store_file` is the key store's. `log_retention_entries` is how many entries the log keeps for
    a region that has not read them, beside answers to resync requests (D5); a region that was away
    for longer resyncs from state. `replicate_wait_seconds` is how long ReplicateKey waits for the
    other region before it answers that the replica is still being created. `compare_seconds` is
    how often the region compares what it holds with its peers. `workers` is how many processes
    answer its requests.
    """

    region: str
    cluster: ClusterSettings
    host: str
    port: int
    store_file: Path
    identity: RegionIdentity
    root_keys: RootKeyRing
    administrator: Administrator
    audit: AuditSettings
    log_retention_entries: int = 100_000
    replicate_wait_seconds: float = 1.0
    compare_seconds: float = 30.0
    quotas: QuotaSettings = field(default_factory=QuotaSettings)
    limits: Limits = DEFAULT_LIMITS
    workers: int = 1

    @property
    def peers(self) -> Mapping[str, RegionSettings]:
        """The other regions of the cluster, in the order of the cluster file."""
        others = {name: each for name, each in self.cluster.regions.items() if name != self.region}
        return MappingProxyType(others)

    @property
    def clock_file(self) -> Path:
        """Where a movable clock keeps how far it was moved: beside the key store."""
        return self.store_file.with_name(f"{self.store_file.name}.clock")

    def with_quotas(self, rates: Mapping[str, float]) -> NodeSettings:
        """The same, with these request quotas in the place of those of the same names."""
        requests = {**self.quotas.requests, **rates}
        return replace(self, quotas=replace(self.quotas, requests=requests))

    def with_workers(self, number: int) -> NodeSettings:
        """The same, with so many worker processes."""
        return replace(self, workers=number)

    def reaching(self, streams: Mapping[str, str]) -> NodeSettings:
        """The same, with some peers' streams reached at other URLs than the cluster file says: by
        a tunnel, or through the links of `keyspan up --links`."""
        regions = {
            name: replace(each, stream=streams.get(name, each.stream))
            for name, each in self.cluster.regions.items()
        }
        return replace(self, cluster=replace(self.cluster, regions=regions))
