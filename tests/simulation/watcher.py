"""Watches every commit of every region, and checks what must hold after it (I2 to I7).

It is told by the stores themselves and by the simulated clients and operators; it repeats none of
the rules that it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from node.model.key import Key, KeyState
from replication.shared import SharedState
from tests.simulation.imports import as_imports_allow
from tests.simulation.memory_store import HeldKey, State
from tests.simulation.violation import Invariant, Violation

OPERATOR: Final = "operator"
SCHEDULE: Final = "schedule"
_GOING: Final = {KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION}


@dataclass(frozen=True, slots=True)
class Intent:
    """What an operator asked for: the operation's name, the key, and what else it names."""

    operation: str
    key_id: str | None = None
    place: str | None = None
    description: str = ""
    multi_region: bool = False


@dataclass(slots=True)
class Watcher:
    """What is known of every region beside what its store holds now."""

    single_region: dict[str, str] = field(default_factory=dict)  # key ID -> its only region
    leaders: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    forced: set[tuple[str, int, str]] = field(default_factory=set)  # key ID, epoch, region
    evicted: set[str] = field(default_factory=set)
    led: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # key ID -> regions
    forgotten: set[str] = field(default_factory=set)  # keys of which a leader lost what it had done
    elected: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    doubtful: set[tuple[str, int]] = field(default_factory=set)  # key ID, epoch
    offered: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def committed(
        self,
        region: str,
        slot: str,
        intent: Intent | None,
        before: State,
        after: State,
        now: float,
        suspects: Collection[str] = (),
    ) -> None:
        """A transaction of `slot` in `region` has committed, at the region's own time.

        `suspects` are the regions whose store went back, and that have not been told all they lost.
        """
        asked = intent if slot == OPERATOR else None
        self._note(region, asked, before, after)
        self._note_votes(before, after, doubtful=region in suspects)
        for key_id in before.keys.keys() | after.keys.keys():
            old, new = before.keys.get(key_id), after.keys.get(key_id)
            if old is new:
                continue
            if new is None and old is not None:
                _check_gone(region, slot, old, now)
            elif new is not None and old is None:
                self._check_new(region, asked, new)
            elif old is not None and new is not None:
                _check_changed(region, slot, asked, old, new)
            if new is not None and new.shared is not None:
                self._check_lead(region, asked, old, new.shared)

    def disaster(self, region: str) -> None:
        """The region's store was lost or went back to an old copy: it may do again, in another way,
        what it did as the primary of a key, and nobody can tell it.
        """
        self.forgotten |= {key_id for key_id, regions in self.led.items() if region in regions}

    def _note(self, region: str, asked: Intent | None, before: State, after: State) -> None:
        self.evicted |= after.evicted.keys()
        if asked is None or asked.key_id is None:
            return
        if asked.operation == "ReplicateKey" and asked.place is not None:
            self.offered[asked.key_id, asked.place].add(asked.description)

    def _note_votes(self, before: State, after: State, *, doubtful: bool) -> None:
        """A region that does not know yet that its store went back may vote twice: nobody can tell
        it, until it has read on.
        """
        for key_id, vote in after.votes.items():
            if doubtful and before.votes.get(key_id) != vote:
                self.doubtful.add((key_id, vote.epoch))

    def _check_elected(self, region: str, shared: SharedState) -> None:
        """Two regions never both have a majority for one key and epoch (I3)."""
        place = (shared.key_id, shared.version.epoch)
        self.elected[place].add(region)
        if len(self.elected[place]) > 1 and place not in self.doubtful:
            raise Violation(
                Invariant.I3,
                f"{' and '.join(sorted(self.elected[place]))} both have a majority for "
                f"{shared.key_id} at epoch {shared.version.epoch}",
            )

    def _check_new(self, region: str, asked: Intent | None, new: HeldKey) -> None:
        key = new.key
        if asked is not None and asked.operation == "CreateKey":
            if not asked.multi_region:
                self.single_region[key.key_id] = region
            return
        if self.single_region.get(key.key_id, region) != region or key.shared is None:
            raise Violation(Invariant.I7, f"{region} got {key.key_id}")
        if key.description not in self.offered[key.key_id, region] | {""} or key.tags:
            raise Violation(
                Invariant.I5, f"{region} got {key.key_id} with description {key.description!r}"
            )

    def _check_lead(
        self, region: str, asked: Intent | None, old: HeldKey | None, shared: SharedState
    ) -> None:
        before = None if old is None else old.shared
        if before is not None and before != shared and not shared.supersedes(before):
            raise Violation(
                Invariant.I3,
                f"{region} went from {_version(before)} of {shared.key_id} to {_version(shared)}",
            )
        if shared.primary != region:
            return
        if shared.votes:
            self._check_elected(region, shared)
        place = (shared.key_id, shared.version.epoch)
        if asked is not None and asked.operation == "Keyspan.Promote":
            self.forced.add((*place, region))
        self.leaders[place].add(region)
        self.led[shared.key_id].add(region)
        unforced = {each for each in self.leaders[place] if (*place, each) not in self.forced}
        if len(unforced) > 1 and shared.key_id not in self.forgotten:
            raise Violation(
                Invariant.I3,
                f"{' and '.join(sorted(self.leaders[place]))} lead {shared.key_id} in one epoch, "
                f"{shared.version.epoch}",
            )

    def check_use(
        self,
        region: str,
        key_id: str,
        material_id: str,
        states: Mapping[str, State],
        *suspects: str,
    ) -> None:
        """A region has encrypted with this material (I2)."""
        held = states[region].keys.get(key_id)
        if held is None or held.shared is None:
            return
        for other in held.shared.regions:
            theirs = states[other].keys.get(key_id)
            exempt = other in self.evicted or other in suspects
            if theirs is not None and not exempt and material_id not in theirs.held:
                raise Violation(
                    Invariant.I2,
                    f"{region} encrypts under {key_id} with material {material_id[:8]}, "
                    f"which {other} lacks",
                )


