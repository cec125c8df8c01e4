"""A region's SQLite file as another process sees it: what is committed, and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.harness.cluster import Cluster


class StoreFile:
    """A read-only connection, good for many quick looks from one thread."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    def close(self) -> None:
        self._connection.close()

    def last(self) -> int:
        """The number of the last entry of the region's own log."""
        (sequence,) = self._connection.execute("SELECT sequence FROM log").fetchone()
        return int(sequence)

    def makers_of_session_keys(self) -> list[str]:
        """The region that made it, of each session key."""
        found = self._connection.execute("SELECT region FROM facts WHERE fact LIKE 'sessions%'")
        return [str(region) for (region,) in found]

    def keys_after(self, row: int) -> list[tuple[int, str]]:
        """The keys that were added after a row, as (row, key ID) in the order of their coming."""
        found = self._connection.execute(
            "SELECT rowid, key_id FROM keys WHERE rowid > ? ORDER BY rowid", (row,)
        )
        return [(int(number), str(key_id)) for number, key_id in found]


@contextmanager
def store_file(cluster: Cluster, region: str) -> Iterator[StoreFile]:
    """The file of a node that runs."""
    with closing(StoreFile(cluster.local.folder.region(region).store_file)) as file:
        yield file


def last_committed(cluster: Cluster, region: str, scratch: Path) -> int:
    """The number of the last entry that a dead node had committed.

    Looks at a copy: opening the files themselves would recover and checkpoint them, which is the
    next node's business.
    """
    source = cluster.local.folder.region(region).store_file
    scratch.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{source}{suffix}", scratch / f"copy{suffix}")
    with closing(sqlite3.connect(scratch / "copy")) as connection:
        (sequence,) = connection.execute("SELECT sequence FROM log").fetchone()
    for left in scratch.glob("copy*"):
        left.unlink()
    return int(sequence)
