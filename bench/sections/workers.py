"""Worker processes: what a request costs with two of them, and how much more they answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from bench.errors import BenchError
from bench.load.result import LoadResult
from bench.machine import cpu_seconds, ended_cpu_seconds, pin
from bench.sections.nodes import cluster, loaded, node
from bench.sections.section import (
    Measure,
    Quantity,
    Section,
    Stage,
    Target,
    at_least,
    at_most,
    interleaved,
    quotients,
)
from bench.servers import REGION, Server
from node.cluster import LocalCluster
from node.model.status import RegionStatus

_CONNECTIONS: Final = 64  # 32 for each worker: a group of the audit trail is as large as one's
_ONE, _APART, _TOGETHER = "one process", "two workers", "two workers on one core"
_TWO: Final = "workers = 2\n"
_MICROSECONDS: Final = 1e6
_CORES_FOR_TWO: Final = 3  # one for each worker, and one for the load generator
_DECRYPT, _VERIFY = "Decrypt", "Verify"
_CASES: Final = ((_DECRYPT, (_ONE, _APART, _TOGETHER)), (_VERIFY, (_ONE, _APART)))
_HOW: Final = (
    "Two nodes with default settings, one of them with `workers = 2`; Decrypt and Verify "
    f"(P-256) over {_CONNECTIONS} connections, 32 for each worker, one after the other in random "
    "order in each round. Each worker has a core of its own; where the machine has two, the "
    "second worker shares that of the load generator. Decrypt keeps the generator busy, so that "
    "its rate then has no target; Verify takes a node longer, and what the generator still "
    "needs of its core, which the second worker goes without, is told beside. On one core, the "
    "workers also compete for its caches."
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A node and all its processes."""

    server: Server
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """CPU seconds so far, of all processes."""
        return sum(cpu_seconds(pid) for pid in self.pids)


@dataclass(frozen=True, slots=True)
class _Run:
    """What a load generator says, and the CPU seconds that it took itself."""

    load: LoadResult
    generator: float


def _run(stage: Stage) -> Iterator[Quantity]:
    cores = os.cpu_count() or 1
    others = set(range(cores)) - {stage.cores.server, stage.cores.load}
    here, other = stage.cores.server, min(others, default=stage.cores.load)
    results: dict[str, list[_Run]] = {}
    with ExitStack() as stack:
        one = _subject(stage, stack.enter_context(cluster(stage.folder / "one")))
        two = _subject(stage, stack.enter_context(cluster(stage.folder / "two", addition=_TWO)))
        places = {_ONE: (one, [here]), _APART: (two, [here, other]), _TOGETHER: (two, [here, here])}
        measures = {
            _case(operation, name): _measure(
                stage, *places[name], operation, results.setdefault(_case(operation, name), [])
            )
            for operation, names in _CASES
            for name in names
        }
        cpu = interleaved(stage, measures)
    yield from _costs({name: cpu[_case(_DECRYPT, name)] for name in places})
    twice = at_least(1.8)
    targets = {_DECRYPT: twice if cores >= _CORES_FOR_TWO else None, _VERIFY: twice}
    for operation, names in _CASES:
        found = {name: results[_case(operation, name)] for name in names}
        yield from _rates(operation, found, targets[operation])


def _case(operation: str, place: str) -> str:
    return f"{operation}, {place}"


def _costs(cpu: Mapping[str, tuple[float, ...]]) -> Iterator[Quantity]:
    for name, values in cpu.items():
        yield Quantity(f"CPU time of a Decrypt, {name}", "µs", values)
    for name, target in ((_APART, at_most(1.1)), (_TOGETHER, None)):
        ratio = quotients(cpu[name], cpu[_ONE])
        yield Quantity(f"{name} ÷ {_ONE}, CPU time", "", ratio, target)


def _rates(
    operation: str, results: Mapping[str, Sequence[_Run]], target: Target | None
) -> Iterator[Quantity]:
    rates = {
        name: tuple(each.load.requests / each.load.seconds for each in found)
        for name, found in results.items()
    }
    for name, values in rates.items():
        yield Quantity(_case(operation, name), "per s", values)
    ratio = quotients(rates[_APART], rates[_ONE])
    yield Quantity(f"{_APART} ÷ {_ONE}, rate of {operation}", "", ratio, target)
    shares = tuple(100 * each.generator / each.load.seconds for each in results[_APART])
    yield Quantity(f"load generator, {operation}, {_APART}", "% of a core", shares)


def _subject(stage: Stage, made: LocalCluster) -> _Subject:
    found = node(made, stage.cores)
    status = made.client.ask(REGION, made.endpoints[REGION])
    if not isinstance(status, RegionStatus):
        raise BenchError(f"{status.region} is unreachable: {status.reason}")
    workers = tuple(each.pid for each in status.workers if each.pid is not None)
    return _Subject(found.server([operation for operation, _ in _CASES]), (found.pid, *workers))


def _measure(
    stage: Stage,
    subject: _Subject,
    cores: Sequence[int],
    operation: str,
    kept: list[_Run],
) -> Measure:
    """CPU microseconds of a request, with each process on the core of its place."""

    def measure() -> float:
        for pid, core in zip(subject.pids, cores, strict=False):
            pin(pid, core)
        before, generator = subject.cpu(), ended_cpu_seconds()
        result = loaded(stage, subject.server, operation, _CONNECTIONS)
        kept.append(_Run(result, ended_cpu_seconds() - generator))
        return _MICROSECONDS * (subject.cpu() - before) / result.requests

    return measure


SECTION: Final = Section("workers", "Worker processes", _HOW, _run)
