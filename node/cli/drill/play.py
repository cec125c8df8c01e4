"""One drill from beginning to end: keys, load, steps at their times, healing, the check of all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from random import Random
from typing import Final

from node.cli.command import CommandError
from node.cli.drill.live import Screen
from node.cli.drill.site import Site
from node.cli.drill.steps import Steps
from node.cluster import ClusterError, eventually
from node.drill.check import Check, check_everywhere
from node.drill.keys import DrillKeys
from node.drill.load import Load
from node.drill.manager import Manager
from node.drill.monitor import Monitor
from node.drill.record import Event, Record, Takeover
from node.drill.scenario import Kind, Scenario, Step, named

__all__ = ["play"]

_FRAME_SECONDS: Final = 0.2
_SETTLING_SECONDS: Final = 120.0
_RECENT: Final = 5000  # samples that the live view looks through
_CHANGES_A_SECOND: Final = 4.0
_CHANGES_THAT_DIFFER: Final = 2400  # of all regions together; see manager.days_of

Ask = Callable[[str], None]
"""Asks the operator to do something, and returns when they have."""


def play(scenario: Scenario, site: Site, screen: Screen, random: Random, ask: Ask | None) -> Record:
    """Run a drill. With `ask`, the operator does what an operator does; else the drill does.

    Raises ClusterError when its keys cannot be made; what fails later is in the record.
    """
    keys = DrillKeys(site.client, site.place.endpoints)
    with screen.busy(f"Making {len(site.regions) + 1} multi-Region keys for the drill"):
        keys.make(f"keyspan drill {scenario.name}")
    try:
        return _Drill(scenario, site, screen, keys, random, ask).run()
    finally:
        if not site.own:
            with screen.busy("Scheduling the deletion of the drill's keys"):
                keys.discard()


class _Drill:
    """A drill that runs."""

    def __init__(
        self,
        scenario: Scenario,
        site: Site,
        screen: Screen,
        keys: DrillKeys,
        random: Random,
        ask: Ask | None,
    ) -> None:
        self._scenario = scenario
        self._site = site
        self._screen = screen
        self._keys = keys
        self._ask = ask
        self._steps = Steps(site.words, keys)
        self._events: list[Event] = []
        self._takeover: Takeover | None = None
        self._left = list(scenario.steps)
        self._late = 0.0  # by how much the operator was later than the file
        self._load = Load(
            site.place.endpoints,
            site.place.administrator,
            keys.data,
            random,
            plan=scenario.load,
            standby=scenario.standby_in(site.regions),
        )
        pause = max(
            1 / _CHANGES_A_SECOND, scenario.seconds * len(site.regions) / _CHANGES_THAT_DIFFER
        )
        now, endpoints = self._load.now, site.place.endpoints
        self._manager = Manager(site.client, endpoints, keys.managed, now, pause)
        self._monitor = Monitor(site.client, endpoints, now)

    def run(self) -> Record:
        started, failure = time.time(), None
        with ExitStack() as stack:
            stack.enter_context(self._screen.running())
            stack.enter_context(self._monitor)
            try:
                with self._load, self._manager:
                    self._take_steps()
            except ClusterError as error:
                failure = str(error)
            finally:
                self._mend()
            ended = self._load.now()
            agreed = self._settle()
        check = self._check()
        return Record(
            scenario=self._scenario,
            regions=self._site.regions,
            started=started,
            seconds=ended,
            events=self._events,
            samples=self._load.samples.since(0),
            changes=self._manager.changes(),
            looks=self._monitor.looks(),
            takeover=self._takeover,
            agreed=agreed,
            final_days=self._final_days(),
            check=check,
            failure=failure,
        )

    def _take_steps(self) -> None:
        while self._left:
            step = self._left[0]
            self._wait_until(step.at + self._late)
            self._left.pop(0)
            for words in step.commands(self._site.regions):
                self._take(step, words)
        last = self._scenario.steps[-1]
        rest = self._scenario.seconds - last.at  # also where the last step took long itself
        self._wait_until(self._events[-1].ended + rest)

    def _mend(self) -> None:
        """After a drill that ended early: what was broken is not left so."""
        for step in self._left:
            for words in step.commands(self._site.regions) if step.kind is Kind.HEAL else ():
                with suppress(ClusterError, CommandError):
                    self._steps.do(words)

    def _take(self, step: Step, words: Sequence[str]) -> None:
        command = " ".join(words)
        self._note_takeover(words)
        at = self._load.now()
        if self._ask is not None and step.kind is Kind.ACT:
            with self._screen.interrupted():
                self._ask(" ".join(["keyspan", *words, *self._site.words]))
            self._late += self._load.now() - at
            said = ["done by the operator"]
        else:
            try:
                said = self._steps.do(words)
            except (ClusterError, CommandError) as error:
                raise ClusterError(f"`{command}` (line {step.line}): {error}") from None
        why = named(step.why, self._site.regions)
        event = Event(at, self._load.now(), step.kind, command, why, tuple(said))
        self._events.append(event)
        self._screen.step(event)

    def _note_takeover(self, words: Sequence[str]) -> None:
        """Before another region takes over: what does it know of the managed key?"""
        if words[0] != "failover" or self._takeover is not None:
            return
        heir = words[words.index("--to") + 1]
        days = self._keys.view(heir, self._keys.managed).rotation_days
        self._takeover = Takeover(self._load.now(), heir, days)

    def _wait_until(self, moment: float) -> None:
        while (left := moment - self._load.now()) > 0:
            self._show()
            time.sleep(min(left, _FRAME_SECONDS))

    def _show(self) -> None:
        samples = self._load.samples.since(-_RECENT)
        looks, seconds = self._monitor.looks(), self._scenario.seconds + self._late
        now, kept = self._load.now(), len(self._load.ledger)
        self._screen.show(now, seconds, self._site.regions, samples, looks, kept)

    def _settle(self) -> bool:
        """Wait until all regions say the same of every key, and have read every log."""

        def settled() -> bool:
            self._show()
            return self._keys.agreed() and self._caught_up()

        try:
            return eventually(settled, _SETTLING_SECONDS, "the regions do not agree")
        except ClusterError:
            return False

    def _caught_up(self) -> bool:
        looks = self._monitor.looks()
        if not looks or set(looks[-1].ends) != set(self._site.regions):
            return False
        last = looks[-1]
        return all(
            position >= last.ends[origin] for (_, origin), position in last.positions.items()
        )

    def _final_days(self) -> int | None:
        try:
            return self._keys.view(self._site.regions[0], self._keys.managed).rotation_days
        except ClusterError:
            return None

    def _check(self) -> Check:
        entries = self._load.ledger.entries()
        regions = self._site.place.endpoints
        text = f"Opening {len(entries):,} ciphertexts in {len(regions)} regions"
        with self._screen.counting(text, len(entries) * len(regions)) as advance:
            return check_everywhere(entries, regions, self._site.place.administrator, advance)
