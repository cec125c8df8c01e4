"""From samples to what is told: medians over the rounds, and ratios within each round.

A ratio is taken between two samples of one round, and then the median over the rounds: a machine
that is slow for a while is slow for both. Pure.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.plan import REFERENCES, Cell, Subject, reference_cell


@dataclass(frozen=True, slots=True)
class Sample:
    """One cell in one round. Times are in microseconds; shares are of the server's core."""

    cell: Cell
    round_number: int
    requests: int
    rate: float  # requests per second, of a server that has one core
    cpu_microseconds: float  # of the server, per request
    server_share: float  # how much of its core the server used
    others_share: float  # how much of it went to other processes and the host's other guests
    p50: float
    p99: float
    p999: float
    failures: int


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and the least and the most it was taken from."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """How much better than a reference: 2 is twice the rate, or half the CPU time."""

    reference: Subject
    rate: Spread
    cpu: Spread


@dataclass(frozen=True, slots=True)
class Summary:
    """One cell over all rounds."""

    cell: Cell
    rate: Spread
    cpu_microseconds: Spread
    p50: Spread
    p99: Spread
    p999: Spread
    others_share: Spread
    failures: int
    ratios: tuple[Ratio, ...]


def spread(values: Iterable[float]) -> Spread:
    """The spread of one or more values."""
    ordered = sorted(values)
    return Spread(statistics.median(ordered), ordered[0], ordered[-1])


def summarised(samples: Sequence[Sample]) -> tuple[Summary, ...]:
    """A summary of each cell, in the order of subject, connections and operation."""
    by_cell: dict[Cell, list[Sample]] = {}
    for sample in sorted(samples, key=lambda each: (each.cell, each.round_number)):
        by_cell.setdefault(sample.cell, []).append(sample)
    order = sorted(by_cell, key=_place)
    return tuple(_summary(cell, by_cell) for cell in order)


def _place(cell: Cell) -> tuple[int, int, str]:
    return list(Subject).index(cell.subject), cell.connections, cell.operation


def _summary(cell: Cell, by_cell: dict[Cell, list[Sample]]) -> Summary:
    own = by_cell[cell]
    compared = cell.subject is Subject.KEYSPAN
    pairs = ((each, by_cell.get(reference_cell(cell, each), [])) for each in REFERENCES)
    return Summary(
        cell=cell,
        rate=spread(each.rate for each in own),
        cpu_microseconds=spread(each.cpu_microseconds for each in own),
        p50=spread(each.p50 for each in own),
        p99=spread(each.p99 for each in own),
        p999=spread(each.p999 for each in own),
        others_share=spread(each.others_share for each in own),
        failures=sum(each.failures for each in own),
        ratios=tuple(_ratio(each, own, other) for each, other in pairs if compared and other),
    )


def _ratio(reference: Subject, own: Sequence[Sample], other: Sequence[Sample]) -> Ratio:
    """Samples of the same rounds, in order."""
    rate = _quotients(own, other, lambda each: each.rate)
    cpu = _quotients(other, own, lambda each: each.cpu_microseconds)  # less is better
    return Ratio(reference, rate, cpu)


def _quotients(
    above: Sequence[Sample], below: Sequence[Sample], value: Callable[[Sample], float]
) -> Spread:
    pairs = zip(above, below, strict=True)
    return spread(value(one) / value(two) if value(two) else 0.0 for one, two in pairs)
