"""Keys with imported material in the simulation: what operators do, and what must be true of them.

Each key has a few materials that its owner keeps; any region may be given any, in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from crypto.material import KeyMaterial
from replication.imports import lacking, report_due
from replication.materials import Materials
from replication.offers import ReplicaProperties
from replication.shared import EXTERNAL, SharedState, first_version
from tests.simulation.memory_store import HeldKey, MemoryTransaction, State
from tests.simulation.region import ACCOUNT, SimulatedRegion

MATERIALS: Final = 4  # that the owner of a key keeps


def owned(key_id: str, number: int) -> KeyMaterial:
    """One of the materials that the owner of a key keeps."""
    return KeyMaterial.of(key_id, hashlib.sha256(f"{key_id} {number}".encode()).digest())


async def create_external(region: SimulatedRegion, key_id: str) -> None:
    """CreateKey with the origin EXTERNAL (node.operations.keys)."""
    shared = first_version(
        account=ACCOUNT,
        key_id=key_id,
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin=EXTERNAL,
        region=region.name,
        materials=Materials.none(),
    )
    async with region.store.transaction() as transaction:
        await transaction.create_related_key(shared, ReplicaProperties(), (), region.now)


async def import_material(region: SimulatedRegion, material: KeyMaterial) -> None:
    """ImportKeyMaterial (node.importer): of what KMS would refuse, nothing happens."""
    async with region.store.replica_transaction() as transaction:
        shared = await transaction.shared(material.key_id)
        if shared is None:
            return
        after = _after_import(region.name, shared, material.material_id, region.now)
        if after is None:
            return
        await transaction.add_materials(material.key_id, [material])
        await _tell(region, transaction, shared, after)


async def forget_material(region: SimulatedRegion, key_id: str, material_id: str) -> None:
    """DeleteImportedKeyMaterial, or its expiry (node.importer)."""
    async with region.store.replica_transaction() as transaction:
        shared = await transaction.shared(key_id)
        if shared is None:
            return
        await transaction.delete_materials(key_id, {material_id})
        pending = shared.materials.pending_import
        after = shared.materials
        if shared.primary == region.name and pending and pending.material_id == material_id:
            after = shared.materials.import_dropped()
        await _tell(region, transaction, shared, after)


async def rotate_imported(region: SimulatedRegion, key_id: str) -> None:
    """RotateKeyOnDemand of a key with imported material (node.operations.rotation)."""
    async with region.store.replica_transaction() as transaction:
        shared = await transaction.shared(key_id)
        if shared is None or not rotatable(region.name, shared):
            return
        rotated = shared.materials.import_rotated(region.now)
        await region.primary.change_materials(transaction, shared, rotated)


def rotatable(region: str, shared: SharedState) -> bool:
    """Whether the primary's region would rotate an imported key now."""
    pending = shared.materials.pending_import is not None
    return shared.primary == region and pending and not lacking(shared)


def external(state: State) -> list[tuple[str, SharedState]]:
    """Every key with imported material that a region holds."""
    keys = ((key_id, key.shared) for key_id, key in sorted(state.keys.items()))
    return [(key_id, shared) for key_id, shared in keys if shared and not shared.material_travels]


def unsettled_imports(name: str, key: HeldKey, shared: SharedState) -> Iterator[str]:
    """What the primary's shared state says wrongly of one region."""
    pending = shared.materials.pending_import
    if pending is None or name not in shared.regions:
        return
    holds = pending.material_id in key.held
    if holds != (name in pending.regions):
        yield f"the primary of {shared.key_id} is wrong about what {name} has imported"


def _after_import(
    region: str, shared: SharedState, material_id: str, now: float
) -> Materials | None:
    materials = shared.materials
    if material_id in materials.associated:
        return (
            materials.import_told(region, held=True)
            if _is_pending(shared, material_id)
            else (materials)
        )
    if region != shared.primary or materials.pending_import is not None:
        return None
    if not materials.history:
        return materials.imported_first(material_id, "")
    return materials.imported_next(material_id, "", region, now)


def _is_pending(shared: SharedState, material_id: str) -> bool:
    pending = shared.materials.pending_import
    return pending is not None and pending.material_id == material_id


async def _tell(
    region: SimulatedRegion, transaction: MemoryTransaction, shared: SharedState, after: Materials
) -> None:
    """The primary tells of the shared state; a replica reports what the primary does not know."""
    if shared.primary == region.name:
        if after != shared.materials:
            await region.primary.change_materials(transaction, shared, after)
        return
    report = report_due(region.name, shared, await transaction.held(shared.key_id))
    if report is not None:
        await region.log.append(transaction, report)
