"""Growth: what a node with a million keys costs, and whether it is slower for those it uses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from bench.load.result import LoadResult
from bench.machine import resident_bytes
from bench.operations import body
from bench.sections.nodes import ASYNCHRONOUS, Node, cluster, loaded, node
from bench.sections.planting import Planter
from bench.sections.section import (
    Measure,
    Quantity,
    Section,
    Stage,
    at_most,
    interleaved,
    quotients,
)
from bench.servers import REGION, Server
from node.cluster import ClusterFolder, LocalCluster

_SIZES: Final = (1_000, 100_000, 1_000_000)
_QUICK_SIZES: Final = (1_000, 10_000)
_COLD: Final = 50  # keys that are used for the first time
_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 30.0
_KIB: Final = 1024
_HOW: Final = (
    "One node for each number of keys, audit trail asynchronous, all on the server's core; the "
    "keys are written straight into the store before. Start-up is from the command to the first "
    "healthy answer. Memory is what is resident after the start, beyond that of the node with the "
    "fewest keys, for each key more. Decrypt uses one key; a cold key is one that the node has not "
    "used yet, so that its first Encrypt reads the store."
)


@dataclass(frozen=True, slots=True)
class _Grown:
    """A node with so many keys."""

    size: int
    node: Node
    server: Server
    start_seconds: float
    resident: int
    cold: tuple[str, ...]


def _run(stage: Stage) -> Iterator[Quantity]:
    results: dict[int, list[LoadResult]] = {}
    colds: dict[int, list[float]] = {}
    with ExitStack() as stack:
        grown = [_grown(stage, stack, size) for size in (_QUICK_SIZES if stage.quick else _SIZES)]
        measures: dict[str, Measure] = {
            f"Decrypt with {each.size:,} keys": _decrypt(
                stage, each, results.setdefault(each.size, [])
            )
            for each in grown
        }
        interleaved(stage, measures)
        for each in grown:
            colds[each.size] = _cold(each)
    yield from _starts(grown)
    yield from _latencies(grown, results, colds)


def _grown(stage: Stage, stack: ExitStack, size: int) -> _Grown:
    folder = stage.folder / str(size)
    with cluster(folder, addition=ASYNCHRONOUS):
        pass  # makes the folder, and the store
    place = ClusterFolder(folder)
    cold = _planted(stage, place, size)
    made = stack.enter_context(cluster(folder))
    seconds = _restarted(made)
    running = node(made, stage.cores)
    resident = resident_bytes(running.pid)
    return _Grown(size, running, running.server(["Decrypt"]), seconds, resident, cold)


def _planted(stage: Stage, place: ClusterFolder, size: int) -> tuple[str, ...]:
    planter = Planter(place.region(REGION).node_file, stage.say)
    return planter.plant(size)[:_COLD]


def _restarted(made: LocalCluster) -> float:
    """Seconds that a start takes, with the store's file as warm as a restart finds it."""
    service = made.regions[REGION].node
    service.stop(_STOP_SECONDS)
    started = time.perf_counter()
    service.start()
    service.wait_until_answering(_START_SECONDS)
    return time.perf_counter() - started


def _decrypt(stage: Stage, grown: _Grown, kept: list[LoadResult]) -> Measure:
    def measure() -> float:
        kept.append(loaded(stage, grown.server, "Decrypt", 1))
        return kept[-1].p50

    return measure


def _cold(grown: _Grown) -> list[float]:
    """Milliseconds that the first use of a key takes."""
    found = []
    with grown.node.client() as client:
        for key_id in grown.cold:
            started = time.perf_counter()
            client("Encrypt", body(KeyId=key_id, Plaintext="eA=="))
            found.append((time.perf_counter() - started) * 1000)
    return found


def _starts(grown: list[_Grown]) -> Iterator[Quantity]:
    least = grown[0]
    for each in grown:
        target = at_most(5.0) if each is grown[-1] else None
        yield Quantity(f"start-up with {each.size:,} keys", "s", (each.start_seconds,), target)
    for each in grown:
        yield Quantity(f"resident with {each.size:,} keys", "MiB", (each.resident / _KIB**2,))
    for each in grown[1:]:
        more = (each.resident - least.resident) / (each.size - least.size) / _KIB
        target = at_most(1.5) if each is grown[-1] else None
        yield Quantity(f"resident per key not in use, {each.size:,}", "KiB", (more,), target)


def _latencies(
    grown: list[_Grown], results: dict[int, list[LoadResult]], colds: dict[int, list[float]]
) -> Iterator[Quantity]:
    p50 = {size: tuple(each.p50 for each in found) for size, found in results.items()}
    for each in grown:
        milliseconds = tuple(value / 1000 for value in p50[each.size])
        yield Quantity(f"Decrypt p50 with {each.size:,} keys", "ms", milliseconds)
    for each in grown[1:]:
        ratio = quotients(p50[each.size], p50[grown[0].size])
        name = f"Decrypt p50 with {each.size:,} keys ÷ with {grown[0].size:,}"
        yield Quantity(name, "", ratio, at_most(1.1))
    for each in grown:
        yield Quantity(f"first use of a key of {each.size:,}", "ms", tuple(colds[each.size]))


SECTION: Final = Section("growth", "Growth: a thousand to a million keys", _HOW, _run)
