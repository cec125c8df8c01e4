"""What the system has promised its operators, kept apart from what it then does.

A promise is made when an operator's transaction commits. It is let go only by an operator's act, or
by a disaster that took the last store that knew of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from replication.position import CursorState
from tests.simulation.memory_store import State
from tests.simulation.violation import Violation


class Promise(StrEnum):
    """What an operator may rely on about one key in one region."""

    HELD = "held"
    ABSENT = "absent"
    OPEN = "open"  # a disaster took what would decide it


@dataclass(frozen=True, slots=True)
class Created:
    """An operator created a key here. The region is the primary's for a multi-Region key."""

    region: str
    key_id: str
    multi_region: bool


@dataclass(frozen=True, slots=True)
class Replicated:
    """The primary's operator replicated the key to `region`."""

    region: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """The operator of `region` let its replica key be deleted."""

    region: str
    key_id: str


Note = Created | Replicated | Deleted


class Promises:
    """Every promise that was made and not let go."""

    def __init__(self) -> None:
        self.keys: dict[str, Created] = {}
        self._promised: dict[tuple[str, str], Promise] = {}  # by key ID and region
        self._behind: set[tuple[str, str, bytes]] = set()  # region, origin, request before

    def made(self, note: Note, states: Mapping[str, State]) -> None:
        """An operator's transaction committed."""
        match note:
            case Created(region, key_id):
                self.keys[key_id] = note
                self._promised[key_id, region] = Promise.HELD
            case Replicated(region, key_id):
                ignorant = self._is_behind(self.keys[key_id].region, region, states)
                self._promised[key_id, region] = Promise.OPEN if ignorant else Promise.HELD
            case Deleted(region, key_id):
                self._promised[key_id, region] = Promise.ABSENT
                self._reconsider(key_id, self.keys[key_id].region, region, states)

    def of(self, key_id: str, region: str) -> Promise:
        """What is promised; a region that was never mentioned must not hold the key."""
        return self._promised.get((key_id, region), Promise.ABSENT)

    def disaster(self, region: str, states: Mapping[str, State]) -> None:
        """The region's store was lost or went back to an old copy; `states` are as they are now."""
        for origin in states:
            cursor = states[region].cursors.get(origin)
            self._behind.add((region, origin, b"" if cursor is None else cursor.request))
        for key_id, place in self._promised:
            self._reconsider(key_id, place, region, states)
            if place == region and self._promised[key_id, place] is Promise.ABSENT:
                self._promised[key_id, place] = Promise.OPEN

    def check(self, states: Mapping[str, State], regions: Iterable[str]) -> None:
        """After everything has settled: what was promised is what there is."""
        for region in regions:
            for key_id in self.keys:
                held = key_id in states[region].keys
                promise = self.of(key_id, region)
                if promise is Promise.HELD and not held:
                    raise Violation(f"{region} has lost {key_id}, which it was promised to hold")
                if promise is Promise.ABSENT and held:
                    raise Violation(f"{region} holds {key_id}, which must not be there")

    def _is_behind(self, region: str, origin: str, states: Mapping[str, State]) -> bool:
        """Whether a region has not been told of an origin's state since its store went back, and so
        may not know what was deleted there.
        """
        cursor = states[region].cursors.get(origin)
        if cursor is None or cursor.state is not CursorState.FOLLOWING:
            return any(each[:2] == (region, origin) for each in self._behind)
        return (region, origin, cursor.request) in self._behind

    def _reconsider(
        self, key_id: str, place: str, region: str, states: Mapping[str, State]
    ) -> None:
        """Let a promise go if nobody is left who will bring the key (back) to `place`, now that
        something was lost in `region`.
        """
        created = self.keys[key_id]
        holders = {name for name, state in states.items() if key_id in state.keys}
        if self._promised[key_id, place] is not Promise.HELD or place in holders:
            return
        if place == created.region:
            recoverable = created.multi_region and bool(holders)
        else:
            known_deleted = key_id in states[place].deleted and region in (place, created.region)
            recoverable = _lists(states[created.region], key_id, place) and not known_deleted
        if not recoverable:
            self._promised[key_id, place] = Promise.OPEN


def _lists(primary: State, key_id: str, place: str) -> bool:
    key = primary.keys.get(key_id)
    return key is not None and key.shared is not None and place in key.shared.replicas
