"""All that is known of a drill when it is over: what report and verdict are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.drill.check import Check
from node.drill.manager import Change
from node.drill.monitor import Look
from node.drill.samples import Sample
from node.drill.scenario import Kind, Scenario

__all__ = ["Event", "Record", "Takeover"]


@dataclass(frozen=True, slots=True)
class Event:
    """A step as it was done: from `at` to `ended`, in seconds after the load began."""

    at: float
    ended: float
    kind: Kind
    command: str
    why: str
    said: tuple[str, ...]

    def names(self, *words: str) -> bool:
        """Whether its command begins with these words."""
        return tuple(self.command.split()[: len(words)]) == words


@dataclass(frozen=True, slots=True)
class Takeover:
    """Another region came to lead the managed key. `days` is the last change that it had of the
    lost one: the rotation period that it set (`manager.days_of`), None for no change at all."""

    at: float
    heir: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """One drill. Times are seconds after the load began, which was at `started` (epoch seconds).

    `agreed` says whether all regions said the same of every key in the end, `final_days` which
    change they named. `failure` is why it ended early, None where it did not.
    """

    scenario: Scenario
    regions: Sequence[str]
    started: float
    seconds: float
    events: Sequence[Event]
    samples: Sequence[Sample]
    changes: Sequence[Change]
    looks: Sequence[Look]
    takeover: Takeover | None
    agreed: bool
    final_days: int | None
    check: Check | None
    failure: str | None = None
