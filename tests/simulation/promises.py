"""What the system has promised its operators, kept apart from what it then does.

A promise is made when an operator's transaction commits. It is let go only by an operator's act, or
by a disaster that took the last store that knew of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from tests.simulation.memory_store import State
from tests.simulation.violation import Invariant, Violation


class Promise(StrEnum):
    """What an operator may rely on about one key in one region."""

    HELD = "held"
    ABSENT = "absent"
    OPEN = "open"  # a disaster took what would decide it


class Promises:
    """Every promise that was made and not let go."""

    def __init__(self) -> None:
        self.keys: dict[str, bool] = {}  # key ID -> whether it is a multi-Region key
        self._promised: dict[tuple[str, str], Promise] = {}  # by key ID and region

    def created(self, region: str, key_id: str, *, multi_region: bool) -> None:
        """An operator created a key here."""
        self.keys[key_id] = multi_region
        self._promised[key_id, region] = Promise.HELD

    def replicated(self, key_id: str, place: str) -> None:
        """An operator replicated the key to `place`."""
        self._promised[key_id, place] = Promise.HELD

    def deleted(
        self, region: str, key_id: str, states: Mapping[str, State], *, doubtful: bool
    ) -> None:
        """The operator of `region` let its key be deleted.

        `doubtful`: its store went back, and it has not been told yet what it lost. Then it may do
        once more what was done already, and a ReplicateKey since that deletion is not to be undone
        by the repetition; nobody can tell the two from each other any longer.
        """
        self._promised[key_id, region] = Promise.OPEN if doubtful else Promise.ABSENT
        self._reconsider(key_id, states)

    def of(self, key_id: str, region: str) -> Promise:
        """What is promised; a region that was never mentioned must not hold the key."""
        return self._promised.get((key_id, region), Promise.ABSENT)

    def disaster(self, region: str, states: Mapping[str, State]) -> None:
        """The region's store was lost or went back to an old copy; `states` are as they are now."""
        for (key_id, place), promise in self._promised.items():
            if place == region and promise is Promise.ABSENT:
                self._promised[key_id, place] = Promise.OPEN
        for key_id in self.keys:
            self._reconsider(key_id, states)

    def check(self, states: Mapping[str, State], regions: Iterable[str]) -> None:
        """After everything has settled: what was promised is what there is."""
        for region in regions:
            for key_id in self.keys:
                held = key_id in states[region].keys
                promise = self.of(key_id, region)
                if promise is Promise.HELD and not held:
                    raise Violation(Invariant.I4, f"{region} lacks {key_id}, which it was promised")
                if promise is Promise.ABSENT and held:
                    multi = self.keys[key_id]
                    broken = Invariant.I9 if multi else Invariant.I7
                    raise Violation(broken, f"{region} holds {key_id}, which must not be there")

    def _reconsider(self, key_id: str, states: Mapping[str, State]) -> None:
        """Let promises go that nobody is left to keep: the primary must hold the key, and every
        region that holds it must say that it is to be there, too.
        """
        shared = [state.keys[key_id].shared for state in states.values() if key_id in state.keys]
        for place, state in states.items():
            if self.of(key_id, place) is not Promise.HELD or key_id in state.keys:
                continue
            listed = all(
                each is not None and place in each.regions and key_id in states[each.primary].keys
                for each in shared
            )
            if not shared or not listed or key_id in state.deleted:
                self._promised[key_id, place] = Promise.OPEN
