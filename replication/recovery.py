"""How a primary recovers what it led: its store was lost, or went back to an old copy.

Its replicas tell it what they know. It takes over the highest version, and makes a new one when two
differ: the same version number may stand for two states, one made before and one after the store
went back. It lists the replicas that it knew, and each that tells of itself. It lists no replica
for the sake of another's word: that one may have been deleted since, or never have come about.

The first version of an epoch alone is believed about the others too. It is that of the primary
before: whoever was handed the lead with its key still on the way knows of no offer that was made
before, and none may be lost by that (seed 4065). A listed region that holds no key asks for it, or
says that it has deleted it.
"""

from __future__ import annotations

from dataclasses import replace

from replication.materials import Materials, Pending
from replication.shared import SharedState


def recovered(told: SharedState, origin: str) -> SharedState:
    """The state of a set of which the primary's region held nothing, as the replica in `origin`
    tells it.
    """
    if told.replicas == (origin,) or told.version.revision == 1:
        return told
    return replace(told, replicas=(origin,), version=told.version.next_revision())


def caught_up(
    known: SharedState, told: SharedState, origin: str, held: frozenset[str]
) -> SharedState:
    """The state of a set of which the primary knows one version, and the replica in `origin` tells
    another of the same epoch. `held` are the IDs of the materials that the primary's region holds.
    """
    ahead = told.version > known.version
    base, other = (told, known) if ahead else (known, told)
    others = tuple(
        each
        for each in other.materials.history
        if each.material_id in held or not base.material_travels
    )
    merged = replace(
        base,
        replicas=tuple(sorted({*known.replicas, origin})),
        materials=_resumed(base.materials.with_history(others), other.materials.pending, held),
        votes=base.votes or other.votes,
    )
    if (merged == told and ahead) or (merged == known and told.version < known.version):
        return merged
    if merged == told == known:
        return known
    return replace(merged, version=base.version.next_revision())


def _resumed(materials: Materials, pending: Pending | None, held: frozenset[str]) -> Materials:
    """With a rotation of which only the other version knows: it may have come to its end, and is
    gone on with.
    """
    if pending is None or materials.pending is not None:
        return materials
    if pending.material_id in materials.ids or pending.material_id not in held:
        return materials
    return replace(materials, pending=pending)
