"""The audit trail: what waiting for the disk costs, and how fast a trail is verified."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.load.result import LoadResult
from bench.plan import Subject
from bench.sections.disk import sync_microseconds
from bench.sections.nodes import ASYNCHRONOUS, cluster, loaded, node
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
from bench.servers import REGION, Server, reference
from crypto.identity import PublicIdentity
from node.audit.folder import trail_files, trail_lines
from node.audit.verification import verify_trail
from node.cluster import ClusterFolder
from node.settings import read_cluster_settings

_DURABLE, _ASYNC, _MINIMUM = "durable", "asynchronous", "(e)"
_HOW: Final = (
    'Two nodes, one as it is by default, one with `durability = "async"`, and reference (e), all '
    "on the server's core; Decrypt, one after the other in random order within each round. The "
    "disk's sync is timed in the same round: 1,200 bytes appended, then fdatasync. Verification "
    "reads the durable node's trail when the node has ended."
)


def _run(stage: Stage) -> Iterator[Quantity]:
    results: dict[str, list[LoadResult]] = {}
    with ExitStack() as stack:
        servers = _servers(stage, stack)
        measures: dict[str, Measure] = {}
        for name, server in servers.items():
            for count in (1,) if name == _MINIMUM else (1, 32):
                kept = results[f"{name}/{count}"] = []
                measures[f"{name}/{count}"] = _measure(stage, server, count, kept)
        syncs: list[float] = []
        measures["the disk's sync"] = _sync(stage, syncs)
        rates = interleaved(stage, measures)
    yield from _throughput(rates)
    yield from _latency(results, syncs)
    yield from _verification(stage)


def _servers(stage: Stage, stack: ExitStack) -> dict[str, Server]:
    durable = stack.enter_context(cluster(stage.folder / _DURABLE))
    asynchronous = stack.enter_context(cluster(stage.folder / _ASYNC, addition=ASYNCHRONOUS))
    minimum = stack.enter_context(
        reference(Subject.MINIMUM, durable.folder.credentials_file, stage.folder, stage.cores)
    )
    return {
        _DURABLE: node(durable, stage.cores).server(["Decrypt"]),
        _ASYNC: node(asynchronous, stage.cores).server(["Decrypt"]),
        _MINIMUM: minimum,
    }


def _measure(stage: Stage, server: Server, count: int, kept: list[LoadResult]) -> Measure:
    def measure() -> float:
        result = loaded(stage, server, "Decrypt", count)
        kept.append(result)
        return result.requests / result.seconds

    return measure


def _sync(stage: Stage, kept: list[float]) -> Measure:
    def measure() -> float:
        kept.append(sync_microseconds(stage.folder))
        return kept[-1]

    return measure


def _throughput(rates: dict[str, tuple[float, ...]]) -> Iterator[Quantity]:
    for count, target in ((32, at_least(0.85)), (1, None)):
        durable, asynchronous = rates[f"{_DURABLE}/{count}"], rates[f"{_ASYNC}/{count}"]
        plural = "connection" if count == 1 else "connections"
        yield Quantity(f"Decrypt, durable, {count} {plural}", "per s", durable)
        yield Quantity(f"Decrypt, asynchronous, {count} {plural}", "per s", asynchronous)
        ratio = quotients(durable, asynchronous)
        yield Quantity(f"durable ÷ asynchronous, {count} {plural}", "", ratio, target)


def _latency(results: dict[str, list[LoadResult]], syncs: list[float]) -> Iterator[Quantity]:
    p50 = {name: tuple(each.p50 for each in found) for name, found in results.items()}
    alone = p50[f"{_DURABLE}/1"]
    beyond = tuple((one - sync) / 1000 for one, sync in zip(alone, syncs, strict=True))
    ratio = quotients(p50[f"{_ASYNC}/1"], p50[f"{_MINIMUM}/1"])
    yield Quantity("the disk's sync", "ms", tuple(each / 1000 for each in syncs))
    yield Quantity("p50 at 1 connection, durable", "ms", tuple(each / 1000 for each in alone))
    yield Quantity("… beyond one sync of the disk", "ms", beyond, at_most(1.0))
    yield Quantity("p50 at 1 connection, asynchronous ÷ (e)", "", ratio, at_most(2.0))


def _verification(stage: Stage) -> Iterator[Quantity]:
    place = ClusterFolder(stage.folder / _DURABLE)
    identity = read_cluster_settings(place.cluster_file).regions[REGION].identity
    files = trail_files(place.region(REGION).root / "audit")
    size = sum(file.stat().st_size for file in files)
    records: list[float] = []
    megabytes: list[float] = []
    for number in range(stage.rounds):
        stage.say(f"verifying the trail, {number + 1} of {stage.rounds}")
        seconds, found = _verified(files, identity)
        records.append(found / seconds)
        megabytes.append(size / seconds / 1e6)
    yield Quantity("verification", "records per s", tuple(records))
    yield Quantity("verification", "MB per s", tuple(megabytes))


def _verified(files: list[Path], identity: PublicIdentity) -> tuple[float, int]:
    started = time.process_time()
    verdict = verify_trail(trail_lines(files), identity)
    if not verdict.whole:
        raise BenchError(f"the trail that was just written is not whole: {verdict.finding}")
    return time.process_time() - started, verdict.records


SECTION: Final = Section("audit", "Audit: durable against asynchronous", _HOW, _run)
