"""What operators and clients ask of a region: the node's own operations, rightly and wrongly.

Each asks by the operation's handler, as the wire layer does, and takes whatever KMS error comes.
Keys, regions and moments are chosen at random: also those for which the request makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from node.model.errors import InvalidCiphertext, KmsError
from node.operations.promotions import MAJORITY
from tests.simulation.ciphertexts import Sample, holds
from tests.simulation.refusals import check_invalid, shown
from tests.simulation.region import SimulatedRegion
from tests.simulation.violation import Invariant, Violation
from tests.simulation.watcher import OPERATOR, Intent
from tests.simulation.world import World

CLIENT: Final = "client"
Ask = Callable[[World, SimulatedRegion], str | None]
"""Puts a request under way; says what is asked, or None if there is nothing to ask for."""


def _create(world: World, region: SimulatedRegion, *, multi: bool) -> str:
    intent = Intent("CreateKey", description=f"made in {region.name}", multi_region=multi)
    members = {"multi_region": multi, "description": intent.description}
    ask(world, region, intent, members)
    return f"creates a {'multi' if multi else 'single'}-Region key"


def create_multi_region(world: World, region: SimulatedRegion) -> str | None:
    """CreateKey. The more keys there are, the rarer: few keys meet with more."""
    if world.random.random() * (1 + len(world.promises.keys)) > 1:
        return None
    return _create(world, region, multi=True)


def create_single_region(world: World, region: SimulatedRegion) -> str | None:
    """CreateKey."""
    return _create(world, region, multi=False)


def replicate(world: World, region: SimulatedRegion) -> str | None:
    """ReplicateKey, mostly from where the primary is."""
    key_id = _some_key(world.random, region, lead=0.8)
    if key_id is None:
        return None
    return replicate_to(world, region, key_id, _some_place(world, region, key_id))


def replicate_to(world: World, region: SimulatedRegion, key_id: str, place: str) -> str:
    """ReplicateKey, with a description or without one."""
    description = world.random.choice(("", f"for {place} by {region.name}"))
    intent = Intent("ReplicateKey", key_id, place, description)
    members = {"key_id": key_id, "replica_region": place, "description": description}
    ask(world, region, intent, members)
    return f"replicates {key_id} to {place}"


def update_primary(world: World, region: SimulatedRegion) -> str | None:
    """UpdatePrimaryRegion."""
    key_id = _some_key(world.random, region, lead=0.8)
    if key_id is None:
        return None
    place = world.random.choice(world.names)
    intent = Intent("UpdatePrimaryRegion", key_id, place)
    ask(world, region, intent, {"key_id": key_id, "primary_region": place})
    return f"makes {place} the primary of {key_id}"


def promote(world: World, region: SimulatedRegion) -> str | None:
    """Keyspan.Promote: of one key or all, from a region that is lost or not."""
    key_id = _some_key(world.random, region)
    held = None if key_id is None else region.store.state.keys[key_id].shared
    others = [name for name in world.names if name != region.name]
    likely = held is not None and held.primary in others and world.random.random() < 0.8
    lost = held.primary if held is not None and likely else world.random.choice(others)
    key_ids = world.random.choice((None, None if key_id is None else [key_id]))
    dry_run = world.random.random() < 0.1
    _begin_promotion(world, region, key_ids, {"from_region": lost, "dry_run": dry_run})
    what = "every key" if key_ids is None else key_ids[0]
    return f"takes over {what} from {lost} by force{' (dry run)' if dry_run else ''}"


def elect(world: World, region: SimulatedRegion) -> str | None:
    """Keyspan.Promote with a quorum: asks, or goes on with what was asked, or ends it."""
    asks = region.store.state.asks
    standing = [key_id for key_id, each in asks.items() if not each.withdrawn]
    going_on = bool(standing) and world.random.random() < 0.8
    key_id = world.random.choice(standing) if going_on else _some_key(world.random, region)
    return None if key_id is None else stand(world, region, key_id)


def stand(world: World, region: SimulatedRegion, key_id: str) -> str | None:
    """Keyspan.Promote of this key with a quorum; None if this region has no replica of it."""
    held = region.store.state.keys.get(key_id)
    shared = None if held is None else held.shared
    if shared is None or shared.primary == region.name:
        return None
    withdraw = world.random.random() < 0.1
    members = {"from_region": shared.primary, "quorum": MAJORITY, "withdraw": withdraw}
    _begin_promotion(world, region, [key_id], members)
    does = "ends its candidacy for" if withdraw else "stands as primary of"
    return f"{does} {key_id} in the place of {shared.primary}"


def _begin_promotion(
    world: World, region: SimulatedRegion, key_ids: list[str] | None, members: dict[str, Any]
) -> None:
    intent = Intent("Keyspan.Promote", None if key_ids is None else key_ids[0])
    ask(world, region, intent, {"key_ids": key_ids, **members})


def evict(world: World, region: SimulatedRegion) -> str | None:
    """Keyspan.EvictRegion."""
    return evict_one(world, region, world.random.choice(world.names))


def evict_one(world: World, region: SimulatedRegion, place: str) -> str:
    """Keyspan.EvictRegion of this one."""
    ask(world, region, Intent("Keyspan.EvictRegion", None, place), {"region": place})
    return f"evicts {place}"


def readmit(world: World, region: SimulatedRegion) -> str | None:
    """Keyspan.ReadmitRegion."""
    place = world.random.choice(world.names)
    ask(world, region, Intent("Keyspan.ReadmitRegion", None, place), {"region": place})
    return f"readmits {place}"


def _with_key(operation: str, words: str, **members: Any) -> Ask:
    """An operation on some key that takes nothing else, or the same each time."""

    def begun(world: World, region: SimulatedRegion) -> str | None:
        key_id = _some_key(world.random, region)
        if key_id is None:
            return None
        ask(world, region, Intent(operation, key_id), {"key_id": key_id, **members})
        return f"{words} {key_id}"

    return begun


enable = _with_key("EnableKey", "enables")
disable = _with_key("DisableKey", "disables")
describe = _with_key("UpdateKeyDescription", "describes anew", description="described anew")
schedule_deletion = _with_key(
    "ScheduleKeyDeletion", "schedules the deletion of", pending_window_in_days=7
)
cancel_deletion = _with_key("CancelKeyDeletion", "cancels the deletion of")
rotate = _with_key("RotateKeyOnDemand", "rotates")
enable_rotation = _with_key(
    "EnableKeyRotation", "enables the rotation of", rotation_period_in_days=90
)
disable_rotation = _with_key("DisableKeyRotation", "disables the rotation of")


def look(world: World, region: SimulatedRegion) -> str | None:
    """Keyspan.GetStatus, which must never fail."""
    ask(world, region, Intent("Keyspan.GetStatus"), {})
    return "asks how the region is"


def encrypt(world: World, region: SimulatedRegion) -> str | None:
    """A client encrypts."""
    key_id = _some_key(world.random, region)
    if key_id is None or CLIENT in region.in_flight:
        return None
    if region.store.state.keys[key_id].key.origin != "AWS_KMS":
        return None  # imported material is not what this is about, see imports.py
    return encrypt_under(world, region, key_id)


def encrypt_under(world: World, region: SimulatedRegion, key_id: str) -> str:
    """A client encrypts under this key."""
    region.begin(CLIENT, _encrypt(world, region, key_id, world.random.randbytes(8)))
    return f"a client encrypts under {key_id}"


def decrypt(world: World, region: SimulatedRegion) -> str | None:
    """A client decrypts what was encrypted anywhere; what came before its material, if there is."""
    if not world.ciphertexts.made or CLIENT in region.in_flight:
        return None
    state = region.store.state
    made = list(world.ciphertexts.made.values())
    early = [each for each in made if each.key_id in state.keys and not holds(state, each)]
    sample = world.random.choice(early or made)
    region.begin(CLIENT, decrypted(world, region, sample))
    return f"a client decrypts what {sample.region} encrypted under {sample.key_id}"


async def _encrypt(world: World, region: SimulatedRegion, key_id: str, plaintext: bytes) -> None:
    try:
        response = await region.call("Encrypt", key_id=key_id, plaintext=plaintext)
        found = await region.call("Decrypt", ciphertext_blob=response.ciphertext_blob)
    except KmsError as error:
        world.tell(f"       {region.name} refuses its client: {type(error).__name__} {error}")
        return
    material_id = found.key_material_id
    sample = Sample(region.name, key_id, material_id, plaintext, response.ciphertext_blob)
    states = world.states
    world.ciphertexts.add(sample)
    world.watcher.check_use(region.name, key_id, material_id, states, *world.suspects.among(states))


async def decrypted(world: World, region: SimulatedRegion, sample: Sample) -> KmsError | None:
    """Decrypt: the plaintext, or an error. Returns the error; Violation for a wrong answer."""
    before = shown(world.states, world.streams)
    try:
        response = await region.call("Decrypt", ciphertext_blob=sample.blob)
    except KmsError as error:
        if isinstance(error, InvalidCiphertext):
            now = shown(world.states, world.streams)
            check_invalid(region.name, sample, world.states, before & now)
        world.tell(f"       {region.name} refuses its client: {type(error).__name__} {error}")
        return error
    if response.plaintext != sample.plaintext:
        raise Violation(Invariant.I1, f"{region.name} opened a ciphertext wrongly")
    return None


def ask(world: World, region: SimulatedRegion, intent: Intent, members: dict[str, Any]) -> None:
    """Put an operator's request under way."""
    world.intents[region.name] = intent
    changes = not intent.operation.startswith("Keyspan.")
    region.begin(OPERATOR, asked(world, region, intent.operation, members, changes=changes))


