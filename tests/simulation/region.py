"""One region under simulation: the real parts of replication over twins of its store and streams.

Its loops are slots: at most one step of each is under way, and the simulation decides how far it
gets. A crash abandons them all wherever they are; a start makes every part anew, over whatever the
store had committed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crypto.identity import PublicIdentity, RegionIdentity
from crypto.material import Randomness
from replication.applier import Applier
from replication.comparison import Comparison
from replication.directory import Directory
from replication.errors import Refused
from replication.faults import FaultyStream
from replication.log import Log
from replication.ports import Clock
from replication.position import Cursor
from replication.primary import Primary
from replication.publisher import Publisher
from replication.reading import Readied
from replication.resync_sender import ResyncSender
from replication.subscriber import Subscriber
from tests.simulation.memory_store import MemoryStore
from tests.simulation.stepping import InFlight, finished, inline, pause

Step = Callable[[], Coroutine[Any, Any, object]]
CheckApplied = Callable[[str, Cursor, Sequence[Readied]], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a region is given: who it is, how it reaches the streams, and the simulation's tunables.

    `links` are its ways to every region's stream, its own included.
    """

    identity: RegionIdentity
    peers: Mapping[str, PublicIdentity]
    links: Mapping[str, FaultyStream]
    clock: Clock
    randomness: Randomness
    patience: float
    retention: int
    check_applied: CheckApplied


class _Silent:
    """The Notice of a region whose loops are run by the simulation, not woken."""

    def appended(self) -> None: ...

    def acknowledged(self) -> None: ...

    def asked(self) -> None: ...


class _WatchedApplier(Applier):
    """The real applier; what it is given is checked against the truth first."""

    def watch(self, check: CheckApplied, store: MemoryStore) -> None:
        self._check = check
        self._watched = store

    async def apply(self, origin: PublicIdentity, readied: Sequence[Readied]) -> Refused | None:
        cursor = self._watched.state.cursors[origin.region]
        if cursor.request == readied[-1].cursor.request:
            self._check(origin.region, cursor, readied)
        return await super().apply(origin, readied)


class SimulatedRegion:
    """A region that runs, or does not."""

    def __init__(self, surroundings: Surroundings, store: MemoryStore) -> None:
        self.name = surroundings.identity.region
        self.store = store
        self.up = False
        self.in_flight: dict[str, InFlight] = {}
        self._around = surroundings
        self._steps: dict[str, Step] = {}

    @property
    def now(self) -> float:
        """The time here."""
        return self._around.clock.now()

    @property
    def slots(self) -> Sequence[str]:
        """The names of its loops."""
        return tuple(self._steps)

    def start(self) -> None:
        """Make every part anew, and a log if there is none."""
        around = self._around
        peers = tuple(around.peers)
        self.log = Log(around.identity, around.clock, around.randomness)
        self.primary = Primary(self.name, self.store, self.log, around.clock, around.peers, inline)
        self.comparison = Comparison(around.identity, peers, self.store, self.log, around.clock)
        applier = _WatchedApplier(
            around.identity,
            self.store,
            self.log,
            around.clock,
            _Silent(),
            self.primary,
            self.comparison,
            peers,
        )
        applier.watch(around.check_applied, self.store)
        self.publisher = Publisher(
            self.store, around.links[self.name], peers, retention=around.retention
        )
        directory = Directory(self.name, self.log, around.clock, around.peers, inline)
        self.sender = ResyncSender(self.name, self.store, self.log, around.peers, directory, inline)
        self.subscribers = {name: self._subscriber(name, applier) for name in peers}
        self._steps = {
            "publisher": self._publish,
            "sender": self.sender.step,
            "primary": self.primary.step,
        } | {f"subscriber of {name}": each_step(each) for name, each in self.subscribers.items()}
        finished(self._ensure_log())
        self.up = True

    def crash(self) -> None:
        """Lose everything but what the store committed."""
        for each in self.in_flight.values():
            each.abandon()
        self.in_flight, self._steps = {}, {}
        self.up = False

    def begin(self, slot: str, step: Coroutine[Any, Any, object]) -> None:
        """Put a step under way that is not one of the loops'."""
        self.in_flight[slot] = InFlight(step)

    def advance(self, slot: str, pauses: int) -> bool:
        """Go on with a slot's step, or begin its next one. Returns whether it has ended."""
        if slot not in self.in_flight:
            self.in_flight[slot] = InFlight(self._steps[slot]())
        ended = self.in_flight[slot].advance(pauses)
        if ended:
            del self.in_flight[slot]
        return ended

    def _subscriber(self, origin: str, applier: Applier) -> Subscriber:
        around = self._around
        return Subscriber(
            around.peers[origin],
            around.links[origin],
            self.store,
            applier,
            self.log,
            around.clock,
            inline,
            identity=around.identity,
            patience=around.patience,
        )

    async def _publish(self) -> None:
        """What ReplicationService does once a second."""
        await self.publisher.trim()
        await self.publisher.step(compare=True)
        await pause()
        await self.publisher.step(compare=False)

    async def _ensure_log(self) -> None:
        async with self.store.replica_transaction() as transaction:
            await self.log.ensure(transaction)


def each_step(subscriber: Subscriber) -> Step:
    """A subscriber's step that does not wait."""
    return lambda: subscriber.step(0)
