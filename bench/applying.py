"""What applying another region's entries costs: a region that catches up, in this process alone.

    python -m bench.applying FOLDER ENTRIES [PROFILE]

Two regions are made in FOLDER. One gets ENTRIES multi-Region keys, each of which it offers to the
other: an entry with key material sealed to its receiver. Then the other is assembled with its real
store, and its whole replication runs until it has applied them all; only the streams are in memory.
CPU time is that of the process, all threads, user and system: it is the same on a busy machine but
for caches. The floor is what no way of applying does without: each entry's signature and HPKE.

With PROFILE, cProfile's statistics of the event loop's thread are written there.
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from bench.errors import BenchError
from bench.sections.planting import Planter
from bench.servers import REGION
from crypto.identity import RegionIdentity
from node.assembly import Region, assemble, close_region, open_region
from node.cluster import ClusterFolder, free_addresses
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from node.parts import real_world
from node.settings import NodeSettings, read_node_settings
from node.store.rows import Sealer
from node.store.sql import SqlStore
from replication.entries import StreamEntry
from replication.memory_stream import MemoryStream
from replication.position import Cursor, CursorState, LogHead
from replication.reading import read_batch

_OTHER: Final = "eu-west-1"
_READ_AT_ONCE: Final = 10_000
_MICROSECONDS: Final = 1e6


class Applied(msgspec.Struct, frozen=True):
    """CPU microseconds for each entry: applied, and for its signature and HPKE alone."""

    entries: int
    cpu_us: float
    floor_us: float
    clock_us: float


def main(folder: str, entries: str, profile: str = "") -> None:
    """Measure, and write the result on standard output."""
    origin, receiver = _settings(ClusterFolder(Path(folder)))
    planter = Planter(ClusterFolder(Path(folder)).region(REGION).node_file, lambda _: None)
    planter.plant_replicas(int(entries), _OTHER)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        head, log = runner.run(_log(origin))
        streams = {REGION: MemoryStream(), _OTHER: MemoryStream()}
        runner.run(streams[REGION].append(log))
        world = replace(real_world(), open_stream=lambda _, region: streams[region])
        region = assemble(receiver, world)
        runner.run(open_region(region))
        begin = _begin(head)
        runner.run(_put_cursor(region, begin))
        gc.freeze()  # as node/app.py does
        with _profiled(profile):
            cpu, clock = _used(lambda: runner.run(_applied(region, head)))
        floor, _ = _used(lambda: _read(receiver.identity, origin, begin, log))
        runner.run(close_region(region))
    each = _MICROSECONDS / len(log)
    result = Applied(len(log), cpu * each, floor * each, clock * each)
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")


def _settings(folder: ClusterFolder) -> Iterator[NodeSettings]:
    regions = (REGION, _OTHER)
    create_cluster(folder, free_addresses(regions), DEFAULT_ACCOUNT, os.urandom)
    return (read_node_settings(folder.region(each).node_file, os.environ) for each in regions)


async def _log(settings: NodeSettings) -> tuple[LogHead, Sequence[StreamEntry]]:
    """The head of a region's log, and every entry of it."""
    sealer = Sealer(settings.region, settings.root_keys, os.urandom)
    store = SqlStore(settings.store_file, sealer)
    try:
        head = await store.log_head()
        return head, await store.outbox(1, head.sequence)
    finally:
        await store.close()


def _begin(head: LogHead) -> Cursor:
    """The cursor before the first entry of a log, as if its (empty) state had been told."""
    begin = LogHead.begin(REGION, head.log_id)
    return Cursor(REGION, CursorState.FOLLOWING, b"r" * 32, head.log_id, 0, begin.digest)


async def _put_cursor(region: Region, cursor: Cursor) -> None:
    async with region.store.replica_transaction() as transaction:
        await transaction.put_cursor(cursor)


async def _applied(region: Region, head: LogHead) -> None:
    region.replication.start()
    while not all([heard async for heard in region.replication.hear()]):
        pass  # each takes its time
    await region.replication.stop()
    if (await region.store.cursor(REGION)).sequence != head.sequence:
        raise BenchError("the region did not apply every entry.")


def _read(
    identity: RegionIdentity, origin: NodeSettings, cursor: Cursor, log: Sequence[StreamEntry]
) -> None:
    batch = read_batch(identity, origin.identity.public, cursor, log)
    if batch.refusal is not None or len(batch.readied) != len(log):
        raise batch.refusal or ValueError("not every entry was read")


def _used(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds of CPU time and of the clock."""
    before, started = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - before, time.perf_counter() - started


@contextmanager
def _profiled(file: str) -> Iterator[None]:
    if not file:
        yield
        return
    profile = cProfile.Profile(time.thread_time)
    with profile:
        yield
    profile.dump_stats(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
