"""One region's stream under the hands of whoever controls its server.

Works on the real server with redis-py, and knows no secret: what it can do, a tamperer can do.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from replication.entries import StreamEntry
from replication.redis_stream import FIELD, log_key
from tests.faults.store_file import store_file
from tests.harness.cluster import Cluster, eventually


class Stream:
    """A region's stream. A new connection for each use, as the server may have been killed."""

    def __init__(self, cluster: Cluster, region: str) -> None:
        self.region = region
        self.key = log_key(region)
        self._cluster = cluster

    def entries(self) -> list[StreamEntry]:
        """All that it holds."""
        with self._cluster.stream(self.region) as redis:
            found: Any = redis.xrange(self.key)
        return [StreamEntry(each.decode(), fields.get(FIELD, b"")) for each, fields in found]

    @property
    def last(self) -> int:
        """The number of its last entry; 0 when it is empty."""
        entries = self.entries()
        return int(entries[-1].id.split("-")[0]) if entries else 0

    def drop_readers(self) -> None:
        """Cut the connections that wait for an entry: the server would hand it to a frozen reader's
        socket, and nobody could tamper with it any more."""
        with self._cluster.stream(self.region) as redis:
            for client in redis.client_list():
                if client["cmd"] == "xread":
                    redis.client_kill_filter(_id=client["id"])

    def add(self, identifier: str, data: bytes, **more: bytes) -> None:
        """Add an entry, with more fields than a node writes if given."""
        fields: dict[Any, Any] = {FIELD: data, **more}
        with self._cluster.stream(self.region) as redis:
            redis.xadd(self.key, fields, id=identifier)

    def remove(self, *identifiers: str) -> None:
        """Cut entries out."""
        with self._cluster.stream(self.region) as redis:
            redis.xdel(self.key, *identifiers)

    def rewrite(self, entries: Sequence[StreamEntry]) -> None:
        """Delete the stream and write it anew, at once."""
        with self._cluster.stream(self.region) as redis, redis.pipeline() as pipeline:
            pipeline.delete(self.key)
            for entry in entries:
                pipeline.xadd(self.key, {FIELD: entry.data}, id=entry.id)
            pipeline.execute()

    def delete(self) -> None:
        """Delete the stream."""
        with self._cluster.stream(self.region) as redis:
            redis.delete(self.key)

    def flush(self) -> None:
        """Delete everything on the server."""
        with self._cluster.stream(self.region) as redis:
            redis.flushall()

    def replace_by_text(self) -> None:
        """Put a value of another type in its place."""
        with self._cluster.stream(self.region) as redis:
            redis.set(self.key, "not a stream")

    def set_last_id(self, identifier: str) -> None:
        """Claim a last ID, so that the server refuses lower ones (XSETID)."""
        with self._cluster.stream(self.region) as redis:
            redis.execute_command("XSETID", self.key, identifier)


def wait_until_published(cluster: Cluster, region: str) -> list[StreamEntry]:
    """The entries of a region's stream, once it has all that is committed."""
    stream = Stream(cluster, region)
    with store_file(cluster, region) as file:
        eventually(lambda: stream.last == file.last(), f"{region} has not published its log")
    return stream.entries()


class StreamFiles:
    """What a region's server keeps on disk: its append-only files, and nothing else."""

    def __init__(self, cluster: Cluster, region: str) -> None:
        self._folder = cluster.local.folder.region(region).stream_folder / "appendonlydir"

    def copy(self, target: Path) -> None:
        """Copy the files of a server that runs. It writes them before it answers a client."""
        shutil.copytree(self._folder, target)

    def restore(self, source: Path) -> None:
        """Put a copy in the place of a dead server's files."""
        self.empty()
        shutil.copytree(source, self._folder)

    def empty(self) -> None:
        """Remove a dead server's files."""
        shutil.rmtree(self._folder)

    def cut(self, size: int) -> None:
        """Cut a dead server's files off after so many bytes, in the middle of an entry or not."""
        with self._log.open("r+b") as file:
            file.truncate(size)

    @property
    def size(self) -> int:
        return self._log.stat().st_size

    @property
    def _log(self) -> Path:
        (log,) = self._folder.glob("*.incr.aof")
        return log
