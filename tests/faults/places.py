"""Where a cluster's secrets are, and every place where they must not be."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from crypto.material import KeyMaterial
from node.settings import read_node_settings
from node.store.rows import Sealer
from node.store.sql import SqlStore
from tests.faults.leaks import Secret
from tests.faults.streams import Stream
from tests.harness.cluster import Cluster

SECRET_FIELDS: Final = {"root.key": ("secret",), "identity.key": ("signing-seed", "sealing-seed")}


def true_materials(cluster: Cluster, region: str) -> Sequence[KeyMaterial]:
    """Every material that the region's store holds, opened with the region's root keys."""
    return asyncio.run(_true_materials(cluster, region))


async def _true_materials(cluster: Cluster, region: str) -> Sequence[KeyMaterial]:
    settings = read_node_settings(cluster.local.folder.region(region).node_file, os.environ)
    store = SqlStore(settings.store_file, Sealer(region, settings.root_keys, os.urandom))
    try:
        key_ids = await store.list_keys(settings.cluster.account, "", 1000)
        found = [await store.read_key(key_id) for key_id in key_ids]
    finally:
        await store.close()
    held = [material for each in found if each is not None for material in each[1].values()]
    return [material for material in held if material is not None]


def own_secrets(cluster: Cluster) -> Iterator[Secret]:
    """The administrator's secret and each region's root key and identity: each has its file."""
    secret = cluster.local.administrator.secret_access_key
    yield Secret("the administrator's secret", secret.encode(), home="credentials.json")
    for region in cluster.names:
        for file, fields in SECRET_FIELDS.items():
            text = (cluster.local.folder.root / region / file).read_text(encoding="utf-8")
            lines = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
            for field in fields:
                yield Secret(f"{file}: {field}", bytes.fromhex(lines[field]), f"{region}/{file}")


def files(cluster: Cluster) -> dict[str, bytes]:
    """Every file of the cluster. A dump of each stream server, uncompressed, is among them."""
    for region in cluster.names:
        with closing(cluster.stream(region)) as redis:
            redis.config_set("rdbcompression", "no")
            redis.save()
    root = cluster.local.folder.root
    found: list[Path] = [path for path in root.rglob("*") if path.is_file()]
    names = {path.name for path in found}
    assert {"keys.sqlite", "keys.sqlite-wal", "node.log", "stream.log", "dump.rdb"} <= names
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def stream_contents(cluster: Cluster) -> dict[str, bytes]:
    """Every key of each stream server: its raw dump, and a stream's entries."""
    places: dict[str, bytes] = {}
    for region in cluster.names:
        with closing(cluster.stream(region)) as redis:
            keys: Any = redis.keys("*")
            for key in keys:
                places[f"{region}: key {key.decode()}"] = redis.dump(key) or b""
        entries = Stream(cluster, region).entries()
        places[f"{region}: entries"] = b"".join(entry.data for entry in entries)
    return places


def processes(cluster: Cluster) -> dict[str, bytes]:
    """What every process was started with, where the system tells it."""
    return {
        f"{service.name}, {path.name}": path.read_bytes()
        for service in cluster.local.services()
        for path in Path(f"/proc/{service.pid}").glob("*")
        if path.name in ("cmdline", "environ")
    }
