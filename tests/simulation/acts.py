"""What may happen in one step of a simulation, and how often.

Each act takes the world, and says in words what happened, or None if it could not happen now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final

from replication.faults import NO_FAULTS
from tests.simulation import import_acts, operators
from tests.simulation.attacks import attack
from tests.simulation.memory_store import State
from tests.simulation.operators import CLIENT, Ask
from tests.simulation.overtaking import overtake
from tests.simulation.region import SimulatedRegion
from tests.simulation.settling import run_all
from tests.simulation.watcher import OPERATOR
from tests.simulation.world import AWAY, ROUGH, World


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


def _pass_days(world: World) -> str:
    days = world.random.choice((1, 8, 8, 31, 91))
    world.clock.time += 86_400.0 * days
    return f"{days} days pass"


def _set_clock_wrong(world: World) -> str:
    name = world.random.choice(world.names)
    ahead = world.random.choice((0.0, 1.0, -1.0, 240.0, -240.0, 900.0, -900.0))
    world.clocks[name].ahead = ahead
    return f"the clock of {name} is {abs(ahead):.0f} s {'behind' if ahead < 0 else 'ahead'}"


def _ask(ask: Ask, world: World) -> str | None:
    region = _running(world)
    if region is None or OPERATOR in region.in_flight:
        return None
    told = ask(world, region)
    return None if told is None else f"{region.name}: the operator {told}"


def _serve(ask: Ask, world: World) -> str | None:
    region = _running(world)
    told = None if region is None else ask(world, region)
    if region is None or told is None:
        return None
    region.advance(CLIENT, world.random.choice((0, 1, 1000, 1000, 1000)))
    return f"{region.name}: {told}"


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


def _cut_links(world: World) -> str:
    """A partition of any shape: each way from a region to a stream is cut, rough or well."""
    cut = []
    for reader in world.names:
        for origin in world.names:
            rates = world.random.choice((NO_FAULTS, NO_FAULTS, AWAY, ROUGH))
            world.links[reader][origin].rates = rates
            if rates is AWAY:
                cut.append(f"{reader} from {origin}")
    return f"cut off: {', '.join(cut) or 'nobody'}"


def _isolate(world: World) -> str:
    """A region is cut off from all others; its own server still answers it."""
    return _isolate_one(world, world.random.choice(world.names))


def _isolate_one(world: World, name: str) -> str:
    for other in world.names:
        if other != name:
            world.links[name][other].rates = AWAY
            world.links[other][name].rates = AWAY
    return f"{name} is cut off from every other region"


def _split(world: World) -> str:
    """Two operators who cannot see each other: one evicts a region, the other promotes it."""
    name = world.random.choice(world.names)
    told = [_isolate_one(world, name)]
    for region in world.regions.values():
        if region.up and OPERATOR not in region.in_flight:
            evicts = region.name != name
            asked = (
                operators.evict_one(world, region, name)
                if evicts
                else operators.promote(world, region)
            )
            told.append(f"the operator of {region.name} {asked}")
    return "; ".join(told)


def _contest(world: World) -> str | None:
    """Every replica's region stands as the primary of one key, and looks again how it went."""
    running = [
        region
        for region in world.regions.values()
        if region.up and OPERATOR not in region.in_flight
    ]
    key_id = world.random.choice(sorted(world.promises.keys)) if world.promises.keys else ""
    standing = [region for region in running if _stands(world, region, key_id)]
    if not standing:
        return None
    for region in world.random.choices(running, k=world.random.choice((0, 4, 8, 12))):
        run_all(region)
        world.clock.time += 0.1
    again = [region.name for region in standing if _stands(world, region, key_id)]
    names = " and ".join(region.name for region in standing)
    return f"{names} stand as primary of {key_id}; {' and '.join(again) or 'nobody'} looks again"


def _stands(world: World, region: SimulatedRegion, key_id: str) -> bool:
    if OPERATOR in region.in_flight or not operators.stand(world, region, key_id):
        return False
    region.advance(OPERATOR, 1000)
    return True


def _heal(world: World) -> str:
    for name in world.names:
        world.set_weather(name, NO_FAULTS)
    return "every link is well again"


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
    world.copies[name].append(world.regions[name].store.state.copy())
    return f"{name}: its store is backed up"


