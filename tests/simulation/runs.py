"""One simulation from one seed, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from crypto.identity import PublicIdentity
from tests.simulation.acts import possible_acts
from tests.simulation.imports import wrapping_key
from tests.simulation.operators import create_multi_region, replicate_to
from tests.simulation.settling import run_all, settle
from tests.simulation.stepping import PausingEvent, in_place
from tests.simulation.violation import Violation
from tests.simulation.world import World

SETTLED_AT_FIRST: Final = 0.7
SMALL: Final = {
    "replication.subscriber.READ_ENTRIES": 4,
    "replication.subscriber.SHORT_BYTES": 1_000,
    "replication.publisher.BATCH_ENTRIES": 3,
    "replication.publisher.WINDOW_ENTRIES": 6,
    "replication.resync_sender.KEYS_PER_STEP": 2,
    "replication.progress.QUIET_ENTRIES": 16,
}
"""Sizes so small that a short simulation passes every boundary many times."""
PURE: Final = (
    "replication.entries.verify_entry",
    "replication.subscriber.verify_entry",
    "node.access.compiled.key_policy",
    "node.access.compiled.identity_policy",
)
"""Functions that a simulation asks the same again and again, and would spend its time on."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a simulation ended. `failure` is empty if it held, and `invariant` if none was broken."""

    seed: int
    failure: str
    invariant: str
    rounds: int
    keys: int
    transcript: tuple[str, ...]


def simulate(seed: int, steps: int) -> Outcome:
    """Run one simulation. The same seed and steps give the same one."""
    world, rounds, failure, invariant = None, 0, "", ""
    with _small_and_quiet():
        try:
            world = World(seed)
            _happen(world, steps)
            world.tell("the faults end")
            rounds = settle(world)
            world.tell(f"converged after {rounds} rounds")
        except Violation as violation:
            failure, invariant = f"{violation}", violation.invariant.name
        except Exception as error:  # noqa: BLE001  what the code under test lets escape
            failure = f"{type(error).__name__}: {error}"
    if world is not None:
        world.end()
    transcript = tuple(world.transcript) if world is not None else ()
    keys = len(world.promises.keys) if world is not None else 0
    return Outcome(seed, failure, invariant, rounds, keys, transcript)


def _happen(world: World, steps: int) -> None:
    if world.random.random() < SETTLED_AT_FIRST:
        world.tell(f"settled at first, after {settle(world)} rounds")
        _establish(world)
    acts = possible_acts(world.random)
    weights = [act.weight for act in acts]
    world.tell(f"{len(world.names)} regions; " + ", ".join(act.name for act in acts))
    for number in range(steps):
        act = world.random.choices(acts, weights)[0]
        told = act.do(world)
        if told is not None:
            world.tell(f"{number:5}  {told}")
        world.check()


def _establish(world: World) -> None:
    """A key with a replica in every other region, as most stories begin."""
    home = world.regions[world.random.choice(world.names)]
    asked = create_multi_region(world, home)
    run_all(home)
    for place in world.names:
        if place != home.name:
            replicate_to(world, home, min(home.store.state.keys), place)
            run_all(home)
    world.tell(f"{home.name}: the operator {asked}, with a replica in every other region")
    settle(world)


@contextmanager
def _small_and_quiet() -> Iterator[None]:
    """Small batches, and no words in the log: refusals are what simulations are full of."""
    replication = logging.getLogger("replication")
    level = replication.level
    with ExitStack() as stack:
        stack.enter_context(patch.object(PublicIdentity, "verify", cache(PublicIdentity.verify)))
        stack.enter_context(patch("crypto.imports.rsa.generate", wrapping_key))
        stack.enter_context(patch("asyncio.to_thread", in_place))
        events = SimpleNamespace(Event=PausingEvent)
        stack.enter_context(patch("replication.subscriber.asyncio", events))
        for name in PURE:
            stack.enter_context(patch(name, cache(resolve_name(name))))
        for name, size in SMALL.items():
            stack.enter_context(patch(name, size))
        replication.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            replication.setLevel(level)
