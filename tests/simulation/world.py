"""Everything that one simulation consists of, made from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random
from typing import Final
from uuid import UUID

from crypto.identity import PublicIdentity, RegionIdentity
from replication.faults import NO_FAULTS, FaultRates, FaultyStream
from replication.memory_stream import MemoryStream
from replication.position import Cursor, CursorState
from replication.reading import Readied
from tests.simulation.attacks import Loot
from tests.simulation.ciphertexts import Ciphertexts
from tests.simulation.ledger import Ledger
from tests.simulation.memory_store import MemoryStore, State
from tests.simulation.promises import Promises
from tests.simulation.region import SimulatedRegion, Surroundings
from tests.simulation.stepping import PausingStream, pause
from tests.simulation.violation import Invariant, Violation
from tests.simulation.watcher import OPERATOR, SCHEDULE, Intent, Watcher

REGIONS: Final = ("us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1")
PATIENCE_SECONDS: Final = 5.0
RETENTIONS: Final = (12, 40, 1000)
ROUGH: Final = FaultRates(
    unavailable=0.1,
    unavailable_after=0.1,
    shortened=0.2,
    repeated=0.05,
    swapped=0.05,
    dropped=0.05,
    flipped=0.05,
)
AWAY: Final = FaultRates(unavailable=1.0)


@cache
def identity_of(region: str, role: str = "honest") -> RegionIdentity:
    """The same identity in every simulation: making one is slow."""
    return RegionIdentity.generate(region, Random(f"{role} {region}").randbytes)


@dataclass(slots=True)
class VirtualClock:
    """Time that passes when the simulation says so."""

    time: float = 1_700_000_000.0

    def now(self) -> float:
        """See replication.ports.Clock."""
        return self.time


@dataclass(slots=True)
class WrongClock:
    """A region's own clock: the true time, and what it is wrong by."""

    true: VirtualClock
    ahead: float = 0.0

    def now(self) -> float:
        """See replication.ports.Clock."""
        return self.true.time + self.ahead


@dataclass(slots=True)
class Suspects:
    """The regions whose store went back, until each has been told by every peer what it lost."""

    waiting: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def add(self, region: str, states: dict[str, State]) -> None:
        """A region's store went back; its cursors' requests are those of before."""
        cursors = states[region].cursors
        self.waiting[region] = {
            peer: cursors[peer].request if peer in cursors else b""
            for peer in states
            if peer != region
        }

    def among(self, states: dict[str, State]) -> list[str]:
        """Those that have not been told yet."""
        for region, peers in tuple(self.waiting.items()):
            cursors = states[region].cursors
            left = {
                peer: request
                for peer, request in peers.items()
                if peer not in cursors
                or cursors[peer].request == request
                or cursors[peer].state is not CursorState.FOLLOWING
            }
            self.waiting[region] = left
            if not left:
                del self.waiting[region]
        return list(self.waiting)


