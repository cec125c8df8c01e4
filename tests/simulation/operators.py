"""What operators do, in the transactions in which the operations of `node` do it.

Each act is a coroutine that the simulation may interrupt or abandon like any other; its note tells
the promises when, and only if, it commits.
"""

from __future__ import annotations

from crypto.material import KeyMaterial
from replication.materials import Materials
from replication.offers import ReplicaProperties
from replication.shared import SharedState, first_version
from tests.simulation.memory_store import HeldKey, State
from tests.simulation.promises import Created, Deleted, Replicated
from tests.simulation.region import SimulatedRegion

ACCOUNT = "111122223333"


async def create_key(region: SimulatedRegion, material: KeyMaterial, *, multi: bool) -> None:
    """CreateKey (node.operations.keys)."""
    key_id = material.key_id
    shared = _first_version(region.name, material) if multi else None
    async with region.store.replica_transaction() as transaction:
        await transaction.add_key(HeldKey(key_id, (material,), shared))
        transaction.notes.append(Created(region.name, key_id, multi))


async def replicate_key(region: SimulatedRegion, key_id: str, place: str) -> None:
    """ReplicateKey (node.operations.replicas)."""
    properties = ReplicaProperties(description=f"replica in {place}")
    async with region.store.replica_transaction() as transaction:
        shared = await transaction.shared(key_id)
        if shared is None or shared.primary != region.name or place in shared.regions:
            return  # it was taken away meanwhile, or is there already
        await region.primary.add_replica(transaction, shared, place, properties)
        transaction.notes.append(Replicated(place, key_id))


async def delete_replica(region: SimulatedRegion, key_id: str) -> None:
    """The end of a replica key's deletion window (node.schedule)."""
    async with region.store.replica_transaction() as transaction:
        if await transaction.shared(key_id) is None:
            return
        await transaction.delete_key(key_id)
        await region.log.declare_deleted(transaction, key_id)
        transaction.notes.append(Deleted(region.name, key_id))


def replicable(region: str, state: State, regions: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every (key ID, region) to which this region may replicate."""
    return [
        (key_id, place)
        for key_id, shared in _sets(state)
        if shared.primary == region
        for place in regions
        if place not in shared.regions
    ]


def deletable(region: str, state: State) -> list[str]:
    """Every replica key that this region holds."""
    return [key_id for key_id, shared in _sets(state) if shared.primary != region]


def _sets(state: State) -> list[tuple[str, SharedState]]:
    return [
        (key_id, key.shared) for key_id, key in sorted(state.keys.items()) if key.shared is not None
    ]


def _first_version(region: str, material: KeyMaterial) -> SharedState:
    return first_version(
        account=ACCOUNT,
        key_id=material.key_id,
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        region=region,
        materials=Materials.first(material.material_id),
    )
