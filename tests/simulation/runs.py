"""One simulation from one seed, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final
from unittest.mock import patch

from crypto.identity import PublicIdentity
from tests.simulation.acts import possible_acts
from tests.simulation.settling import settle
from tests.simulation.violation import Violation
from tests.simulation.world import World

SETTLED_AT_FIRST: Final = 0.7
SMALL: Final = {
    "replication.subscriber.READ_ENTRIES": 4,
    "replication.publisher.BATCH_ENTRIES": 3,
    "replication.publisher.WINDOW_ENTRIES": 6,
    "replication.resync_sender.KEYS_PER_STEP": 2,
    "replication.progress.QUIET_ENTRIES": 16,
}
"""Sizes so small that a short simulation passes every boundary many times."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a simulation ended. `failure` is empty if it held."""

    seed: int
    failure: str
    rounds: int
    keys: int
    transcript: tuple[str, ...]


def simulate(seed: int, steps: int) -> Outcome:
    """Run one simulation. The same seed and steps give the same one."""
    world, rounds, failure = None, 0, ""
    with _small_and_quiet():
        try:
            world = World(seed)
            _happen(world, steps)
            world.tell("the faults end")
            rounds = settle(world)
            world.tell(f"converged after {rounds} rounds")
        except Violation as violation:
            failure = f"{violation}"
        except Exception as error:  # noqa: BLE001  what the code under test lets escape
            failure = f"{type(error).__name__}: {error}"
    if world is not None:
        world.end()
    transcript = tuple(world.transcript) if world is not None else ()
    keys = len(world.promises.keys) if world is not None else 0
    return Outcome(seed, failure, rounds, keys, transcript)


def _happen(world: World, steps: int) -> None:
    if world.random.random() < SETTLED_AT_FIRST:
        world.tell(f"settled at first, after {settle(world)} rounds")
    acts = possible_acts(world.random)
    weights = [act.weight for act in acts]
    world.tell(f"{len(world.names)} regions; " + ", ".join(act.name for act in acts))
    for number in range(steps):
        act = world.random.choices(acts, weights)[0]
        told = act.do(world)
        if told is not None:
            world.tell(f"{number:5}  {told}")
        world.check()


@contextmanager
def _small_and_quiet() -> Iterator[None]:
    """Small batches, and no words in the log: refusals are what simulations are full of."""
    replication = logging.getLogger("replication")
    level = replication.level
    verify = cache(PublicIdentity.verify)  # pure, and most of what a simulation would spend
    with ExitStack() as stack:
        stack.enter_context(patch.object(PublicIdentity, "verify", verify))
        for name, size in SMALL.items():
            stack.enter_context(patch(name, size))
        replication.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            replication.setLevel(level)
