"""Replication: how soon the other region shows a change, and how fast a region catches up."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from bench.client import Client
from bench.errors import BenchError
from bench.load.result import percentile
from bench.machine import cpu_seconds, pin
from bench.operations import body
from bench.sections.disk import sync_microseconds
from bench.sections.nodes import ASYNCHRONOUS, Node, cluster, node, once_true, tried
from bench.sections.planting import Planter
from bench.sections.section import (
    Measure,
    Quantity,
    Section,
    Stage,
    at_least,
    at_most,
    interleaved,
    quotients,
)
from bench.sections.watching import Watch
from bench.servers import REGION
from node.cluster import LocalCluster
from node.model.status import RegionStatus
from node.settings import read_node_settings

_OTHER: Final = "eu-west-1"
_CHANGES: Final = 20  # in each round
_ENTRIES: Final = 2_000  # that a region catches up with, in each round
_ENTRY_BYTES: Final = 1_500
_START_SECONDS: Final = 60.0
_NO_WAITING: Final = f"\n[replication]\nreplicate_wait_seconds = 0.0\n{ASYNCHRONOUS}"
_ROOT: Final = Path(__file__).parents[2]
_HOW: Final = (
    "Two regions, both nodes on the server's core. The change is UpdatePrimaryRegion, to and fro; "
    "it is visible when the other region's DescribeKey shows it, which is asked again half a "
    "millisecond after each answer, by a client that only sends bytes that were signed before; "
    "what that takes of the nodes' core is part of the figure. As it is asked so often the audit "
    "trails are asynchronous, and the old primary answers without waiting for the new. The bare "
    "round trip is XADD to the return of a blocking XREAD in another process, of 1,500 bytes, on "
    "the first region's Valkey. A change is synced to the disk in both regions, the bare entry "
    f"never. Catching up: {_ENTRIES:,} replicas, each an entry with key material sealed to the "
    "region, written while the region stood still; CPU time is that of its node."
)


def _run(stage: Stage) -> Iterator[Quantity]:
    found: dict[str, list[list[float]]] = {"answer": [], "call": [], "bare": []}
    with cluster(stage.folder / "cluster", (REGION, _OTHER), _NO_WAITING) as made:
        made.wait_until_caught_up()
        here, there = (node(made, stage.cores, name) for name in (REGION, _OTHER))
        with here.client() as one, there.client() as other:
            key_id = _related(one, other)
            nodes, clients = {REGION: here, _OTHER: there}, {REGION: one, _OTHER: other}
            measures: dict[str, Measure] = {
                "changes": lambda: _changes(nodes, clients, key_id, found),
                "bare": lambda: _bare(stage, made.regions[REGION].address.stream, found["bare"]),
                "sync": lambda: sync_microseconds(stage.folder) / 1000,
            }
            values = interleaved(stage, measures)
        rounds = 1 if stage.quick else min(3, stage.rounds)
        caught = [_caught_up(stage, made) for _ in range(rounds)]
    yield from _visible(found)
    yield Quantity("the disk's sync", "ms", values["sync"])
    yield Quantity("catching up", "entries per s", tuple(rate for rate, _ in caught))
    per_core = tuple(rate for _, rate in caught)
    yield Quantity("catching up", "entries per CPU second", per_core, at_least(2000.0))


def _visible(found: dict[str, list[list[float]]]) -> Iterator[Quantity]:
    names = {
        "bare": "bare XADD to XREAD",
        "answer": "change to visible, from its answer",
        "call": "change to visible, from its call",
    }
    for name, words in names.items():
        for share, text in ((0.5, "p50"), (0.99, "p99")):
            values = tuple(percentile(sorted(each), share) for each in found[name])
            yield Quantity(f"{words}, {text}", "ms", values)
    median = {name: [percentile(sorted(each), 0.5) for each in found[name]] for name in names}
    ratio = quotients(median["answer"], median["bare"])
    yield Quantity("p50 from the answer ÷ bare p50", "", ratio, at_most(5.0))


def _related(one: Client, other: Client) -> str:
    """A key in both regions, led by the first."""
    key_id = str(one("CreateKey", body(MultiRegion=True))["KeyMetadata"]["KeyId"])
    one("ReplicateKey", body(KeyId=key_id, ReplicaRegion=_OTHER))
    for client, awaited in ((one, "an enabled key"), (other, "an enabled replica")):
        once_true(lambda: _enabled(client, key_id), awaited)  # noqa: B023  asked at once
    return key_id


def _enabled(client: Client, key_id: str) -> bool:
    shown = tried(client, "DescribeKey", body(KeyId=key_id))
    return shown is not None and shown["KeyMetadata"]["KeyState"] == "Enabled"


def _shows(watch: Watch, leader: str) -> bool:
    """Whether a region has the key enabled, and led by that region."""
    shown = watch.ask()["KeyMetadata"]
    primary = shown["MultiRegionConfiguration"]["PrimaryKey"]["Region"]
    return bool(primary == leader and shown["KeyState"] == "Enabled")


def _changes(
    nodes: Mapping[str, Node],
    clients: Mapping[str, Client],
    key_id: str,
    found: dict[str, list[list[float]]],
) -> float:
    """Lets the lead go to and fro. Gives the median from the answer, in ms."""
    from_answer, from_call = [], []
    with ExitStack() as stack:
        watches = {
            name: stack.enter_context(
                closing(Watch(each.signer, "DescribeKey", body(KeyId=key_id)))
            )
            for name, each in nodes.items()
        }
        for number in range(_CHANGES):
            old, new = (REGION, _OTHER) if number % 2 == 0 else (_OTHER, REGION)
            called = time.perf_counter()
            clients[old]("UpdatePrimaryRegion", body(KeyId=key_id, PrimaryRegion=new))
            answered = time.perf_counter()
            seen = once_true(partial(_shows, watches[new], new), "a new primary")
            from_answer.append((seen - answered) * 1000)
            from_call.append((seen - called) * 1000)
            once_true(partial(_shows, watches[old], new), "an old primary that steps down")
    found["answer"].append(from_answer)
    found["call"].append(from_call)
    return percentile(sorted(from_answer), 0.5)


def _bare(stage: Stage, url: str, kept: list[list[float]]) -> float:
    """Milliseconds from XADD to delivery elsewhere; gives their median."""
    key = f"bench:bare:{len(kept)}"
    command = (sys.executable, "-m", "bench.references.bare_stream", url, key)
    with subprocess.Popen(  # noqa: S603  the command is our own
        (*command, str(_CHANGES)), stdout=subprocess.PIPE, text=True, cwd=_ROOT
    ) as reader:
        pin(reader.pid, stage.cores.server)
        if reader.stdout is None or reader.stdout.readline() != "ready\n":
            raise BenchError("the reader of the bare stream did not start.")
        sent = asyncio.run(_added(url, key))
        arrived = json.loads(reader.stdout.readline())
    kept.append([(there - here) * 1000 for here, there in zip(sent, arrived, strict=True)])
    return percentile(sorted(kept[-1]), 0.5)


async def _added(url: str, key: str) -> list[float]:
    """When each of some entries was added. One at a time, with a pause, as changes come."""
    stream, sent = Redis.from_url(url), []
    entry: dict[Any, Any] = {b"e": os.urandom(_ENTRY_BYTES)}
    for _ in range(_CHANGES):
        await asyncio.sleep(0.005)
        sent.append(time.monotonic())
        await stream.xadd(key, entry)
    await stream.aclose()
    return sent


def _caught_up(stage: Stage, made: LocalCluster) -> tuple[float, float]:
    """Entries per second, and per second of the node's CPU time."""
    here, there = made.regions[REGION], made.regions[_OTHER]
    there.node.pause()
    here.node.stop(_START_SECONDS)
    planter = Planter(made.folder.region(REGION).node_file, stage.say)
    planter.plant_replicas(_ENTRIES, _OTHER)
    here.node.start()
    here.node.wait_until_answering(_START_SECONDS)
    node(made, stage.cores, REGION)  # pins it
    once_true(lambda: _published(made), "a log that is published")
    last = _last(made)
    store = read_node_settings(made.folder.region(_OTHER).node_file, os.environ).store_file
    if there.node.pid is None:
        raise BenchError(f"{there.node.name} has ended; see {there.node.log}.")
    stage.say("catching up")
    before, started = cpu_seconds(there.node.pid), time.perf_counter()
    there.node.resume()
    while _applied(store) < last:
        time.sleep(0.02)
        if time.perf_counter() - started > _START_SECONDS:
            raise BenchError(f"{_OTHER} did not catch up in {_START_SECONDS:.0f} seconds.")
    seconds = time.perf_counter() - started
    used = cpu_seconds(there.node.pid) - before
    return _ENTRIES / seconds, _ENTRIES / used


def _status(made: LocalCluster, region: str) -> RegionStatus | None:
    answer = made.client.ask(region, made.regions[region].address.endpoint)
    return answer if isinstance(answer, RegionStatus) else None


def _published(made: LocalCluster) -> bool:
    status = _status(made, REGION)
    return status is not None and status.log.published >= status.log.last


def _last(made: LocalCluster) -> int:
    """The last entry of the first region's log."""
    status = _status(made, REGION)
    if status is None:
        raise BenchError(f"{REGION} does not tell its status.")
    return status.log.last


def _applied(store: Path) -> int:
    """The last entry that the other region has applied. Read in its store: a node that was asked
    for its status would take 1.7 ms of CPU time, each time, that are not for catching up."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        query = "SELECT sequence FROM cursors WHERE origin = ?"
        return int(connection.execute(query, (REGION,)).fetchone()[0])


SECTION: Final = Section("replication", "Replication between two regions", _HOW, _run)
