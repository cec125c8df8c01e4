"""Faults as a table: what breaks one region, how it is mended, and whose crypto may be refused.

Each is a context manager: the fault is there while its block runs, and over when it has ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from node.cluster.acts import OPEN, LinkAct, Shape, State
from node.cluster.controls import LocalControls
from tests.faults.places_that_fail import SmallDisk, WrongClock
from tests.faults.standby import standby
from tests.harness.cluster import Cluster

SLOW = Shape(latency_seconds=0.08, jitter_seconds=0.04, loss=0.05)
WRONG_HOURS = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a fault happens: a cluster, the region that is hit, and that region's small disk."""

    cluster: Cluster
    victim: str
    disk: SmallDisk | None
    folder: Path  # empty, for what the fault needs
    change: Callable[[], None]  # makes a change that the others must hear of

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(each for each in self.cluster.names if each != self.victim)


@contextmanager
def node_killed(stage: Stage) -> Iterator[None]:
    stage.cluster.kill_node(stage.victim)
    yield
    stage.cluster.start_node(stage.victim)


@contextmanager
def region_killed(stage: Stage) -> Iterator[None]:
    stage.cluster.kill(stage.victim)
    yield
    stage.cluster.start(stage.victim)


@contextmanager
def node_stands_still(stage: Stage) -> Iterator[None]:
    node = stage.cluster.local.regions[stage.victim].node
    node.pause()
    try:
        yield
    finally:
        node.resume()


@contextmanager
def stream_stands_still(stage: Stage) -> Iterator[None]:
    stream = stage.cluster.local.regions[stage.victim].stream
    stream.pause()
    try:
        yield
    finally:
        stream.resume()


@contextmanager
def stream_killed(stage: Stage) -> Iterator[None]:
    stage.cluster.kill_stream(stage.victim)
    yield
    stage.cluster.start_stream(stage.victim)


@contextmanager
def stream_emptied(stage: Stage) -> Iterator[None]:
    with stage.cluster.stream(stage.victim) as server:
        server.flushall()
    yield


@contextmanager
def stream_restarts_empty(stage: Stage) -> Iterator[None]:
    stage.cluster.kill_stream(stage.victim)
    shutil.rmtree(stage.cluster.local.folder.region(stage.victim).stream_folder / "appendonlydir")
    stage.cluster.start_stream(stage.victim)
    yield


@contextmanager
def stream_fails_over_to_a_lagging_replica(stage: Stage) -> Iterator[None]:
    with standby(stage.cluster, stage.victim, stage.folder / "standby") as replica:
        replica.lag()
        stage.change()
        yield
        replica.take_over()


def links_shaped(shape: Shape) -> Callable[[Stage], AbstractContextManager[None]]:
    """Every link from and to the region, in this shape."""

    @contextmanager
    def shaped(stage: Stage) -> Iterator[None]:
        controls = LocalControls(stage.cluster.local)
        one_way = [(stage.victim, other) for other in stage.others]
        pairs = (*one_way, *((other, victim) for victim, other in one_way))
        controls.act(LinkAct(pairs, shape))
        try:
            yield
        finally:
            controls.act(LinkAct(pairs, OPEN))

    return shaped


@contextmanager
def disk_full(stage: Stage) -> Iterator[None]:
    assert stage.disk is not None
    stage.disk.fill()
    try:
        yield
    finally:
        stage.disk.clear()


@contextmanager
def clock_wrong(stage: Stage) -> Iterator[None]:
    stage.cluster.kill_node(stage.victim)
    with WrongClock(WRONG_HOURS).shown():
        stage.cluster.start_node(stage.victim)
    yield
    stage.cluster.kill_node(stage.victim)
    stage.cluster.start_node(stage.victim)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault. `refusing`: the region that is hit may refuse calls; no other ever may.

    `missing` says why this machine cannot have the fault, or None.
    """

    strike: Callable[[Stage], AbstractContextManager[None]]
    refusing: bool
    missing: Callable[[], str | None] = lambda: None


TROUBLES: Mapping[str, Trouble] = {
    "node killed": Trouble(node_killed, refusing=True),
    "node and stream killed": Trouble(region_killed, refusing=True),
    "node stands still": Trouble(node_stands_still, refusing=True),
    "stream killed": Trouble(stream_killed, refusing=False),
    "stream stands still": Trouble(stream_stands_still, refusing=False),
    "stream emptied": Trouble(stream_emptied, refusing=False),
    "stream restarts empty": Trouble(stream_restarts_empty, refusing=False),
    "failover to a lagging replica": Trouble(
        stream_fails_over_to_a_lagging_replica, refusing=False
    ),
    "links cut": Trouble(links_shaped(Shape(State.CUT)), refusing=False),
    "links half open": Trouble(links_shaped(Shape(State.SILENT)), refusing=False),
    "links slow": Trouble(links_shaped(SLOW), refusing=False),
    "disk full": Trouble(disk_full, refusing=True, missing=SmallDisk.missing),
    "clock 3 h ahead": Trouble(clock_wrong, refusing=True, missing=WrongClock.missing),
}
