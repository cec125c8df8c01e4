"""What may happen in one step of a simulation, and how often.

Each act takes the world, and says in words what happened, or None if it could not happen now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from crypto.material import KeyMaterial
from replication.faults import NO_FAULTS
from tests.simulation import import_acts
from tests.simulation.attacks import attack
from tests.simulation.memory_store import State
from tests.simulation.operators import (
    create_key,
    deletable,
    delete_replica,
    replicable,
    replicate_key,
)
from tests.simulation.region import SimulatedRegion
from tests.simulation.settling import run_all
from tests.simulation.world import AWAY, ROUGH, World

OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class Act:
    """A kind of event; `temper` is the trait that a simulation needs for it (None: always)."""

    name: str
    weight: int
    temper: str | None
    do: Callable[[World], str | None]


def _work(world: World) -> str | None:
    """Some loop of some region goes on for a while."""
    region = _running(world)
    if region is None:
        return None
    slot = world.random.choice((*region.slots, *sorted(set(region.in_flight) - set(region.slots))))
    ended = region.advance(slot, world.random.choice((1, 3, 10, 1000, 1000, 1000)))
    return f"{region.name}: {slot} {'ends its step' if ended else 'goes on'}{_news(region, slot)}"


def _bustle(world: World) -> str | None:
    """A region has a good second."""
    region = _running(world)
    if region is None:
        return None
    run_all(region)
    world.clock.time += 0.1
    news = "; ".join(f"{slot}{_news(region, slot)}" for slot in region.slots if slot != "sender")
    return f"{region.name} does all there is to do: {news}"


def _pass_time(world: World) -> str:
    seconds = world.random.choice((0.1, 1.0, 1.0, 3.0, 10.0))
    world.clock.time += seconds
    return f"{seconds} s pass"


def _create_multi_region(world: World) -> str | None:
    return _create(world, multi=True)


def _create_single_region(world: World) -> str | None:
    return _create(world, multi=False)


def _replicate(world: World) -> str | None:
    region = _idle(world)
    if region is None:
        return None
    choices = replicable(region.name, region.store.state, world.names)
    if not choices:
        return None
    key_id, place = world.random.choice(choices)
    region.begin(OPERATOR, replicate_key(region, key_id, place))
    return f"{region.name}: the operator replicates {key_id} to {place}"


def _delete_replica(world: World) -> str | None:
    region = _idle(world)
    choices = deletable(region.name, region.store.state) if region is not None else []
    if region is None or not choices:
        return None
    key_id = world.random.choice(choices)
    region.begin(OPERATOR, delete_replica(region, key_id))
    return f"{region.name}: the operator lets its replica {key_id} be deleted"


def _crash(world: World) -> str | None:
    region = _running(world)
    if region is None:
        return None
    under_way = ", ".join(sorted(region.in_flight)) or "nothing"
    region.crash()
    return f"{region.name} crashes, with {under_way} under way"


def _restart(world: World) -> str | None:
    down = [region for region in world.regions.values() if not region.up]
    if not down:
        return None
    region = world.random.choice(down)
    region.start()
    return f"{region.name} starts again"


def _change_weather(world: World) -> str:
    origin = world.random.choice(world.names)
    name, rates = world.random.choice((("well", NO_FAULTS), ("unreliable", ROUGH), ("away", AWAY)))
    world.set_weather(origin, rates)
    return f"the server of {origin} is {name}"


def _attack(world: World) -> str | None:
    name = world.random.choice(world.names)
    done = attack(world.random, world.loot, name)
    return None if done is None else f"in the stream of {name}, {done}"


def _keep_stream(world: World) -> str:
    name = world.random.choice(world.names)
    world.loot.keep(name)
    return f"somebody keeps a copy of the stream of {name}"


def _back_up(world: World) -> str:
    name = world.random.choice(world.names)
    world.copies[name].append(world.regions[name].store.state)
    return f"{name}: its store is backed up"


def _roll_back(world: World) -> str | None:
    name = world.random.choice(world.names)
    if not world.copies[name]:
        return None
    return _disaster(world, name, world.random.choice(world.copies[name]), "restored from a backup")


def _lose_store(world: World) -> str:
    return _disaster(world, world.random.choice(world.names), State(), "lost with everything in it")


def _as_operator(
    act: Callable[[World, SimulatedRegion], str | None],
) -> Callable[[World], str | None]:
    def do(world: World) -> str | None:
        region = _idle(world)
        return None if region is None else act(world, region)

    return do


ACTS: Final = (
    Act("work", 60, None, _work),
    Act("bustle", 40, None, _bustle),
    Act("time", 12, None, _pass_time),
    Act("create", 5, None, _create_multi_region),
    Act("create single", 1, None, _create_single_region),
    Act("replicate", 12, None, _replicate),
    Act("delete", 5, "deletions", _delete_replica),
    Act("create to import", 3, "imports", _as_operator(import_acts.create)),
    Act("import", 15, "imports", _as_operator(import_acts.import_one)),
    Act("forget", 3, "imports", _as_operator(import_acts.forget)),
    Act("rotate imported", 6, "imports", _as_operator(import_acts.rotate)),
    Act("crash", 4, "crashes", _crash),
    Act("restart", 5, None, _restart),
    Act("weather", 5, "weather", _change_weather),
    Act("attack", 10, "attacks", _attack),
    Act("keep", 3, "attacks", _keep_stream),
    Act("back up", 3, "rollbacks", _back_up),
    Act("roll back", 2, "rollbacks", _roll_back),
    Act("lose store", 1, "losses", _lose_store),
)
TEMPERS: Final = ("deletions", "crashes", "weather", "attacks", "rollbacks", "losses", "imports")


def possible_acts(random: Random) -> tuple[Act, ...]:
    """The acts of one simulation. Leaving some out reaches places that doing everything does not.

    (Groce and others, "Swarm Testing", ISSTA 2012.)
    """
    tempers = {each for each in TEMPERS if random.random() < 0.5}
    if "imports" in tempers:  # a primary that went back forgets replicas that cannot show material
        tempers -= {"rollbacks", "losses"}
    return tuple(act for act in ACTS if act.temper is None or act.temper in tempers)


def _create(world: World, *, multi: bool) -> str | None:
    region = _idle(world)
    if region is None:
        return None
    raw = world.random.randbytes(16)
    key_id = f"mrk-{raw.hex()}" if multi else str(UUID(bytes=raw))
    material = KeyMaterial.generate(key_id, world.random.randbytes)
    region.begin(OPERATOR, create_key(region, material, multi=multi))
    return f"{region.name}: the operator creates {key_id}"


def _disaster(world: World, name: str, state: State, words: str) -> str:
    region = world.regions[name]
    region.crash()
    region.store.put_back(state)
    world.promises.disaster(name, world.states)
    return f"{name}: the store is {words}; the node is down"


def _running(world: World) -> SimulatedRegion | None:
    up = [region for region in world.regions.values() if region.up]
    return world.random.choice(up) if up else None


def _idle(world: World) -> SimulatedRegion | None:
    """A running region whose operator is not busy."""
    region = _running(world)
    return None if region is None or OPERATOR in region.in_flight else region


def _news(region: SimulatedRegion, slot: str) -> str:
    """How the slot's part stands, for the transcript."""
    if slot.startswith("subscriber of "):
        origin = slot.removeprefix("subscriber of ")
        cursor = region.store.state.cursors.get(origin)
        refusal = region.subscribers[origin].status.refusal
        where = "" if cursor is None else f": {cursor.state} at {cursor.sequence}"
        return f"{where}{'; refuses: ' + refusal if refusal else ''}"
    if slot == "publisher":
        status = region.publisher.status
        return f": published {status.published}, {status.rewrites} rewrites {status.problem}"
    return ""
