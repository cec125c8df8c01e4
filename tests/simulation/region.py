"""One region under simulation: the real parts of a node over twins of its store and its streams.

Its loops are slots: at most one step of each is under way, and the simulation decides how far it
gets. A crash abandons them all wherever they are; a start makes every part anew, over whatever the
store had committed. Nothing here decides anything that a node decides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Final
from unittest.mock import Mock

from crypto.identity import PublicIdentity, RegionIdentity
from crypto.material import Randomness
from crypto.sealing import RootKey, RootKeyRing
from node.access.authorise import Authoriser
from node.access.tokens import GrantTokens
from node.audit.status import SinkStatus
from node.hot.view import View
from node.hot.work import CallThreads
from node.importer import Importer
from node.model.principal import Principal
from node.operations.failover import Failover
from node.operations.services import Services
from node.operations.status import Status
from node.operations.table import operations
from node.rotation import Rotator
from node.schedule import Schedule
from node.wire.messages import Call
from replication.applier import Applier
from replication.comparison import Comparison
from replication.directory import Directory
from replication.elections import Elections
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
from tests.simulation.stepping import InFlight, finished, in_time, inline, pause

ACCOUNT: Final = "111122223333"
ADMINISTRATOR: Final = Principal(
    ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/administrator", "AIDASIMULATED", "IAMUser"
)
PAUSES_TO_HEAR: Final = 40  # in the place of replication.hearing.HEARING_SECONDS
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
    new_uuid: Callable[[], str]
    patience: float
    retention: int
    check_applied: CheckApplied


class _Silent:
    """The Notice of a region whose loops are run by the simulation, not woken."""

    def acknowledged(self) -> None: ...

    def asked(self) -> None: ...


class _Unhurried(_Silent):
    """What operations ask of replication: nobody waits for anything here, but for the ends of logs,
    and for those not long.
    """

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        self._subscribers = subscribers

    async def wait_acknowledged(self, region: str, sequence: int, seconds: float) -> bool:
        await pause()
        return False

    async def hear(self) -> AsyncIterator[bool]:
        for each in self._subscribers:
            await pause()
            yield bool(await in_time(each.reach_end(), PAUSES_TO_HEAR))

    async def wait_until(self, reached: Callable[[], Awaitable[bool]], seconds: float) -> None:
        await reached()


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
        self.acting = ""  # the slot whose step is under way just now
        self.idle = False  # whether the step that ended last had nothing to do
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

    @property
    def clock(self) -> Clock:
        """Its clock, which may be wrong by minutes."""
        return self._around.clock

    def start(self) -> None:
        """Make every part anew, and a log if there is none."""
        around, store = self._around, self.store
        self.acting = "start"
        peers = tuple(around.peers)
        self.log = Log(around.identity, around.clock, around.randomness)
        self.primary = Primary(self.name, store, self.log, around.clock, around.peers, inline)
        self.comparison = Comparison(around.identity, peers, store, self.log, around.clock)
        self.elections = Elections(self.name, self.log, around.clock)
        self.directory = Directory(self.name, self.log, around.clock, around.peers, inline)
        applier = _WatchedApplier(
            around.identity,
            store,
            self.log,
            around.clock,
            _Silent(),
            self.primary,
            self.comparison,
            self.elections,
            self.directory,
            around.peers,
        )
        applier.watch(around.check_applied, store)
        self.publisher = Publisher(
            store, around.links[self.name], peers, retention=around.retention
        )
        self.sender = ResyncSender(
            self.name, store, self.log, around.peers, self.directory, self.elections, inline
        )
        self.subscribers = {name: self._subscriber(name, applier) for name in peers}
        view = View(store)
        store.after_commit(view.catch_up)
        schedule = self._schedule()
        self._operations = self._table(view)
        self._steps = {
            "publisher": self._publish,
            "sender": self.sender.step,
            "primary": self.primary.step,
            "schedule": schedule.step,
        } | {f"subscriber of {name}": each_step(each) for name, each in self.subscribers.items()}
        finished(view.start())
        finished(self._ensure_log())
        self.up = True

    async def call(self, target: str, **members: Any) -> Any:
        """Have an operation done, as the wire layer has: raises KmsError where that answers one."""
        operation = self._operations[target if "." in target else f"TrentService.{target}"]
        call = Call(ADMINISTRATOR, "request", "127.0.0.1", "", self.clock.now(), [])
        return await operation.handler(call, operation.request(**members))

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
        self.acting = slot
        step = self.in_flight[slot]
        ended = step.advance(pauses)
        if ended:
            del self.in_flight[slot]
            self.idle = not step.result
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

    def _schedule(self) -> Schedule:
        around = self._around
        rotator = Rotator(self.primary, around.clock, around.randomness)
        importer = Importer(self.primary, self.log, around.clock)
        return Schedule(self.store, self.log, rotator, importer, around.clock)

    def _table(self, view: View) -> Mapping[str, Any]:
        around = self._around
        tokens = GrantTokens(self.name, _root_keys(), around.randomness)
        access = Authoriser(self.name, ACCOUNT, view, tokens)
        services = Services(
            region=self.name,
            peers=around.peers,
            store=self.store,
            view=view,
            access=access,
            grant_tokens=tokens,
            root_keys=_root_keys(),
            log=self.log,
            directory=self.directory,
            primary=self.primary,
            elections=self.elections,
            replication=_Unhurried(tuple(self.subscribers.values())),
            call_threads=CallThreads(cores=1),
            clock=around.clock,
            randomness=around.randomness,
            new_uuid=around.new_uuid,
            replicate_wait_seconds=0.0,
            keys_of_an_account_most=1000,
        )
        statuses = {name: each.read_status for name, each in self.subscribers.items()}
        failover = Failover(services, statuses)
        audit = SinkStatus(None, None, 0, 0, 0, None)
        status = Status(
            around.identity.public,
            access,
            0.0,
            self.store,
            lambda: self.publisher.status,
            statuses,
            self.comparison.agreements,
            lambda: audit,
            {},
            dict,
        )
        return operations(services, status, failover, _elsewhere(), _elsewhere(), _elsewhere())

    async def _publish(self) -> None:
        """What ReplicationService does once a second."""
        await self.publisher.trim()
        await self.publisher.step(compare=True)
        await pause()
        await self.publisher.step(compare=False)

    async def _ensure_log(self) -> None:
        async with self.store.replica_transaction() as transaction:
            await self.log.ensure(transaction)


@cache
def _elsewhere() -> Mock:
    """What has no part in a simulation: doctor, clocks, the audit trail."""
    return Mock()


@cache
def _root_keys() -> RootKeyRing:
    """For grant tokens alone: the stores here seal nothing."""
    return RootKeyRing([RootKey.generate(Random("root key").randbytes)])


def each_step(subscriber: Subscriber) -> Step:
    """A subscriber's step that does not wait."""
    return lambda: subscriber.step(0)
