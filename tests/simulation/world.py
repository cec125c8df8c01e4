"""Everything that one simulation consists of, made from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from random import Random
from typing import Final

from crypto.identity import RegionIdentity
from replication.faults import NO_FAULTS, FaultRates, FaultyStream
from replication.memory_stream import MemoryStream
from replication.position import Cursor
from replication.reading import Readied
from tests.simulation.attacks import Loot
from tests.simulation.ledger import Ledger
from tests.simulation.memory_store import MemoryStore, State
from tests.simulation.promises import Created, Deleted, Promises, Replicated
from tests.simulation.region import SimulatedRegion, Surroundings
from tests.simulation.stepping import PausingStream, pause
from tests.simulation.violation import Violation

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

    time: float = 1_000_000.0

    def now(self) -> float:
        """See replication.ports.Clock."""
        return self.time


class World:
    """Regions, their streams, and what is known to be true of them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.clock = VirtualClock()
        self.names: tuple[str, ...] = REGIONS[: self.random.choice((2, 3, 3, 3, 4))]
        self.transcript: list[str] = []
        self.ledger = Ledger()
        self.promises = Promises()
        self.streams = {name: MemoryStream() for name in self.names}
        strangers = {name: identity_of(name, "stranger") for name in self.names}
        self.loot = Loot(strangers, self.streams)
        self.links = {
            reader: {origin: self._link(origin) for origin in self.names} for reader in self.names
        }
        retention = self.random.choice(RETENTIONS)
        self.regions = {name: self._region(name, retention) for name in self.names}
        self.copies: dict[str, list[State]] = {name: [] for name in self.names}
        for region in self.regions.values():
            region.start()

    @property
    def states(self) -> dict[str, State]:
        """What every store has committed."""
        return {name: region.store.state for name, region in self.regions.items()}

    @property
    def peers(self) -> dict[str, object]:
        """Every region's public identity."""
        return {name: identity_of(name).public for name in self.names}

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

    def check(self) -> None:
        """What must be true after every step."""
        for name, state in self.states.items():
            self._check_keys(name, state)
            self._check_acknowledged(name, state)

    def _check_keys(self, name: str, state: State) -> None:
        for key_id, key in state.keys.items():
            created = self.promises.keys.get(key_id)
            if created is None:
                raise Violation(f"{name} holds {key_id}, which nobody created")
            home = created.region
            if name != home and (home, key_id, name) not in self.ledger.offers:
                raise Violation(f"{name} holds {key_id}, which {home} never offered to it")
            if key.shared is not None:
                held = {each.material_id for each in key.materials}
                if not key.shared.needed <= held:
                    raise Violation(f"{name} lacks material of {key_id}")

    def _check_acknowledged(self, name: str, state: State) -> None:
        for origin, position in state.last_acknowledgement.items():
            cursor = state.cursors[origin]
            if cursor.log_id == position.log_id and cursor.sequence < position.sequence:
                raise Violation(f"{name} acknowledged entries of {origin} that it did not apply")

    def _committed(self, name: str, before: State, after: State, notes: Sequence[object]) -> None:
        states = self.states | {name: after}
        for note in notes:
            assert isinstance(note, Created | Replicated | Deleted)
            self.promises.made(note, states)
        self.ledger.record(name, before, after)
        for key_id, key in before.keys.items():
            kept = after.keys.get(key_id)
            if kept is None and Deleted(name, key_id) not in notes:
                raise Violation(f"{name} lost {key_id}, and no operator deleted it")
            travels = key.shared is None or key.shared.material_travels
            if kept is not None and travels and not set(key.materials) <= set(kept.materials):
                raise Violation(f"{name} lost material of {key_id}")

    def _link(self, origin: str) -> FaultyStream:
        return FaultyStream(PausingStream(self.streams[origin]), self.random, NO_FAULTS)

    def _region(self, name: str, retention: int) -> SimulatedRegion:
        surroundings = Surroundings(
            identity=identity_of(name),
            peers={each: identity_of(each).public for each in self.names if each != name},
            links=self.links[name],
            clock=self.clock,
            randomness=self.random.randbytes,
            patience=PATIENCE_SECONDS,
            retention=retention,
            check_applied=partial(self._check_applied, name),
        )
        return SimulatedRegion(surroundings, MemoryStore(pause, partial(self._committed, name)))

    def _check_applied(
        self, name: str, origin: str, cursor: Cursor, readied: Sequence[Readied]
    ) -> None:
        self.ledger.check(name, origin, cursor, readied)
