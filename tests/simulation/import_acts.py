"""What may happen to keys with imported material in one step of a simulation."""

from __future__ import annotations

from node.model.imports import DAY_SECONDS
from tests.simulation.imports import MATERIALS, WRAPPING, external, owned, owned_id, wrapped
from tests.simulation.operators import ask, asked, replicate_to
from tests.simulation.region import SimulatedRegion
from tests.simulation.watcher import OPERATOR, Intent
from tests.simulation.world import World


def create(world: World, region: SimulatedRegion) -> str:
    """CreateKey, for imported material."""
    intent = Intent("CreateKey", description=f"made in {region.name}", multi_region=True)
    members = {"multi_region": True, "origin": "EXTERNAL", "description": intent.description}
    ask(world, region, intent, members)
    return "creates a multi-Region key for imported material"


def import_one(world: World, region: SimulatedRegion) -> str | None:
    """GetParametersForImport and ImportKeyMaterial, of one of the owner's materials."""
    keys = external(region.store.state)
    if not keys:
        return None
    key_id, held = world.random.choice(keys)
    number = world.random.choice(range(MATERIALS))
    known = owned_id(key_id, number) in held.key.materials.associated
    likely = "EXISTING_KEY_MATERIAL" if known else "NEW_KEY_MATERIAL"
    kind = world.random.choice((likely, likely, likely, None))
    days = world.random.choice((None, None, 8, 91))
    world.intents[region.name] = Intent("ImportKeyMaterial", key_id)
    region.begin(OPERATOR, _import(world, region, key_id, number, kind, days))
    return f"imports material {number} of {key_id} for {days or 'any number of'} days"


async def _import(
    world: World,
    region: SimulatedRegion,
    key_id: str,
    number: int,
    kind: str | None,
    days: int | None,
) -> None:
    members = {"key_id": key_id, "wrapping_algorithm": WRAPPING, "wrapping_key_spec": "RSA_2048"}
    made = await asked(world, region, "GetParametersForImport", members, changes=False)
    if made is None:
        return
    model = "KEY_MATERIAL_DOES_NOT_EXPIRE" if days is None else "KEY_MATERIAL_EXPIRES"
    sent = {
        "key_id": key_id,
        "import_token": made.import_token,
        "encrypted_key_material": wrapped(owned(key_id, number), made.public_key),
        "import_type": kind,
        "expiration_model": model,
        "valid_to": None if days is None else region.now + days * DAY_SECONDS,
    }
    await asked(world, region, "ImportKeyMaterial", sent)


def replicate(world: World, region: SimulatedRegion) -> str | None:
    """ReplicateKey of a key that has its material, to where it has no replica yet."""
    free = [
        (key_id, name)
        for key_id, held in external(region.store.state)
        if held.key.is_primary and held.shared is not None and held.held
        for name in world.names
        if name not in held.shared.regions
    ]
    if not free:
        return None
    key_id, place = world.random.choice(free)
    return replicate_to(world, region, key_id, place)


def forget(world: World, region: SimulatedRegion) -> str | None:
    """DeleteImportedKeyMaterial."""
    materials = [
        (key_id, each.material_id)
        for key_id, held in external(region.store.state)
        for each in held.materials
    ]
    if not materials:
        return None
    key_id, material_id = world.random.choice(materials)
    members = {"key_id": key_id, "key_material_id": material_id}
    ask(world, region, Intent("DeleteImportedKeyMaterial", key_id), members)
    return f"deletes material {material_id[:8]} of {key_id}"


def rotate(world: World, region: SimulatedRegion) -> str | None:
    """RotateKeyOnDemand of a key that has its next material."""
    keys = [
        key_id
        for key_id, held in external(region.store.state)
        if held.key.is_primary and held.key.materials.pending_import is not None
    ]
    if not keys:
        return None
    key_id = world.random.choice(keys)
    ask(world, region, Intent("RotateKeyOnDemand", key_id), {"key_id": key_id})
    return f"rotates {key_id}"
