"""Ways to end a node with SIGKILL between the commit of a change and its publication.

Each is a function that leaves the victim's node dead. The window is a millisecond wide; most of
them hold it open (a frozen stream server takes no entry) or aim at it (the commit shows in the
store's file), so that a kill falls into it without luck.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Final

from node.cluster import Service
from tests.faults.freezing import frozen
from tests.faults.load import Load, new_key
from tests.faults.store_file import store_file
from tests.harness.cluster import Cluster, eventually

CALLS: Final = 24  # allowed to the load around each kill
LONGEST_DELAY_SECONDS: Final = 0.12
START_SECONDS: Final = 2.0  # about what a start takes


@dataclass(frozen=True, slots=True)
class Scene:
    """A cluster under load, and the region whose node is to be killed."""

    cluster: Cluster
    load: Load
    victim: str
    random: Random

    @property
    def node(self) -> Service:
        return self.cluster.local.regions[self.victim].node

    @property
    def stream(self) -> Service:
        return self.cluster.local.regions[self.victim].stream

    @property
    def others(self) -> list[str]:
        return [region for region in self.cluster.names if region != self.victim]

    def acknowledged_changes(self, home: str | None = None) -> None:
        """A new key in `home`, else in the victim, replicated to both others: three answers with
        200, and two entries in the log."""
        home = home or self.victim
        replicas = [region for region in self.cluster.names if region != home]
        new_key(self.cluster, self.load.ledger, home, replicas)

    def pause(self, longest_seconds: float) -> None:
        """Let a random part of the time pass: the moment of a kill is what is tried."""
        time.sleep(self.random.random() * longest_seconds)


def under_load(scene: Scene) -> None:
    """At a random moment, with requests under way in every region."""
    scene.load.allow(CALLS)
    scene.pause(LONGEST_DELAY_SECONDS)
    scene.node.kill()


def after_the_answer(scene: Scene) -> None:
    """As soon as a client has its 200."""
    scene.load.allow(CALLS)
    scene.acknowledged_changes()
    scene.node.kill()


def at_the_commit(scene: Scene) -> None:
    """As soon as the commit of an entry shows in the store's file."""
    with store_file(scene.cluster, scene.victim) as file:
        before = file.last()
        scene.load.allow(CALLS)
        _spin(lambda: file.last() > before)
        scene.node.kill()


def at_the_commit_of_a_replica(scene: Scene) -> None:
    """As soon as the file shows that another region's entry was applied: the acknowledgement, an
    entry too, is committed and not yet published."""
    with store_file(scene.cluster, scene.victim) as file:
        row = max((number for number, _ in file.keys_after(0)), default=0)
        scene.acknowledged_changes(scene.random.choice(scene.others))
        _spin(lambda: bool(file.keys_after(row)))
        scene.node.kill()


def with_its_stream_frozen(scene: Scene) -> None:
    """After answers with 200, while the stream server takes nothing."""
    with frozen(scene.stream):
        scene.acknowledged_changes()
        scene.load.allow(CALLS)
        scene.pause(LONGEST_DELAY_SECONDS)
        scene.node.kill()


def with_its_stream_frozen_till_the_next_start(scene: Scene) -> None:
    """As before; what the dead node had sent reaches the server beside what the next one sends."""
    with frozen(scene.stream):
        scene.acknowledged_changes()
        scene.node.kill()
        scene.cluster.start_node(scene.victim)
        scene.acknowledged_changes()
    scene.node.kill()


def with_its_stream_killed_too(scene: Scene) -> None:
    """After answers with 200, together with the stream server."""
    with frozen(scene.stream):
        scene.acknowledged_changes()
        scene.stream.kill()
        scene.node.kill()
    scene.cluster.start_stream(scene.victim)


def while_it_starts(scene: Scene) -> None:
    """At a random moment of a start that has something to publish."""
    with_its_stream_frozen(scene)
    scene.node.start()
    scene.pause(START_SECONDS)
    scene.node.kill()


KILL_POINTS: Final[Mapping[str, Callable[[Scene], None]]] = MappingProxyType(
    {
        each.__name__.replace("_", " "): each
        for each in (
            under_load,
            after_the_answer,
            at_the_commit,
            at_the_commit_of_a_replica,
            with_its_stream_frozen,
            with_its_stream_frozen_till_the_next_start,
            with_its_stream_killed_too,
            while_it_starts,
        )
    }
)

HELD_OPEN: Final = frozenset({"with its stream frozen", "with its stream killed too"})
"""The kill points that cannot miss: entries were acknowledged, and no server could take them."""


def _spin(condition: Callable[[], bool]) -> None:
    """Look without a pause: the window to hit is short."""
    eventually(partial(_many_looks, condition), "nothing was committed")


def _many_looks(condition: Callable[[], bool]) -> bool:
    return any(condition() for _ in range(10_000))