async def asked(
    world: World,
    region: SimulatedRegion,
    operation: str,
    members: dict[str, Any],
    *,
    changes: bool = True,
) -> Any:
    """The response, or None for an error. What `changes` anything and is acknowledged is committed
    (I4).
    """
    before = region.store.state
    try:
        response = await region.call(operation, **members)
    except KmsError as error:
        world.tell(f"       {region.name} refuses: {type(error).__name__} {error}")
        return None
    if changes and before is region.store.state:
        raise Violation(
            Invariant.I4, f"{region.name} acknowledged {operation} and committed nothing"
        )
    return response


def _some_place(world: World, region: SimulatedRegion, key_id: str) -> str:
    """A region to replicate to: mostly one that has no key of the set yet."""
    shared = region.store.state.keys[key_id].shared
    free = [name for name in world.names if shared is None or name not in shared.regions]
    likely = free if free and world.random.random() < 0.8 else world.names
    return world.random.choice(likely)


def _some_key(random: Random, region: SimulatedRegion, lead: float = 0.0) -> str | None:
    """One of the region's keys; with probability `lead`, one that it leads."""
    keys = sorted(region.store.state.keys)
    led = [each for each in keys if region.store.state.keys[each].key.is_primary]
    if led and random.random() < lead:
        return random.choice(led)
    return random.choice(keys) if keys else None
