"""Growth: what a node with a million keys costs, and whether it is slower for those it uses."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Final

from bench.load.result import LoadResult
from bench.machine import cpu_seconds, resident_bytes
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
_CRYPTO: Final = ("Decrypt", "GenerateDataKey")
_OTHERS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "CreateKey": (body(),),
    "ListKeys": (body(Limit=100),),
}
_COLD: Final = 500  # keys that are used for the first time
_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 30.0
_KIB: Final = 1024
_MICROSECONDS: Final = 1e6
_NODE: Final = f"{ASYNCHRONOUS}\n[quotas]\nkeys = 2_000_000\n"
_HOW: Final = (
    "One node for each number of keys, audit trail asynchronous, all on the server's core; the "
    "keys are written straight into the store before. Start-up is from the command to the first "
    "healthy answer. Memory is what is resident after the start, beyond that of the node with the "
    "fewest keys, for each key more. Each operation is called at 1 connection; those with a key "
    "use one. Idle is the CPU time that a node takes of which nothing is asked. A cold key is one "
    "that the node has not used yet, so that its first Encrypt reads the store; what is resident "
    "after many of them, beyond what was before, is what a key in use takes."
)


@dataclass(frozen=True, slots=True)
class _Grown:
    """A node with so many keys, and what was measured of it."""

    size: int
    node: Node
    server: Server
    start_seconds: float
    resident: int
    cold: tuple[str, ...]
    results: dict[str, list[LoadResult]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)  # µs per request


def _run(stage: Stage) -> Iterator[Quantity]:
    with ExitStack() as stack:
        grown = [_grown(stage, stack, size) for size in (_QUICK_SIZES if stage.quick else _SIZES)]
        measures: dict[str, Measure] = {
            f"{name} with {each.size:,} keys": _operation(stage, each, name)
            for each in grown
            for name in (*_CRYPTO, *_OTHERS)
        }
        measures |= {_idle_name(each): _idle(stage, each) for each in grown}
        found = interleaved(stage, measures)
        colds = [_cold(each) for each in grown]
    yield from _starts(grown)
    for each in grown:
        yield Quantity(_idle_name(each), "% of a core", found[_idle_name(each)])
    for name in (*_CRYPTO, *_OTHERS):
        yield from _latencies(grown, name)
    for each, (milliseconds, kib) in zip(grown, colds, strict=True):
        yield Quantity(f"first use of a key of {each.size:,}", "ms", milliseconds)
        yield Quantity(f"resident per key used, of {each.size:,}", "KiB", (kib,))


def _grown(stage: Stage, stack: ExitStack, size: int) -> _Grown:
    folder = stage.folder / str(size)
    with cluster(folder, addition=_NODE):
        pass  # makes the folder, and the store
    place = ClusterFolder(folder)
    cold = _planted(stage, place, size)
    stage.say(f"starting a node with {size:,} keys")
    made = stack.enter_context(cluster(folder))
    seconds = _restarted(made)
    running = node(made, stage.cores)
    resident = resident_bytes(running.pid)
    server = running.server(_CRYPTO)
    server = replace(server, bodies={**server.bodies, **_OTHERS})
    return _Grown(size, running, server, seconds, resident, cold)


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


def _operation(stage: Stage, grown: _Grown, name: str) -> Measure:
    kept, cpu = grown.results.setdefault(name, []), grown.cpu.setdefault(name, [])

    def measure() -> float:
        before = cpu_seconds(grown.node.pid)
        kept.append(loaded(stage, grown.server, name, 1))
        cpu.append((cpu_seconds(grown.node.pid) - before) * _MICROSECONDS / kept[-1].requests)
        return kept[-1].p50

    return measure


def _idle(stage: Stage, grown: _Grown) -> Measure:
    def measure() -> float:
        before, started = cpu_seconds(grown.node.pid), time.perf_counter()
        time.sleep(stage.seconds)
        return 100 * (cpu_seconds(grown.node.pid) - before) / (time.perf_counter() - started)

    return measure


def _idle_name(grown: _Grown) -> str:
    return f"a node with {grown.size:,} keys that idles"


def _cold(grown: _Grown) -> tuple[tuple[float, ...], float]:
    """Milliseconds that the first use of each key takes, and KiB that a key in use takes."""
    found, before = [], resident_bytes(grown.node.pid)
    with grown.node.client() as client:
        for key_id in grown.cold:
            started = time.perf_counter()
            client("Encrypt", body(KeyId=key_id, Plaintext="eA=="))
            found.append((time.perf_counter() - started) * 1000)
    more = resident_bytes(grown.node.pid) - before
    return tuple(found), more / len(grown.cold) / _KIB


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


def _latencies(grown: list[_Grown], name: str) -> Iterator[Quantity]:
    p50 = [tuple(one.p50 for one in each.results[name]) for each in grown]
    for each, values in zip(grown, p50, strict=True):
        milliseconds = tuple(value / 1000 for value in values)
        yield Quantity(f"{name} p50 with {each.size:,} keys", "ms", milliseconds)
    for each, values in zip(grown[1:], p50[1:], strict=True):
        title = f"{name} p50 with {each.size:,} keys ÷ with {grown[0].size:,}"
        yield Quantity(title, "", quotients(values, p50[0]), at_most(1.1))
        cpu = tuple(each.cpu[name]), tuple(grown[0].cpu[name])
        title = f"CPU time per {name} with {each.size:,} keys ÷ with {grown[0].size:,}"
        yield Quantity(title, "", quotients(*cpu))


SECTION: Final = Section("growth", "Growth: a thousand to a million keys", _HOW, _run)
