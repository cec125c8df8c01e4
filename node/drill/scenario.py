"""What a drill does and expects, as values; `scenario_file.py` reads them from a file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Final

__all__ = [
    "EXAMPLES",
    "PLACEHOLDERS",
    "Expect",
    "Kind",
    "LoadPlan",
    "Scenario",
    "ScenarioError",
    "Step",
    "named",
]

PLACEHOLDERS: Final = ("{first}", "{second}", "{third}")
EXAMPLES: Final = ("us-east-1", "eu-west-1", "ap-southeast-2")
_EVERY_OTHER: Final = "*"


class ScenarioError(Exception):
    """A file that is no scenario: one sentence, with the file, the line and the next step."""


class Kind(StrEnum):
    """Who does a step, in the story that is rehearsed."""

    FAULT = "fault"  # nobody: it happens
    ACT = "act"  # the operator
    HEAL = "heal"  # whoever repairs


@dataclass(frozen=True, slots=True)
class Step:
    """One command at its time. `line` is where the file has it."""

    at: float
    kind: Kind
    command: str
    why: str
    line: int

    def commands(self, regions: Sequence[str]) -> list[list[str]]:
        """The words of the commands that this step is in a cluster of these regions."""
        words = shlex.split(named(self.command, regions))
        return _every_other(words[1:] if words[:1] == ["keyspan"] else words, regions)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Calls per second in each region, and how long a client waits for an answer.

    Clients whose region does not answer go to `standby`, a placeholder, if there is one; what may
    be tried again, they try `retries` times more.
    """

    requests_per_second: float = 20.0
    timeout_seconds: float = 5.0
    standby: str = ""
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Expect:
    """The limits by which a drill is judged; None for what is told and not judged. What ends in
    `least` is the least that is expected, everything else the most.

    That no plaintext is wrong, that everything opens everywhere and that the regions agree in the
    end is always expected. `failed_requests_elsewhere` counts regions whose node no fault touched.
    """

    write_rto_seconds: float | None = None
    management_rto_seconds: float | None = None
    rpo_changes: float | None = None
    rpo_seconds: float | None = None
    superseded_changes: float | None = None
    convergence_seconds: float | None = None
    failed_requests_elsewhere: float | None = None
    throttled_requests_least: float | None = None
    given_up_requests: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill, as its file has it. `quotas` are the request quotas that its cluster is to have, in
    requests per second by placeholder and name."""

    name: str
    title: str
    about: str
    seconds: float
    load: LoadPlan
    steps: tuple[Step, ...]
    expect: Expect
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def quotas_in(self, regions: Sequence[str]) -> dict[str, Mapping[str, float]]:
        """The quotas by region, in a cluster of these regions."""
        return {named(place, regions): quotas for place, quotas in self.quotas.items()}

    def standby_in(self, regions: Sequence[str]) -> str | None:
        """The region that clients go to, in a cluster of these regions; None for none."""
        return named(self.load.standby, regions) if self.load.standby else None

    @property
    def least_regions(self) -> int:
        """How many regions it speaks of, and at least two."""
        named = [
            index
            for index, placeholder in enumerate(PLACEHOLDERS, start=1)
            if any(placeholder in step.command for step in self.steps)
            or placeholder in self.quotas
            or placeholder == self.load.standby
        ]
        return max([2, *named])

    def uses(self, command: str) -> bool:
        """Whether a step is this command, such as `link`."""
        return any(step.commands(EXAMPLES)[0][0] == command for step in self.steps)


def named(text: str, regions: Sequence[str]) -> str:
    """The text with the regions' names in the place of placeholders."""
    for placeholder, region in zip(PLACEHOLDERS, regions, strict=False):
        text = text.replace(placeholder, region)
    return text


def _every_other(words: list[str], regions: Sequence[str]) -> list[list[str]]:
    """The commands that a `*` stands for: each region that the words do not name, and no link of a
    region with itself, nor one that was told already."""
    stars = [index for index, word in enumerate(words) if word == _EVERY_OTHER]
    if not stars:
        return [words]
    others = [region for region in regions if region not in words]
    commands: list[list[str]] = []
    seen: set[frozenset[str]] = set()
    for chosen in product(others, repeat=len(stars)):
        if len(set(chosen)) < len(chosen) or frozenset(chosen) in seen:
            continue
        seen.add(frozenset(chosen))
        command = list(words)
        for index, region in zip(stars, chosen, strict=True):
            command[index] = region
        commands.append(command)
    return commands
