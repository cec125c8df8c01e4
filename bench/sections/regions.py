"""More regions: what 3, 10 and 30 of them cost one another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from bench.client import Client
from bench.load.result import percentile
from bench.machine import both, cpu_seconds, pin, resident_bytes
from bench.operations import body
from bench.sections.nodes import ASYNCHRONOUS, Node, cluster, loaded, node, once_true, own, usable
from bench.sections.section import Quantity, Section, Stage
from bench.servers import REGION
from node.cluster import LocalCluster

_COUNTS: Final = (3, 10, 30)
_QUICK_COUNTS: Final = (3, 5)
_REPLICAS: Final = 10  # keys that are replicated to one other region
_CAUGHT_UP_SECONDS: Final = 300.0
_HOW: Final = (
    "Clusters of real nodes and Valkey servers, one after another, all on this machine: beyond a "
    "few regions they share its cores, so that only what one node uses says something. They know "
    "each other when each has read every log to its end, after all have begun at once. Idle is the "
    "first region's CPU time while nothing is asked; Decrypt is asked of it alone, and a replica "
    "is usable when the last region has encrypted with it."
)


def _run(stage: Stage) -> Iterator[Quantity]:
    for count in _QUICK_COUNTS if stage.quick else _COUNTS:
        stage.say(f"starting {count} regions")
        yield from _measured(own(stage, str(count)), count)


def _measured(stage: Stage, count: int) -> Iterator[Quantity]:
    names = (REGION, *(f"eu-bench-{number}" for number in range(2, count + 1)))
    with ExitStack() as stack:
        with both(stage.cores):
            made = stack.enter_context(cluster(stage.folder / "cluster", names, ASYNCHRONOUS))
            stage.say(f"waiting until {count} regions have read each other's logs")
            started = time.perf_counter()
            made.wait_until_caught_up(_CAUGHT_UP_SECONDS)
            met = time.perf_counter() - started
        _make_room(stage, made)
        first, last = (node(made, stage.cores, name) for name in (names[0], names[-1]))
        stage.say(f"measuring with {count} regions")
        idle = tuple(_idle(stage, first) for _ in range(stage.rounds))
        server = first.server(["Decrypt"])
        results = [loaded(stage, server, "Decrypt", 1) for _ in range(stage.rounds)]
        with first.client() as client, last.client() as other:
            replicas = sorted(_replica(client, other, last.region) for _ in range(_REPLICAS))
        resident = resident_bytes(first.pid) / 1024**2
    yield Quantity(f"{count} regions: until they know each other", "s", (met,))
    yield Quantity(f"{count} regions: a node that idles", "% of a core", idle)
    yield Quantity(f"{count} regions: resident, a node", "MiB", (resident,))
    p50 = tuple(each.p50 / 1000 for each in results)
    yield Quantity(f"{count} regions: Decrypt p50 at 1 connection", "ms", p50)
    median = (percentile(replicas, 0.5),)
    yield Quantity(f"{count} regions: ReplicateKey to usable, p50", "ms", median)


def _make_room(stage: Stage, made: LocalCluster) -> None:
    """Move every process to the load's core."""
    for service in made.services():
        if service.pid is not None:
            pin(service.pid, stage.cores.load)


def _idle(stage: Stage, first: Node) -> float:
    before, started = cpu_seconds(first.pid), time.perf_counter()
    time.sleep(stage.seconds)
    return 100 * (cpu_seconds(first.pid) - before) / (time.perf_counter() - started)


def _replica(client: Client, other: Client, region: str) -> float:
    """Milliseconds from ReplicateKey's first byte until the replica can be used."""
    key_id = client("CreateKey", body(MultiRegion=True))["KeyMetadata"]["KeyId"]
    started = time.perf_counter()
    client("ReplicateKey", body(KeyId=key_id, ReplicaRegion=region))
    encryption = body(KeyId=key_id, Plaintext="eA==")
    return (once_true(partial(usable, other, encryption), "a usable replica") - started) * 1000


SECTION: Final = Section("regions", "More regions", _HOW, _run)
