"""The node file: one region's own settings, and the files that it names.

    region = "us-east-1"
    cluster = "../cluster.toml"
    listen = "127.0.0.1:4601"
    store = "keys.sqlite"
    identity = "identity.key"
    root_keys = ["root.key"]                  # newest first; older ones still open
    administrator = "../credentials.json"
    workers = 1                               # processes that answer requests; may be absent

    [replication]                             # may be absent, as may each setting in it
    log_retention_entries = 100000
    replicate_wait_seconds = 1.0
    compare_seconds = 30.0

    [audit]                                   # likewise; see audit.py
    durability = "sync"

    [quotas]                                  # likewise; see quotas.py
    profile = "kms"

    [limits]                                  # likewise; see limits.py
    connections = 4096

Relative paths are relative to the file. `identity` and `root_keys` also take `env:NAME`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from crypto.errors import SealError
from crypto.identity import RegionIdentity
from crypto.sealing import RootKey, RootKeyRing
from node.settings import forms
from node.settings.administrator import read_administrator
from node.settings.audit import AuditSettings, read_audit
from node.settings.cluster import read_cluster_settings
from node.settings.errors import SettingsError
from node.settings.limits import read_limits
from node.settings.quotas import read_quotas
from node.settings.secrets import SecretSource
from node.settings.table import Table, read_toml
from node.settings.values import WORKERS_MOST, Administrator, ClusterSettings, NodeSettings

__all__ = ["NodeAccess", "read_node_access", "read_node_audit", "read_node_settings"]

Decoded = TypeVar("Decoded", RegionIdentity, RootKey)

_RETAINED_ENTRIES = 100_000
_REPLICATE_WAIT_SECONDS = 1.0
_COMPARE_SECONDS = 30.0
_COMPARE_SECONDS_LEAST = 0.1


@dataclass(frozen=True, slots=True)
class NodeAccess:
    """What a client needs to talk to the nodes of a cluster as its administrator: no keys."""

    region: str
    cluster: ClusterSettings
    administrator: Administrator


def read_node_access(path: Path) -> NodeAccess:
    """Read of a node file only what a client needs; no secret key is opened.

    Raises SettingsError as `read_node_settings` does.
    """
    return _access(read_toml(path))


def read_node_settings(path: Path, environment: Mapping[str, str] | None = None) -> NodeSettings:
    """Read a node file and every file that it names, into one frozen value.

    `environment` is where `env:NAME` is looked up; without it, nothing is found there.
    Raises SettingsError, one sentence, for the first thing that is missing, wrong or unknown.
    """
    table = read_toml(path)
    access = _access(table)
    secrets = environment or {}
    host, port = table.parsed("listen", forms.listen, "give where this node listens")
    replication = table.optional_table("replication")
    store = _store(table)
    settings = NodeSettings(
        region=access.region,
        cluster=access.cluster,
        host=host,
        port=port,
        store_file=store,
        identity=_identity(table, access, secrets),
        root_keys=_root_keys(table, secrets),
        administrator=access.administrator,
        audit=read_audit(table, store.parent),
        log_retention_entries=replication.integer("log_retention_entries", _RETAINED_ENTRIES, 1),
        replicate_wait_seconds=replication.number(
            "replicate_wait_seconds", _REPLICATE_WAIT_SECONDS, 0.0
        ),
        compare_seconds=replication.number(
            "compare_seconds", _COMPARE_SECONDS, _COMPARE_SECONDS_LEAST
        ),
        quotas=read_quotas(table, access.region),
        limits=read_limits(table),
        workers=_workers(table),
    )
    replication.finish()
    table.finish()
    return settings


def _access(table: Table) -> NodeAccess:
    folder = table.path.parent
    region = table.parsed("region", forms.region, "give the region of this node")
    cluster_file = folder / Path(table.text("cluster")).expanduser()
    cluster = read_cluster_settings(cluster_file)
    if region not in cluster.regions:
        remedy = f"add [regions.{region}] there, or choose from {', '.join(cluster.regions)}"
        raise table.error("region", f"{region} is not in {cluster_file}", remedy)
    administrator = read_administrator(folder / Path(table.text("administrator")).expanduser())
    if administrator.account != cluster.account:
        problem = f"is of account {administrator.account}, and the cluster of {cluster.account}"
        raise table.error("administrator", problem, "name the credentials of this cluster")
    return NodeAccess(region, cluster, administrator)


def read_node_audit(path: Path) -> tuple[NodeAccess, AuditSettings]:
    """Read of a node file what finds and verifies its audit trail; no secret key is opened.

    Raises SettingsError as `read_node_settings` does.
    """
    table = read_toml(path)
    return _access(table), read_audit(table, _store(table).parent)


def _store(table: Table) -> Path:
    """The SQLite file. Other engines come with D11."""
    name = table.text("store")
    if "://" in name:
        remedy = "give the path of an SQLite file"
        raise table.error("store", "is a URL, and only SQLite files can be used yet", remedy)
    store = (table.path.parent / Path(name).expanduser()).resolve()
    if not store.parent.is_dir():
        raise table.error("store", f"lies in {store.parent}, which does not exist", "make it")
    return store


def _workers(table: Table) -> int:
    number = table.integer("workers", 1, 1)
    if number > WORKERS_MOST:
        raise table.error("workers", f"is {number}", f"give at most {WORKERS_MOST}")
    return number


def _identity(table: Table, access: NodeAccess, environment: Mapping[str, str]) -> RegionIdentity:
    source = SecretSource.named(table.text("identity"), table.path.parent)
    identity = _decoded(source, RegionIdentity.decode, environment)
    if identity.public != access.cluster.regions[access.region].identity:
        problem = f"{source} is not the identity that the cluster file names for {access.region}"
        raise table.error("identity", problem, "use the file made with that cluster file")
    return identity


def _root_keys(table: Table, environment: Mapping[str, str]) -> RootKeyRing:
    sources = [SecretSource.named(each, table.path.parent) for each in table.texts("root_keys")]
    keys = [_decoded(source, RootKey.decode, environment) for source in sources]
    try:
        return RootKeyRing(keys)
    except ValueError as error:
        raise table.error("root_keys", f"cannot be used: {error}", "correct the list") from None


def _decoded(
    source: SecretSource, decode: Callable[[str], Decoded], environment: Mapping[str, str]
) -> Decoded:
    try:
        return decode(source.read(environment))
    except (SealError, ValueError) as error:
        raise SettingsError(f"{source}: {error}; restore it from your backup.") from None
