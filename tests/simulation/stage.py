"""A few regions without faults, for stories that a test tells step by step."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any
from unittest.mock import patch

from replication.faults import NO_FAULTS, FaultyStream
from replication.memory_stream import MemoryStream
from replication.position import Cursor
from replication.reading import Readied
from tests.simulation.imports import WRAPPING, owned, wrapped
from tests.simulation.memory_store import MemoryStore, State
from tests.simulation.region import ACCOUNT, SimulatedRegion, Surroundings
from tests.simulation.settling import run_all
from tests.simulation.stepping import PausingStream, finished, in_place, pause
from tests.simulation.world import PATIENCE_SECONDS, VirtualClock, identity_of

US, EU, AP, SA = "us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1"
KEY_ID = "mrk-1f3c5a7e9b2d4c6f8091a2b3c4d5e6f7"
RETENTION = 1000


class Stage:
    """Regions that do what they are told, when they are told."""

    def __init__(self, *names: str, retention: int = RETENTION) -> None:
        self.clock = VirtualClock()
        self.streams = {name: MemoryStream() for name in names}
        self._random = Random(0)
        self._retention = retention
        self._next_key = ""
        self.regions = {name: self._region(name, names) for name in names}
        for region in self.regions.values():
            region.start()

    def run(self, rounds: int, *names: str) -> None:
        """Let so many seconds pass, in which these regions (all, if none is named) run."""
        for _ in range(rounds):
            self.clock.time += 1.0
            for name in names or self.regions:
                run_all(self.regions[name])

    def create(self, name: str, key_id: str = KEY_ID) -> None:
        """An operator creates a multi-Region key."""
        self._next_key = key_id.removeprefix("mrk-")
        self.call(name, "CreateKey", multi_region=True)

    def create_external(self, name: str) -> None:
        """An operator creates a multi-Region key for imported material."""
        self._next_key = KEY_ID.removeprefix("mrk-")
        self.call(name, "CreateKey", multi_region=True, origin="EXTERNAL")

    def import_material(self, name: str) -> None:
        """The key's owner imports material into a region's key."""
        with patch("asyncio.to_thread", in_place):
            wrapping = {"wrapping_algorithm": WRAPPING, "wrapping_key_spec": "RSA_2048"}
            made = self.call(name, "GetParametersForImport", key_id=KEY_ID, **wrapping)
            self.call(
                name,
                "ImportKeyMaterial",
                key_id=KEY_ID,
                import_token=made.import_token,
                encrypted_key_material=wrapped(owned(KEY_ID, 0), made.public_key),
                expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE",
            )

    def replicate(self, name: str, place: str, key_id: str = KEY_ID) -> None:
        """An operator replicates a key from its primary's region to another."""
        self.call(name, "ReplicateKey", key_id=key_id, replica_region=place)

    def delete(self, name: str, key_id: str = KEY_ID) -> None:
        """An operator's deletion of a replica key comes to its end."""
        finished(_deleted(self.regions[name], key_id))

    def call(self, name: str, operation: str, **members: Any) -> Any:
        """A region does an operation, with everything else standing still."""
        return finished(self.regions[name].call(operation, **members))

    def state(self, name: str) -> State:
        """What a region's store has committed."""
        return self.regions[name].store.state

    def restore(self, name: str, copy: State) -> None:
        """The region crashes, its store goes back to a copy, and it starts again."""
        self.regions[name].crash()
        self.regions[name].store.put_back(copy)
        self.regions[name].start()

    def replicas(self, name: str, key_id: str = KEY_ID) -> Sequence[str] | None:
        """The replicas that a region knows of; None if it holds no key of the set."""
        key = self.state(name).keys.get(key_id)
        return None if key is None or key.shared is None else key.shared.replicas

    def problems(self) -> list[str]:
        """Every refusal that a region's subscribers speak of now."""
        return [
            f"{name} refuses {origin}: {subscriber.status.refusal}"
            for name, region in self.regions.items()
            for origin, subscriber in region.subscribers.items()
            if subscriber.status.refusal
        ]

    def _region(self, name: str, names: Sequence[str]) -> SimulatedRegion:
        links = {
            each: FaultyStream(PausingStream(self.streams[each]), self._random, NO_FAULTS)
            for each in names
        }
        surroundings = Surroundings(
            identity=identity_of(name),
            peers={each: identity_of(each).public for each in names if each != name},
            links=links,
            clock=self.clock,
            randomness=self._random.randbytes,
            new_uuid=lambda: self._next_key,
            patience=PATIENCE_SECONDS,
            retention=self._retention,
            check_applied=_trusting,
        )
        return SimulatedRegion(surroundings, MemoryStore(name, pause))


async def _deleted(region: SimulatedRegion, key_id: str) -> None:
    """What the schedule does when a replica key's window has ended."""
    async with region.store.transaction() as transaction:
        key = await transaction.key(ACCOUNT, key_id)
        assert key is not None
        await transaction.delete_key(key)
        await region.log.declare_deleted(transaction, key_id, key.shared)


def _trusting(origin: str, cursor: Cursor, readied: Sequence[Readied]) -> None:
    """Check nothing: the story's own assertions do."""