def _roll_back(world: World) -> str | None:
    name = world.random.choice(world.names)
    if not world.copies[name]:
        return None
    return _disaster(world, name, world.random.choice(world.copies[name]), "restored from a backup")


def _lose_store(world: World) -> str:
    return _disaster(world, world.random.choice(world.names), State(), "lost with everything in it")


def _by_operator(name: str, weight: int, temper: str | None, ask: Ask) -> Act:
    return Act(name, weight, temper, partial(_ask, ask))


ACTS: Final = (
    Act("work", 60, None, _work),
    Act("bustle", 40, None, _bustle),
    Act("time", 12, None, _pass_time),
    Act("encrypt", 14, None, partial(_serve, operators.encrypt)),
    Act("decrypt", 6, None, partial(_serve, operators.decrypt)),
    Act("days", 3, "days", _pass_days),
    Act("wrong clock", 2, "clocks", _set_clock_wrong),
    _by_operator("create", 5, None, operators.create_multi_region),
    _by_operator("create single", 1, None, operators.create_single_region),
    _by_operator("replicate", 12, None, operators.replicate),
    _by_operator("look", 1, None, operators.look),
    _by_operator("rotate", 8, "rotations", operators.rotate),
    _by_operator("enable rotation", 3, "rotations", operators.enable_rotation),
    _by_operator("disable rotation", 1, "rotations", operators.disable_rotation),
    _by_operator("disable", 3, "states", operators.disable),
    _by_operator("enable", 4, "states", operators.enable),
    _by_operator("describe", 2, "states", operators.describe),
    _by_operator("schedule deletion", 4, "deletions", operators.schedule_deletion),
    _by_operator("cancel deletion", 1, "deletions", operators.cancel_deletion),
    Act("days for deletions", 3, "deletions", _pass_days),
    _by_operator("update primary", 5, "handovers", operators.update_primary),
    _by_operator("promote", 4, "promotions", operators.promote),
    Act("contest", 10, "elections", _contest),
    _by_operator("elect", 6, "elections", operators.elect),
    _by_operator("evict", 3, "evictions", operators.evict),
    _by_operator("readmit", 3, "evictions", operators.readmit),
    Act("overtake", 3, "evictions", overtake),
    _by_operator("create to import", 3, "imports", import_acts.create),
    _by_operator("import", 15, "imports", import_acts.import_one),
    _by_operator("replicate to import", 8, "imports", import_acts.replicate),
    _by_operator("forget", 3, "imports", import_acts.forget),
    _by_operator("rotate imported", 6, "imports", import_acts.rotate),
    Act("crash", 4, "crashes", _crash),
    Act("restart", 5, None, _restart),
    Act("weather", 5, "weather", _change_weather),
    Act("cut", 2, "partitions", _cut_links),
    Act("isolate", 2, "partitions", _isolate),
    Act("heal", 3, "partitions", _heal),
    Act("split", 2, "splits", _split),
    Act("heal the split", 2, "splits", _heal),
    _by_operator("rotate in the split", 6, "splits", operators.rotate),
    Act("attack", 10, "attacks", _attack),
    Act("keep", 3, "attacks", _keep_stream),
    Act("back up", 3, "rollbacks", _back_up),
    Act("roll back", 2, "rollbacks", _roll_back),
    Act("lose store", 1, "losses", _lose_store),
)
TEMPERS: Final = tuple(sorted({act.temper for act in ACTS if act.temper is not None}))


def possible_acts(random: Random) -> tuple[Act, ...]:
    """The acts of one simulation. Leaving some out reaches places that doing everything does not.

    (Groce and others, "Swarm Testing", ISSTA 2012.)
    """
    tempers = {each for each in TEMPERS if random.random() < 0.5}
    return tuple(act for act in ACTS if act.temper is None or act.temper in tempers)


def _disaster(world: World, name: str, state: State, words: str) -> str:
    world.disaster(name, state)
    return f"{name}: the store is {words}; the node is down"


def _running(world: World) -> SimulatedRegion | None:
    up = [region for region in world.regions.values() if region.up]
    return world.random.choice(up) if up else None


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
