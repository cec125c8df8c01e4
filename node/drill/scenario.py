"""What a drill does and expects: a TOML file that a person reads, copies and changes.

    title = "A region is lost"
    seconds = 16                          # how long the load runs

    [load]
    requests_per_second = 20              # in each region

    [[step]]
    at = 3                                # seconds after the load began
    fault = "region kill {first}"         # or act = what an operator does, heal = what mends it
    why = "Its node and its stream server are gone at once."

    [expect]
    management_rto_seconds = 10           # each may be absent: then it is told and not judged

Steps are commands of `keyspan`, without that word. `{first}`, `{second}`, `{third}` are the
cluster's regions in their order, and `*` is each of the others.
"""

from __future__ import annotations

import math
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import product
from typing import Any, Final

from node.drill.toml_lines import Lines, Place

__all__ = ["Expect", "Kind", "LoadPlan", "Scenario", "ScenarioError", "Step", "parse_scenario"]

PLACEHOLDERS: Final = ("{first}", "{second}", "{third}")
_EXAMPLES: Final = ("us-east-1", "eu-west-1", "ap-southeast-2")
_PLACEHOLDER: Final = re.compile(r"\{[^}]*\}?")
_EVERY_OTHER: Final = "*"
_LONGEST_SECONDS: Final = 86_400.0
_HIGHEST_RATE: Final = 1000.0


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
        text = self.command
        for placeholder, region in zip(PLACEHOLDERS, regions, strict=False):
            text = text.replace(placeholder, region)
        words = shlex.split(text)
        return _every_other(words[1:] if words[:1] == ["keyspan"] else words, regions)


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Calls per second in each region, and how long a client waits for an answer."""

    requests_per_second: float = 20.0
    timeout_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Expect:
    """The limits by which a drill is judged; None for what is told and not judged.

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


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill, as its file has it."""

    name: str
    title: str
    about: str
    seconds: float
    load: LoadPlan
    steps: tuple[Step, ...]
    expect: Expect

    @property
    def least_regions(self) -> int:
        """How many regions it speaks of, and at least two."""
        named = [
            index
            for index, placeholder in enumerate(PLACEHOLDERS, start=1)
            if any(placeholder in step.command for step in self.steps)
        ]
        return max([2, *named])

    def uses(self, command: str) -> bool:
        """Whether a step is this command, such as `link`."""
        return any(step.commands(_EXAMPLES)[0][0] == command for step in self.steps)


def parse_scenario(
    name: str, file: str, text: str, check: Callable[[Sequence[str]], None]
) -> Scenario:
    """Read a scenario. `file` is how messages call it; `check` raises for what is no command.

    Raises ScenarioError for the first thing that is missing, wrong or unknown.
    """
    return _Reader(name, file, text, check).scenario()


class _Reader:
    """Reads one file; every refusal names the line."""

    def __init__(
        self, name: str, file: str, text: str, check: Callable[[Sequence[str]], None]
    ) -> None:
        self._name = name
        self._file = file
        self._lines = Lines(text)
        self._check = check
        try:
            self._values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(f"{file} is not TOML: {error}; correct that place.") from None

    def scenario(self) -> Scenario:
        self._known(self._values, ("title", "about", "seconds", "load", "step", "expect"))
        seconds = self._number(self._values, (), "seconds", None, 1.0, _LONGEST_SECONDS)
        steps = self._values.get("step")
        if not isinstance(steps, list) or not steps:
            raise self._error(("step",), "there is no step", "add a table [[step]]")
        return Scenario(
            name=self._name,
            title=self._text(self._values, (), "title", None),
            about=self._text(self._values, (), "about", "").strip(),
            seconds=seconds,
            load=self._load(self._table("load")),
            steps=tuple(
                sorted(
                    (self._step(index, step, seconds) for index, step in enumerate(steps)),
                    key=lambda step: step.at,
                )
            ),
            expect=self._expect(self._table("expect")),
        )

    def _step(self, index: int, values: Any, seconds: float) -> Step:
        place = ("step", index)
        if not isinstance(values, dict):
            raise self._error(place, "a step is a table", "write it as [[step]]")
        kinds = [kind for kind in Kind if kind.value in values]
        self._known(values, ("at", "why", *(kind.value for kind in Kind)), *place)
        if len(kinds) != 1:
            raise self._error(place, "a step has one of fault, act and heal", "give it one")
        (kind,) = kinds
        step = Step(
            at=self._number(values, place, "at", None, 0.0, seconds),
            kind=kind,
            command=self._text(values, place, kind.value, None),
            why=self._text(values, place, "why", ""),
            line=self._lines.of(*place, kind.value),
        )
        self._check_command(step, (*place, kind.value))
        return step

    def _check_command(self, step: Step, place: Place) -> None:
        for found in _PLACEHOLDER.findall(step.command):
            if found not in PLACEHOLDERS:
                known = ", ".join(PLACEHOLDERS)
                raise self._error(place, f"{found} is no region", f"write one of {known}")
        try:
            commands = step.commands(_EXAMPLES)
        except ValueError as error:
            raise self._error(place, f"{step.command!r} cannot be read", f"{error}") from None
        for words in commands:
            try:
                self._check(words)
            except ScenarioError as error:
                raise ScenarioError(f"{self._where(place)}: {error}") from None

    def _load(self, values: Mapping[str, Any]) -> LoadPlan:
        place, default = ("load",), LoadPlan()
        self._known(values, [each.name for each in fields(LoadPlan)], *place)
        return LoadPlan(
            self._number(
                values,
                place,
                "requests_per_second",
                default.requests_per_second,
                0.1,
                _HIGHEST_RATE,
            ),
            self._number(values, place, "timeout_seconds", default.timeout_seconds, 0.1, 60.0),
        )

    def _expect(self, values: Mapping[str, Any]) -> Expect:
        names = [each.name for each in fields(Expect)]
        self._known(values, names, "expect")
        return Expect(
            **{
                name: self._number(values, ("expect",), name, None, 0.0, math.inf)
                for name in names
                if name in values
            }
        )

    def _table(self, name: str) -> Mapping[str, Any]:
        values = self._values.get(name, {})
        if not isinstance(values, dict):
            raise self._error((name,), f"{name} is not a table", f"write it as [{name}]")
        return values

    def _known(self, values: Mapping[str, Any], known: Sequence[str], *place: str | int) -> None:
        for name in values:
            if name not in known:
                remedy = f"the settings here are {', '.join(known)}"
                raise self._error((*place, name), f"{name} is not a setting of a scenario", remedy)

    def _text(
        self,
        values: Mapping[str, Any],
        place: Place,
        name: str,
        default: str | None,
    ) -> str:
        value = values.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self._error((*place, name), f"{name} must be a text", f'write {name} = "…"')
        return value

    def _number(
        self,
        values: Mapping[str, Any],
        place: Place,
        name: str,
        default: float | None,
        least: float,
        most: float,
    ) -> float:
        value = values.get(name, default)
        right = isinstance(value, int | float) and not isinstance(value, bool)
        if not right or value is None or not least <= value <= most:
            limits = f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
            raise self._error((*place, name), f"{name} must be a number {limits}", "correct it")
        return float(value)

    def _error(self, place: Place, problem: str, remedy: str) -> ScenarioError:
        return ScenarioError(f"{self._where(place)}: {problem}; {remedy}.")

    def _where(self, place: Place) -> str:
        return f"{self._file}, line {self._lines.of(*place)}"


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
