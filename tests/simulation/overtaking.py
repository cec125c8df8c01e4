"""A ciphertext that reaches a region before its material does: rare by chance, so it is arranged.

A primary rotates without those that its operator has evicted, and encrypts at once; a client takes
the ciphertext to one of them, by a way that is faster than the log (docs/decisions/0017).
"""

from __future__ import annotations

from node.model.key import KeyState
from tests.simulation.operators import CLIENT, ask, decrypt, encrypt_under, evict_one
from tests.simulation.region import SimulatedRegion
from tests.simulation.settling import run_all
from tests.simulation.watcher import OPERATOR, Intent
from tests.simulation.world import World


def overtake(world: World) -> str | None:
    """What one step does; None if no region leads a key with a replica in one that runs."""
    ways = [
        (region, key_id, reader)
        for region in world.regions.values()
        for key_id in _led(region)
        for reader in _readers(world, region, key_id)
    ]
    if not ways:
        return None
    region, key_id, reader = world.random.choice(ways)
    for name in _replicas(region, key_id):
        evict_one(world, region, name)
        run_all(region)
    ask(world, region, Intent("RotateKeyOnDemand", key_id), {"key_id": key_id})
    for _ in range(2):  # publishes the offer, activates it, publishes that
        run_all(region)
    encrypt_under(world, region, key_id)
    run_all(region)
    told = decrypt(world, reader)
    reader.advance(CLIENT, world.random.choice((1, 10, 1000)))
    return (
        f"{region.name}: the operator evicts everyone and rotates {key_id}, and a client encrypts; "
        f"{reader.name}: {told}"
    )


def _led(region: SimulatedRegion) -> list[str]:
    if not region.up or {OPERATOR, CLIENT} & set(region.in_flight):
        return []
    return [
        key_id
        for key_id, held in sorted(region.store.state.keys.items())
        if held.key.is_primary
        and held.key.state is KeyState.ENABLED
        and held.shared is not None
        and held.shared.material_travels
    ]


def _replicas(region: SimulatedRegion, key_id: str) -> tuple[str, ...]:
    shared = region.store.state.keys[key_id].shared
    return () if shared is None else shared.replicas


def _readers(world: World, region: SimulatedRegion, key_id: str) -> list[SimulatedRegion]:
    replicas = [world.regions[name] for name in _replicas(region, key_id)]
    return [
        each
        for each in replicas
        if each.up and CLIENT not in each.in_flight and key_id in each.store.state.keys
    ]
