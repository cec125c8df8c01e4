"""What may happen to keys with imported material in one step of a simulation."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from tests.simulation.imports import (
    MATERIALS,
    create_external,
    external,
    forget_material,
    import_material,
    owned,
    rotatable,
    rotate_imported,
)
from tests.simulation.region import SimulatedRegion
from tests.simulation.watcher import OPERATOR, Intent
from tests.simulation.world import World


def create(world: World, region: SimulatedRegion) -> str:
    """An operator creates a key for imported material."""
    key_id = f"mrk-{world.random.randbytes(16).hex()}"
    intent = Intent("CreateKey", multi_region=True)
    return _begin(world, region, intent, create_external(region, key_id), f"creates {key_id}")


def import_one(world: World, region: SimulatedRegion) -> str | None:
    """An operator imports one of the owner's materials."""
    keys = external(region.store.state)
    if not keys:
        return None
    key_id, _ = world.random.choice(keys)
    number = world.random.choice(range(MATERIALS))
    coroutine = import_material(region, owned(key_id, number))
    intent = Intent("ImportKeyMaterial", key_id)
    return _begin(world, region, intent, coroutine, f"imports material {number} of {key_id}")


def forget(world: World, region: SimulatedRegion) -> str | None:
    """An operator deletes an imported material, or it expires."""
    held = [
        (key_id, each.material_id)
        for key_id, _ in external(region.store.state)
        for each in region.store.state.keys[key_id].materials
    ]
    if not held:
        return None
    key_id, material_id = world.random.choice(held)
    coroutine = forget_material(region, key_id, material_id)
    intent = Intent("DeleteImportedKeyMaterial", key_id)
    words = f"deletes material {material_id[:8]} of {key_id}"
    return _begin(world, region, intent, coroutine, words)


def rotate(world: World, region: SimulatedRegion) -> str | None:
    """An operator rotates a key whose next material is everywhere."""
    state = region.store.state
    keys = [key_id for key_id, shared in external(state) if rotatable(region.name, shared)]
    if not keys:
        return None
    key_id = world.random.choice(keys)
    intent = Intent("RotateKeyOnDemand", key_id)
    return _begin(world, region, intent, rotate_imported(region, key_id), f"rotates {key_id}")


def _begin(
    world: World,
    region: SimulatedRegion,
    intent: Intent,
    coroutine: Coroutine[Any, Any, None],
    words: str,
) -> str:
    world.intents[region.name] = intent
    region.begin(OPERATOR, coroutine)
    return words
