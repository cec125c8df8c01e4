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
    at_least,
    at_most,
    interleaved,
    quotients,
)
from bench.servers import REGION, Server
from node.cluster import LocalCluster
from node.model.status import RegionStatus

_EACH: Final = 32  # connections for each process
_ONE, _ONE_MORE = "one process", f"one process, {2 * _EACH} connections"
_APART, _TOGETHER = "two workers", "two workers on one core"
_TWO: Final = "workers = 2\n"
_MICROSECONDS: Final = 1e6
_CORES_FOR_TWO: Final = 3  # one for each worker, and one for the load generator
_DECRYPT, _VERIFY = "Decrypt", "Verify"
_CASES: Final = (
    (_DECRYPT, (_ONE, _ONE_MORE, _APART, _TOGETHER)),
    (_VERIFY, (_ONE, _ONE_MORE, _APART)),
)
_HOW: Final = (
    "Two nodes with default settings, one of them with `workers = 2`; Decrypt and Verify "
    f"(P-256), one after the other in random order in each round. Each process has {_EACH} "
    "connections, so that the audit trail's groups are alike; what one process does with those "
    "of two is told beside. Each worker has a core of its own; where the machine has two, the "
    "second worker shares that of the load generator. Decrypt keeps the generator busy, so that "
    "its rate then has no target; Verify takes a node longer, and its rate is held against the "
    "cores that the workers had: two, less what the generator took. 0.9 for each is 1.8 for two. "
    "On one core, the workers also compete for its caches."
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
class _Place:
    """Who is measured where, over how many connections."""

    subject: _Subject
    cores: tuple[int, ...]
    connections: int


@dataclass(frozen=True, slots=True)
class _Run:
    """What a load generator says, and the CPU seconds that it took itself."""

    load: LoadResult
    generator: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.load.requests / self.load.seconds

    @property
    def generator_share(self) -> float:
        """How much of a core the load generator took."""
        return self.generator / self.load.seconds


def _run(stage: Stage) -> Iterator[Quantity]:
    cores = os.cpu_count() or 1
    others = set(range(cores)) - {stage.cores.server, stage.cores.load}
    here, other = stage.cores.server, min(others, default=stage.cores.load)
    results: dict[str, list[_Run]] = {}
    with ExitStack() as stack:
        one = _subject(stage, stack.enter_context(cluster(stage.folder / "one")))
        two = _subject(stage, stack.enter_context(cluster(stage.folder / "two", addition=_TWO)))
        places = {
            _ONE: _Place(one, (here,), _EACH),
            _ONE_MORE: _Place(one, (here,), 2 * _EACH),
            _APART: _Place(two, (here, other), 2 * _EACH),
            _TOGETHER: _Place(two, (here, here), 2 * _EACH),
        }
        measures = {
            _case(operation, name): _measure(
                stage, places[name], operation, results.setdefault(_case(operation, name), [])
            )
            for operation, names in _CASES
            for name in names
        }
        cpu = interleaved(stage, measures)
    yield from _costs({name: cpu[_case(_DECRYPT, name)] for name in places})
    for operation, names in _CASES:
        found = {name: results[_case(operation, name)] for name in names}
        yield from _rates(operation, found)
    shared = cores < _CORES_FOR_TWO
    for operation in [_VERIFY] if shared else [_DECRYPT, _VERIFY]:
        alone, apart = (results[_case(operation, name)] for name in (_ONE, _APART))
        name = f"{_APART} ÷ {_ONE}, rate of {operation} for each core"
        yield Quantity(name, "", _for_each_core(alone, apart, shared=shared), at_least(0.9))


def _for_each_core(
    alone: Sequence[_Run], apart: Sequence[_Run], *, shared: bool
) -> tuple[float, ...]:
    """The rate of two workers, in that of one process, for each core that they had; `shared` is
    whether the load generator took of theirs.
    """
    return tuple(
        two.rate / one.rate / (2 - (two.generator_share if shared else 0.0))
        for one, two in zip(alone, apart, strict=True)
    )


def _case(operation: str, place: str) -> str:
    return f"{operation}, {place}"


def _costs(cpu: Mapping[str, tuple[float, ...]]) -> Iterator[Quantity]:
    for name, values in cpu.items():
        yield Quantity(f"CPU time of a Decrypt, {name}", "µs", values)
    compared = ((_APART, _ONE, at_most(1.1)), (_APART, _ONE_MORE, None), (_TOGETHER, _ONE, None))
    for name, other, target in compared:
        ratio = quotients(cpu[name], cpu[other])
        yield Quantity(f"{name} ÷ {other}, CPU time", "", ratio, target)


def _rates(operation: str, results: Mapping[str, Sequence[_Run]]) -> Iterator[Quantity]:
    rates = {name: tuple(each.rate for each in found) for name, found in results.items()}
    for name, values in rates.items():
        yield Quantity(_case(operation, name), "per s", values)
    for name in (_ONE, _ONE_MORE):
        ratio = quotients(rates[_APART], rates[name])
        yield Quantity(f"{_APART} ÷ {name}, rate of {operation}", "", ratio)
    shares = tuple(100 * each.generator_share for each in results[_APART])
    yield Quantity(f"load generator, {operation}, {_APART}", "% of a core", shares)


def _subject(stage: Stage, made: LocalCluster) -> _Subject:
    found = node(made, stage.cores)
    status = made.client.ask(REGION, made.endpoints[REGION])
    if not isinstance(status, RegionStatus):
        raise BenchError(f"{status.region} is unreachable: {status.reason}")
    workers = tuple(each.pid for each in status.workers if each.pid is not None)
    return _Subject(found.server([operation for operation, _ in _CASES]), (found.pid, *workers))


def _measure(stage: Stage, place: _Place, operation: str, kept: list[_Run]) -> Measure:
    """CPU microseconds of a request, with each process on the core of its place."""
    subject = place.subject

    def measure() -> float:
        for pid, core in zip(subject.pids, place.cores, strict=False):
            pin(pid, core)
        before, generator = subject.cpu(), ended_cpu_seconds()
        result = loaded(stage, subject.server, operation, place.connections)
        kept.append(_Run(result, ended_cpu_seconds() - generator))
        return _MICROSECONDS * (subject.cpu() - before) / result.requests

    return measure


SECTION: Final = Section("workers", "Worker processes", _HOW, _run)
