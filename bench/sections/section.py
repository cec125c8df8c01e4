"""What a section of the benchmarks is, what it is given, and what it finds.

The data plane (plan.py) has cells and references; everything else that is measured is a section: a
name that `--only` takes, a sentence on how it is measured, and quantities, each with one value for
every round and, where there is one, the target that its median is held against.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench.errors import BenchError
from bench.load.generator import Generator
from bench.machine import Cores
from bench.summary import Spread, spread
from node.cluster import ClusterError
from node.settings import SettingsError

N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Target:
    """What a median is to be: at least, or at most, a limit."""

    limit: float
    at_least: bool

    def met_by(self, value: float) -> bool:
        """Whether a value is on the right side of the limit, which is right itself."""
        return value >= self.limit if self.at_least else value <= self.limit


def at_least(limit: float) -> Target:
    """More is better."""
    return Target(limit, at_least=True)


def at_most(limit: float) -> Target:
    """Less is better."""
    return Target(limit, at_least=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that was measured: one value for each round, in `unit`; "" is a plain ratio."""

    name: str
    unit: str
    values: tuple[float, ...]
    target: Target | None = None

    @property
    def spread(self) -> Spread:
        """The median, the least and the most."""
        return spread(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target; None without one."""
        return None if self.target is None else self.target.met_by(self.spread.median)


@dataclass(frozen=True, slots=True)
class Stage:
    """What a section is given. `folder` is its own and empty; `say` shows what it is doing now.

    `quick` asks for no more than a proof that it works.
    """

    cores: Cores
    generator: Generator
    folder: Path
    seconds: int
    rounds: int
    seed: int
    quick: bool
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: `run` measures, and raises BenchError where it cannot."""

    name: str
    title: str
    how: str
    run: Callable[[Stage], Iterable[Quantity]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a section found. `skipped` is why it found no more: what the machine lacks, or, where it
    `failed`, what went wrong.
    """

    name: str
    title: str
    how: str
    quantities: tuple[Quantity, ...] = field(default=())
    skipped: str = ""
    failed: bool = False


class Unmeasurable(Exception):
    """This machine lacks what a section needs: one sentence, with what to install."""


Measure = Callable[[], float]
"""One measurement."""


def interleaved(
    stage: Stage, measures: Mapping[N, Measure], rounds: int | None = None
) -> dict[N, tuple[float, ...]]:
    """Every measure once in each round, in random order; a value for each round."""
    count = rounds or stage.rounds
    shuffled = random.Random(stage.seed)  # noqa: S311  an order of measurements, not a secret
    found: dict[N, list[float]] = {name: [] for name in measures}
    for number in range(1, count + 1):
        for name in shuffled.sample(list(measures), len(measures)):
            stage.say(f"round {number} of {count}: {name}")
            found[name].append(measures[name]())
    return {name: tuple(values) for name, values in found.items()}


def quotients(above: Sequence[float], below: Sequence[float]) -> tuple[float, ...]:
    """The ratio of each round; 0 where there is nothing to compare with."""
    return tuple(one / other if other else 0.0 for one, other in zip(above, below, strict=True))


def performed(section: Section, stage: Stage) -> Found:
    """What a section finds on its stage; where it ends before its end, what until then, and why."""
    found: list[Quantity] = []
    reason, failed = "", False
    try:
        found.extend(section.run(stage))
    except Unmeasurable as lack:
        reason = str(lack)
    except (BenchError, ClusterError, SettingsError, OSError) as error:
        reason, failed = str(error), True
    return Found(section.name, section.title, section.how, tuple(found), reason, failed)
