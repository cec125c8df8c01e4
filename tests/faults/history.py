"""Everything that was ever written to a region's stream, read from its server's own AOF.

An append-only file holds each write command in the order in which the server carried it out (Valkey
documentation, "Persistence"), also those whose entries were trimmed since. So it shows what a look
at the stream cannot: whether an entry was ever doubled, altered or left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crypto.identity import PublicIdentity
from node.settings import read_cluster_settings
from replication.entries import Entry, StreamEntry, stream_id, verify_entry
from replication.payloads import RelatedKeysChanged, ResyncBegun, ResyncEnded, ResyncRequested
from replication.position import genesis
from replication.redis_stream import log_key
from tests.harness.cluster import Cluster


@dataclass
class History:
    """What was written to one stream. `entries` has each sequence number's bytes once: written()
    fails for a number that was written again with other bytes, or out of order."""

    region: str
    entries: dict[int, bytes] = field(default_factory=dict)
    rewrites: int = 0

    def written(self, stream: dict[int, bytes], number: int, data: bytes) -> None:
        """An entry was added to the end of `stream`."""
        last = next(reversed(stream), None)
        assert last is None or number == last + 1, f"{self.region}: {number} after {last}"
        assert self.entries.setdefault(number, data) == data, f"{self.region}: {number} was altered"
        stream[number] = data


def read_history(cluster: Cluster, region: str) -> History:
    """The history of a region's stream, on a server that nobody but the node wrote to."""
    history = History(region)
    key, rewritten = log_key(region).encode(), f"{log_key(region)}:rewritten".encode()
    streams: dict[bytes, dict[int, bytes]] = {key: {}, rewritten: {}}
    for command, *arguments in _commands(_aof(cluster, region)):
        match command.upper():
            case b"XADD":
                name, identifier, _, data = arguments
                number, _, rest = identifier.partition(b"-")
                assert rest == b"0", f"{region}: {identifier!r} was written"
                history.written(streams[name], int(number), data)
            case b"RENAME":
                streams[arguments[1]] = streams.pop(arguments[0])
                streams[rewritten] = {}
                history.rewrites += 1
            case b"DEL" | b"UNLINK":
                streams[arguments[0]] = {}
            case b"SELECT" | b"XTRIM" | b"MULTI" | b"EXEC":
                pass
            case _:
                raise AssertionError(f"{region}: the node sent {command!r}")
    return history


def check_history(cluster: Cluster, region: str) -> list[Entry]:
    """Each entry of the region's log was written, once, with the numbers 1, 2, 3 and no gap; signed
    by the region and chained. Returns the entries."""
    history = read_history(cluster, region)
    last = cluster.status(region).log.last
    assert sorted(history.entries) == list(range(1, last + 1)), f"{region}: numbers are missing"
    identity = _identity(cluster, region)
    records = [
        StreamEntry(stream_id(number), data) for number, data in sorted(history.entries.items())
    ]
    entries = [verify_entry(identity, record) for record in records]
    digest = genesis(region, entries[0].log_id)
    for entry, record in zip(entries, records, strict=True):
        assert entry.previous == digest, f"{region}: {entry.sequence} does not follow"
        digest = hashlib.sha256(record.data).digest()
    return entries


def changes(entries: Sequence[Entry]) -> list[RelatedKeysChanged]:
    """The changes that the entries tell of, without what was sent again in answer to a resync."""
    found: list[RelatedKeysChanged] = []
    resyncing = False
    for entry in entries:
        match entry.payload:
            case ResyncBegun():
                resyncing = True
            case ResyncEnded():
                resyncing = False
            case RelatedKeysChanged() as change if not resyncing:
                found.append(change)
            case _:
                pass
    return found


def resyncs_asked(entries: Sequence[Entry]) -> int:
    """How often the region asked another for its state."""
    return sum(isinstance(entry.payload, ResyncRequested) for entry in entries)


def _identity(cluster: Cluster, region: str) -> PublicIdentity:
    return read_cluster_settings(cluster.local.folder.cluster_file).regions[region].identity


def _aof(cluster: Cluster, region: str) -> bytes:
    folder = cluster.local.folder.region(region).stream_folder / "appendonlydir"
    files: list[Path] = sorted(folder.glob("*.incr.aof"))
    assert len(files) == 1, f"the AOF of {region} was rewritten: {files}"
    return files[0].read_bytes()


def _commands(data: bytes) -> Iterator[list[bytes]]:
    """The commands of an AOF: arrays of bulk strings (Valkey documentation, "RESP protocol")."""
    at = 0
    while at < len(data):
        count, at = _number(data, at, b"*")
        words = []
        for _ in range(count):
            size, at = _number(data, at, b"$")
            words.append(data[at : at + size])
            at += size + 2
        yield words


def _number(data: bytes, at: int, mark: bytes) -> tuple[int, int]:
    end = data.index(b"\r\n", at)
    assert data[at : at + 1] == mark
    return int(data[at + 1 : end]), end + 2
