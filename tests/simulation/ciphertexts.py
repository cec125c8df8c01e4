"""Every ciphertext that a client was given, and where it must open (I1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from replication.position import CursorState
from tests.simulation.memory_store import State
from tests.simulation.violation import Invariant, Violation


@dataclass(frozen=True, slots=True)
class Sample:
    """One ciphertext: where it was made, with which material, and what is in it."""

    region: str
    key_id: str
    material_id: str
    plaintext: bytes
    blob: bytes = field(repr=False)


class Ciphertexts:
    """The first ciphertext that each region made with each material."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str, str], Sample] = {}
        self._lost: set[tuple[str, str]] = set()  # key ID, material: no store has it any longer

    def add(self, sample: Sample) -> None:
        """A client was given this."""
        self.made.setdefault((sample.key_id, sample.material_id, sample.region), sample)

    @property
    def samples(self) -> list[Sample]:
        """Those that must open wherever their key is."""
        return [
            each for each in self.made.values() if (each.key_id, each.material_id) not in self._lost
        ]

    def forget(self, states: Mapping[str, State]) -> None:
        """A store was lost, or a key deleted: what nobody holds any longer opens nowhere."""
        for each in self.made.values():
            if not any(holds(state, each) for state in states.values()):
                self._lost.add((each.key_id, each.material_id))

    def check(self, region: str, states: Mapping[str, State]) -> None:
        """After a commit in `region`: does it hold what it must by now?"""
        for each in self.samples:
            if _must_hold(region, each, states) and not holds(states[region], each):
                raise Violation(
                    Invariant.I1,
                    f"{region} has caught up and lacks material {each.material_id[:8]} of "
                    f"{each.key_id}, with which {each.region} encrypted",
                )

    def at_the_end(self, states: Mapping[str, State]) -> Iterator[tuple[str, Sample]]:
        """Every region and ciphertext that it must open now that everything has converged."""
        for each in self.samples:
            for region, state in states.items():
                if each.key_id in state.keys:
                    yield region, each


def holds(state: State, sample: Sample) -> bool:
    """Whether a region holds the material of a ciphertext."""
    held = state.keys.get(sample.key_id)
    return held is not None and sample.material_id in held.held


def _must_hold(region: str, sample: Sample, states: Mapping[str, State]) -> bool:
    """Whether a region knows the same version as where it was made, and has heard everything that
    there is to be told about it: from where it was made, and by way of the primary.

    A material that the version names is held by whoever knows the version. One that it does not
    name was current under another primary and was contributed; a replica that was made since, by a
    primary that had not heard of it yet, is sent it by that primary's next version (seed 8098).
    """
    mine, theirs = (states[name].keys.get(sample.key_id) for name in (region, sample.region))
    if mine is None or theirs is None or mine.shared is None or region == sample.region:
        return False
    if mine.shared != theirs.shared or region not in mine.shared.regions:
        return False
    primary = mine.shared.primary
    ways = ((region, sample.region), (region, primary), (primary, sample.region))
    return holds(states[sample.region], sample) and all(
        _has_read(reader, origin, states) for reader, origin in ways
    )


def _has_read(reader: str, origin: str, states: Mapping[str, State]) -> bool:
    """Whether the reader follows the origin's log and has read it to its end."""
    if reader == origin:
        return True
    cursor, head = states[reader].cursors.get(origin), states[origin].head
    return (
        cursor is not None
        and head is not None
        and cursor.state is CursorState.FOLLOWING
        and (cursor.log_id, cursor.digest) == (head.log_id, head.digest)
    )