class World:
    """Regions, their streams, and what is known to be true of them."""

    def __init__(self, seed: int, names: Sequence[str] = (), retention: int | None = None) -> None:
        self.random = Random(seed)
        self.clock = VirtualClock()
        self.names = tuple(names) or REGIONS[: self.random.choice((2, 3, 3, 3, 4))]
        self.transcript: list[str] = []
        self.ledger = Ledger()
        self.promises = Promises()
        self.watcher = Watcher()
        self.ciphertexts = Ciphertexts()
        self.suspects = Suspects()
        self.intents: dict[str, Intent] = {}  # what each region's operator is about
        self.committed: dict[str, State] = {}
        self.broken: Violation | None = None  # seen at a commit; code under test may swallow it
        self.streams = {name: MemoryStream() for name in self.names}
        strangers = {name: identity_of(name, "stranger") for name in self.names}
        self.loot = Loot(strangers, self.streams)
        self.links = {
            reader: {origin: self._link(origin) for origin in self.names} for reader in self.names
        }
        self.clocks = {name: WrongClock(self.clock) for name in self.names}
        kept = self.random.choice(RETENTIONS) if retention is None else retention
        self.regions = {name: self._region(name, kept) for name in self.names}
        self.copies: dict[str, list[State]] = {name: [] for name in self.names}
        for region in self.regions.values():
            region.start()

    @property
    def states(self) -> dict[str, State]:
        """What every store has committed."""
        return {name: region.store.state for name, region in self.regions.items()}

    def tell(self, text: str) -> None:
        """Add a line to the transcript."""
        self.transcript.append(text)

    def end(self) -> None:
        """Abandon whatever is under way."""
        for region in self.regions.values():
            region.crash()

    def set_weather(self, origin: str, rates: FaultRates) -> None:
        """Let every way to a region's stream be as bad as `rates` say."""
        for links in self.links.values():
            links[origin].rates = rates

    def disaster(self, name: str, state: State) -> None:
        """A region's store is lost, or goes back to an old copy; the region is down."""
        region = self.regions[name]
        region.crash()
        region.store.put_back(state)
        self.committed[name] = region.store.state
        self.intents.pop(name, None)
        self.watcher.disaster(name)
        self.suspects.add(name, self.states)
        self.promises.disaster(name, self.states)
        self.ciphertexts.forget(self.states)

    def check(self) -> None:
        """What must be true after every step. Most of it was checked at the commits."""
        if self.broken is not None:
            raise self.broken
        for name, state in self.states.items():
            if self.committed.get(name, state) is not state:
                raise Violation(Invariant.I4, f"{name} has lost what it had committed")

    def check_at_the_end(self) -> None:
        """What must be true of everything that ever happened, once it has come to rest."""
        self.promises.check(self.states, self.names)
        left = self.ledger.key_ids() & self.watcher.single_region.keys()
        if left:
            raise Violation(Invariant.I7, f"log entries speak of {', '.join(sorted(left))}")

    def _committed(self, name: str, before: State, after: State) -> None:
        try:
            self._check_commit(name, before, after)
        except Violation as violation:
            self.broken = self.broken or violation
            raise

    def _check_commit(self, name: str, before: State, after: State) -> None:
        self.committed[name] = after
        region, states = self.regions[name], self.states | {name: after}
        intent = self.intents.get(name)
        now, suspects = self.clocks[name].now(), self.suspects.among(states)
        self.watcher.committed(name, region.acting, intent, before, after, now, suspects)
        self.ledger.record(name, before, after)
        self._note_promises(name, region.acting, before, after, states)
        self._check_held(name, after)
        self.ciphertexts.check(name, states)

    def _note_promises(
        self, name: str, slot: str, before: State, after: State, states: dict[str, State]
    ) -> None:
        intent = self.intents.get(name) if slot == OPERATOR else None
        for key_id in after.keys.keys() - before.keys.keys():
            if intent is not None and intent.operation == "CreateKey":
                self.promises.created(name, key_id, multi_region=intent.multi_region)
        if intent is not None and intent.operation == "ReplicateKey":
            self.promises.replicated(intent.key_id or "", intent.place or "")
        for key_id in before.keys.keys() - after.keys.keys():
            if slot == SCHEDULE:
                doubtful = name in self.suspects.among(states)
                self.promises.deleted(name, key_id, states, doubtful=doubtful)
                self.ciphertexts.forget(states)

    def _check_held(self, name: str, state: State) -> None:
        for key_id, held in state.keys.items():
            if key_id not in self.promises.keys:
                raise Violation(Invariant.I8, f"{name} holds {key_id}, which nobody created")
            if held.shared is not None and not held.shared.needed <= held.held:
                raise Violation(Invariant.I1, f"{name} lacks material that {key_id} names")
        for origin, position in state.last_acknowledgement.items():
            cursor = state.cursors[origin]
            if cursor.log_id == position.log_id and cursor.sequence < position.sequence:
                raise Violation(
                    Invariant.I4, f"{name} acknowledged entries of {origin} that it did not apply"
                )

    def _link(self, origin: str) -> FaultyStream:
        return FaultyStream(PausingStream(self.streams[origin]), self.random, NO_FAULTS)

    def _region(self, name: str, retention: int) -> SimulatedRegion:
        peers: dict[str, PublicIdentity] = {
            each: identity_of(each).public for each in self.names if each != name
        }
        surroundings = Surroundings(
            identity=identity_of(name),
            peers=peers,
            links=self.links[name],
            clock=self.clocks[name],
            randomness=self.random.randbytes,
            new_uuid=lambda: str(UUID(bytes=self.random.randbytes(16), version=4)),
            patience=PATIENCE_SECONDS,
            retention=retention,
            check_applied=partial(self._check_applied, name),
        )
        return SimulatedRegion(
            surroundings, MemoryStore(name, pause, partial(self._committed, name))
        )

    def _check_applied(
        self, name: str, origin: str, cursor: Cursor, readied: Sequence[Readied]
    ) -> None:
        try:
            self.ledger.check(name, origin, cursor, readied)
        except Violation as violation:
            self.broken = self.broken or violation
            raise
