"""After the faults end: everything runs, round by round, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from node.model.errors import Disabled, InvalidState
from node.model.key import KeyState
from replication.faults import NO_FAULTS
from replication.position import CursorState
from replication.shared import SharedState
from tests.simulation.imports import unsettled_imports
from tests.simulation.memory_store import HeldKey, State
from tests.simulation.operators import decrypted
from tests.simulation.region import SimulatedRegion
from tests.simulation.stepping import finished
from tests.simulation.violation import Invariant, Violation
from tests.simulation.world import World

ROUNDS: Final = 60  # a round is a second: every loop ran once at least
_USABLE: Final = {KeyState.ENABLED, KeyState.UPDATING}
QUIET_ROUNDS: Final = 3  # and it must stay so
STEPS_OF_A_ROUND: Final = 8


def settle(world: World) -> int:
    """Let the regions converge. Returns after how many rounds; Violation if they do not."""
    for name in world.names:
        world.set_weather(name, NO_FAULTS)
        if not world.regions[name].up:
            world.regions[name].start()
    for number in range(ROUNDS):
        _round(world)
        problems = list(unsettled(world))
        world.tell(f"round {number + 1}: {'; '.join(problems) or 'settled'}")
        if not problems:
            _stay_settled(world)
            world.check_at_the_end()
            _open_everything(world)
            return number + 1
    raise Violation(Invariant.I9, f"after {ROUNDS} rounds: " + "; ".join(problems))


def unsettled(world: World) -> Iterator[str]:
    """Everything that is still to be done, in words."""
    states = world.states
    for name, region in world.regions.items():
        yield from _of_stream(world, region)
        yield from _of_cursors(world, region)
        yield from _of_keys(name, states)


def run_all(region: SimulatedRegion) -> None:
    """Let every loop of a region end its step, and then do a step, or a few."""
    while region.in_flight:
        for slot in tuple(region.in_flight):
            region.advance(slot, 1)
    for slot in region.slots:
        for _ in range(STEPS_OF_A_ROUND):
            while not region.advance(slot, 1000):
                pass
            if region.idle:
                break


def _round(world: World) -> None:
    world.clock.time += 1.0
    for region in world.regions.values():
        run_all(region)
    world.check()


def _stay_settled(world: World) -> None:
    for _ in range(QUIET_ROUNDS):
        _round(world)
        problems = list(unsettled(world))
        if problems:
            raise Violation(Invariant.I9, "converged, and no longer: " + "; ".join(problems))


def _open_everything(world: World) -> None:
    """Every ciphertext, in every region that holds its key."""
    for name, sample in world.ciphertexts.at_the_end(world.states):
        region = world.regions[name]
        error = finished(decrypted(world, region, sample))
        usable = region.store.state.keys[sample.key_id].key.state in _USABLE
        if error is not None and (usable or not isinstance(error, Disabled | InvalidState)):
            raise Violation(
                Invariant.I1,
                f"{name} does not open what {sample.region} encrypted with material "
                f"{sample.material_id[:8]} of {sample.key_id}: {type(error).__name__} {error}",
            )


def _of_stream(world: World, region: SimulatedRegion) -> Iterator[str]:
    outbox = {(number, 0): data for number, data in region.store.state.outbox.items()}
    if world.streams[region.name].entries != outbox:
        yield f"the stream of {region.name} differs from its outbox"


def _of_cursors(world: World, region: SimulatedRegion) -> Iterator[str]:
    for origin, subscriber in region.subscribers.items():
        cursor = region.store.state.cursors[origin]
        head = world.regions[origin].store.state.head
        refusal = subscriber.status.refusal
        if refusal:
            yield f"{region.name} refuses to read {origin} ({refusal})"
        if cursor.state is not CursorState.FOLLOWING:
            yield f"{region.name} is {cursor.state} {origin}"
        elif head is None or (cursor.log_id, cursor.digest) != (head.log_id, head.digest):
            yield f"{region.name} has not read {origin} to the end"
        elif not subscriber.status.caught_up:
            yield f"{region.name} does not say that it has caught up with {origin}"


def _of_keys(name: str, states: dict[str, State]) -> Iterator[str]:
    state = states[name]
    for wait in state.waits.values():
        yield f"{name} still waits for a {wait.kind} of {wait.key_id}"
    for key_id, held in sorted(state.keys.items()):
        if held.shared is not None:
            yield from _of_related(name, held, held.shared, states)
        if held.key.state is KeyState.UPDATING:
            yield f"{key_id} is Updating in {name}"


def _of_related(
    name: str, held: HeldKey, shared: SharedState, states: dict[str, State]
) -> Iterator[str]:
    key_id = shared.key_id
    for place in shared.regions:
        if key_id not in states[place].keys:
            yield f"{place} lacks {key_id}, of which {name} says that it is there"
    primary = states[shared.primary].keys.get(key_id)
    if primary is not None and shared != primary.shared:
        yield f"{name} has another state of {key_id} than its primary"
    yield from unsettled_imports(name, held, shared)
    if name not in shared.regions:
        yield f"{name} holds {key_id}, and its primary does not know"
    waits_for_replicas = held.key.state is KeyState.PENDING_REPLICA_DELETION
    if waits_for_replicas and not (held.key.is_primary and shared.replicas):
        yield f"{key_id} in {name} waits for replicas and has none"
    deleted_by_date = held.key.state is KeyState.PENDING_DELETION
    if deleted_by_date and held.key.is_primary and shared.replicas:
        yield f"the primary key {key_id} in {name} is to be deleted before its replicas"
