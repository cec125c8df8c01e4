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
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from node.drill.scenario import (
    EXAMPLES,
    PLACEHOLDERS,
    Expect,
    Kind,
    LoadPlan,
    Scenario,
    ScenarioError,
    Step,
)
from node.drill.toml_lines import Lines, Place
from node.quotas.published import RATES

__all__ = ["parse_scenario"]

_PLACEHOLDER: Final = re.compile(r"\{[^}]*\}?")
_LONGEST_SECONDS: Final = 86_400.0
_HIGHEST_RATE: Final = 1000.0
_MOST_RETRIES: Final = 20


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
        self._known(self._values, ("title", "about", "seconds", "load", "quotas", "step", "expect"))
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
            quotas={name: self._quotas(name) for name in self._table("quotas")},
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
                raise self._no_region(place, found)
        try:
            commands = step.commands(EXAMPLES)
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
            self._standby(values),
            int(self._number(values, place, "retries", default.retries, 0, _MOST_RETRIES)),
        )

    def _standby(self, values: Mapping[str, Any]) -> str:
        standby = self._text(values, ("load",), "standby", "")
        if standby and standby not in PLACEHOLDERS:
            raise self._no_region(("load", "standby"), standby)
        return standby

    def _quotas(self, region: str) -> Mapping[str, float]:
        """The quotas of one region, by name."""
        place = ("quotas", region)
        if region not in PLACEHOLDERS:
            raise self._no_region(place, region)
        values = self._table("quotas")[region]
        if not isinstance(values, dict):
            raise self._error(place, f"{region} is not a table", f'write [quotas."{region}"]')
        self._known(values, tuple(RATES), *place)
        return {name: self._number(values, place, name, None, 1.0, math.inf) for name in values}

    def _no_region(self, place: Place, found: str) -> ScenarioError:
        return self._error(
            place, f"{found} is no region", f"write one of {', '.join(PLACEHOLDERS)}"
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