def independent(key: Key) -> tuple[Any, ...]:
    """What belongs to the key in its own region alone (KMS: independent properties)."""
    return (
        key.created,
        key.description,
        key.policy,
        key.tags,
        key.state,
        key.deletion_date,
        key.pending_window_days,
    )


def _check_gone(region: str, slot: str, old: HeldKey, now: float) -> None:
    key = old.key
    if slot != SCHEDULE or key.deletion_date is None or key.deletion_date > now:
        raise Violation(Invariant.I4, f"{region} lost {key.key_id} by its {slot}")
    if key.is_primary and key.shared is not None and key.shared.replicas:
        raise Violation(
            Invariant.I6,
            f"{region} deleted its primary key {key.key_id}, which has replicas in "
            f"{', '.join(key.shared.replicas)}",
        )


def _check_changed(
    region: str, slot: str, asked: Intent | None, old: HeldKey, new: HeldKey
) -> None:
    key_id = new.key.key_id
    travels = new.shared is None or new.shared.material_travels
    if travels and not old.held <= new.held:
        raise Violation(Invariant.I4, f"{region} lost material of {key_id}")
    if (old.shared is None) != (new.shared is None):
        raise Violation(Invariant.I7, f"{region} made {key_id} a multi-Region key, or no longer")
    if asked is not None and asked.key_id == key_id:
        return
    if independent(old.key) != independent(new.key) and not _follows(old.key, new.key):
        raise Violation(
            Invariant.I5,
            f"the {slot} of {region} changed what belongs to {key_id} there alone: "
            f"{old.key.state} to {new.key.state}",
        )


def _follows(old: Key, new: Key) -> bool:
    """Whether the state changed as it must when the key's role did, and nothing else with it."""
    rest = (old.created, old.description, old.policy, old.tags)
    if rest != (new.created, new.description, new.policy, new.tags):
        return False
    if (old.state, new.state) == (KeyState.UPDATING, KeyState.ENABLED):
        return True
    return {old.state, new.state} == _GOING or as_imports_allow(old, new)


def _version(shared: SharedState) -> str:
    return f"version {shared.version.epoch}.{shared.version.revision} of {shared.primary}"
