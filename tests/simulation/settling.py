"""After the faults end: everything runs, round by round, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from replication.faults import NO_FAULTS
from replication.position import CursorState
from replication.shared import SharedState
from tests.simulation.imports import unsettled_imports
from tests.simulation.memory_store import HeldKey, State
from tests.simulation.region import SimulatedRegion
from tests.simulation.violation import Violation
from tests.simulation.world import World

ROUNDS: Final = 60  # a round is a second: every loop ran once at least
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
            world.promises.check(world.states, world.names)
            return number + 1
    raise Violation(f"not converged after {ROUNDS} rounds: " + "; ".join(problems))


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
        for _ in range(1 if slot == "publisher" else STEPS_OF_A_ROUND):
            while not region.advance(slot, 1000):
                pass


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
            raise Violation("converged, and then no longer: " + "; ".join(problems))


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
    for key_id, key in sorted(states[name].keys.items()):
        if key.shared is None:
            continue
        for place in key.shared.regions:
            if key_id not in states[place].keys:
                yield f"{place} lacks {key_id}, of which {name} says that it is there"
        primary = states[key.shared.primary].keys.get(key_id)
        if primary is not None and primary.shared is not None:
            yield from _beside_its_primary(name, key, primary, primary.shared)


def _beside_its_primary(
    name: str, key: HeldKey, primary: HeldKey, shared: SharedState
) -> Iterator[str]:
    if key.shared != shared:
        yield f"{name} has another state of {key.key_id} than its primary"
    yield from unsettled_imports(name, key, shared)
    if shared.material_travels and set(key.materials) != set(primary.materials):
        yield f"{name} has other materials of {key.key_id} than its primary"
    if name not in shared.regions:
        yield f"{name} holds {key.key_id}, and its primary does not know"
