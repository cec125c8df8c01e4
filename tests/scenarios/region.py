"""Regions under test, in this process: assembled as in production, on clocks that tests move.

Real are the assembly, the store in its SQLite file, the wire protocol with its signatures, and
replication. Not real are time, sockets and Redis servers. Nothing here is asynchronous for a test:
a region works while a call to it, or `settle`, runs.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, TypeVar

from crypto.identity import RegionIdentity
from crypto.sealing import RootKey, RootKeyRing
from node.access.defaults import ADMINISTRATOR_ACCESS
from node.assembly import Region, assemble, close_region, open_region
from node.model.key import Key
from node.model.principal import AttachedPolicy, Credential, Principal
from node.parts import World
from node.settings import (
    Administrator,
    AuditSettings,
    ClusterSettings,
    NodeSettings,
    RegionSettings,
)
from node.settings.quotas import QuotaSettings
from node.wire.messages import WireRequest, WireResponse
from replication.memory_stream import MemoryStream
from replication.position import CursorState
from replication.waits import need_wait_no_longer
from tests.migrated import make_store
from tests.scenarios.client import Kms
from tests.scenarios.network import Network

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
START = 1_790_000_000.0
DAY_SECONDS = 86_400.0
WORK_STEPS_MOST = 4000
WAITS_LOOKED_AT = 1000

T = TypeVar("T")


class MovableClock:
    """Time stands where it is put."""

    def __init__(self, moment: float = START) -> None:
        self.moment = moment

    def now(self) -> float:
        return self.moment

    def move(self, *, days: float = 0.0, seconds: float = 0.0) -> None:
        """Let time pass."""
        self.moment += days * DAY_SECONDS + seconds


class RegionUnderTest:
    """One region, open. `kms` calls it as the administrator, `stranger` as the
    administrator of another account."""

    def __init__(
        self, region: Region, world: World, clock: MovableClock, runner: asyncio.Runner
    ) -> None:
        self.region = region
        self.world = world
        self.clock = clock
        self._signing_clock = MovableClock()
        self._runner = runner
        self._run(open_region(region))
        self.kms = self._client(_administrator(region.settings.administrator))
        self.stranger = self.user("mallory", ADMINISTRATOR_ACCESS.document, account=OTHER_ACCOUNT)

    @property
    def name(self) -> str:
        return self.region.settings.region

    def user(self, name: str, *policies: str, account: str = ACCOUNT) -> Kms:
        """The client of a user who has these identity policies and no others."""
        arn = f"arn:aws:iam::{account}:user/{name}"
        self.attach(arn, *policies)
        return self.client_of(Principal(account, arn, f"AIDA{name.upper()}", "IAMUser"))

    def attach(self, arn: str, *policies: str) -> None:
        """Attach policies to a user or role, in the place of those that had their numbers."""

        async def put() -> None:
            async with self.region.store.transaction() as transaction:
                for number, document in enumerate(policies):
                    policy = AttachedPolicy(f"policy-{number}", document)
                    await transaction.put_identity_policy(arn.split(":")[4], arn, policy)

        self._run(put())

    def client_of(self, principal: Principal) -> Kms:
        """The client of any principal at all, with an access key of its own."""
        access_key_id = f"AKIA{hashlib.sha256(principal.arn.encode()).hexdigest()[:16].upper()}"
        return self._client(
            self._admitted(Credential(access_key_id, "another secret", principal, active=True))
        )

    def client_with(self, credential: Credential, token: str | None = None) -> Kms:
        """The client of whoever has an access key that this region got in another way; with
        temporary credentials, also their session token.
        """
        return self._client(credential, token)

    def pass_for_requests(self, seconds: float) -> None:
        """Let time pass on the clock that requests are signed by, and their signatures checked."""
        clock = self.world.request_clock
        assert isinstance(clock, MovableClock)
        clock.move(seconds=seconds)
        self._signing_clock.move(seconds=seconds)

    def step_schedule(self) -> int:
        """Do what is due; returns how many keys were deleted."""
        return self._run(self.region.schedule.step())

    def stored(self, key_id: str) -> Key:
        """A key as the store has it."""
        found = self._run(self.region.store.read_key(key_id))
        assert found is not None
        return found[0]

    def alter(self, key_id: str, **changes: Any) -> None:
        """Change a key behind the operations' back, for states that no operation leads to yet."""

        async def put() -> None:
            async with self.region.store.transaction() as transaction:
                key = await transaction.key(ACCOUNT, key_id)
                assert key is not None
                await transaction.put_key(replace(key, **changes))

        self._run(put())

    def run(self, work: Callable[[Region], Awaitable[T]]) -> T:
        """Run something on the region that no request can ask for."""

        async def started() -> T:
            return await work(self.region)

        return self._run(started())

    def close(self) -> None:
        """Stop replication, if it runs, and close the store."""

        async def closing() -> None:
            await self.region.replication.stop()
            await close_region(self.region)

        self._run(closing())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _handle(self, request: WireRequest) -> WireResponse:
        return self._run(self.region.protocol.handle(request))

    def _client(self, credential: Credential, token: str | None = None) -> Kms:
        return Kms(self._handle, credential, self.name, self._signing_clock.now, token)

    def _admitted(self, credential: Credential) -> Credential:
        async def put() -> None:
            async with self.region.store.transaction() as transaction:
                await transaction.put_credential(credential)

        self._run(put())
        return credential


@dataclass(frozen=True, slots=True)
class Met:
    """What regions leave that have just read each other's logs, and are closed: other regions begin
    with copies of it, as coming to know each other takes longer than most tests.
    """

    folder: Path
    streams: Mapping[str, MemoryStream]

    def take_up(self, folder: Path, network: Network) -> int:
        """Copy all of it. Gives the number of starts that there were."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        for name, stream in self.streams.items():
            network.streams[name].entries = dict(stream.entries)
            network.streams[name].last_id = stream.last_id
        return len(self.streams)


def met_regions(folder: Path) -> Met:
    """Let regions with these stores meet."""
    regions = Regions(folder)
    try:
        regions.start()
    finally:
        regions.close()
    return Met(folder, regions.network.streams)


class Regions(Mapping[str, RegionUnderTest]):
    """Regions of one cluster on one clock, by name, wired together by `network`."""

    def __init__(
        self,
        folder: Path,
        names: Sequence[str] = REGIONS,
        *,
        replicate_wait_seconds: float = 0.0,
        quotas: Mapping[str, QuotaSettings] = MappingProxyType({}),
        met: Met | None = None,
    ) -> None:
        """`met`: regions of the same names, whose stores and streams these go on with."""
        self._runner = asyncio.Runner()
        self.clock = MovableClock()
        self.network = Network(names)
        self._starts = 0 if met is None else met.take_up(folder, self.network)
        self._regions = {
            settings.region: self._opened(
                replace(settings, quotas=quotas.get(settings.region, settings.quotas))
            )
            for settings in node_settings(folder, names, replicate_wait_seconds)
        }

    def __getitem__(self, name: str) -> RegionUnderTest:
        return self._regions[name]

    def __iter__(self) -> Any:
        return iter(self._regions)

    def __len__(self) -> int:
        return len(self._regions)

    def start(self) -> None:
        """Start replication everywhere, and settle."""

        async def starting() -> None:
            for each in self._regions.values():
                each.region.replication.start()

        self._runner.run(starting())
        self.settle()

    @contextmanager
    def stopped(self, name: str) -> Iterator[NodeSettings]:
        """The region is closed while the block runs, and started from its store after it.

        `regions[name]` is another object then.
        """
        settings = self._regions[name].region.settings
        self._regions[name].close()
        self.network.away.add(name)
        yield settings
        self.network.away.discard(name)
        self._regions[name] = self._opened(settings)

        async def starting() -> None:
            self._regions[name].region.replication.start()

        self._runner.run(starting())

    def settle(self, passing_seconds: float = 0.0) -> None:
        """Go on until every region that is not away has applied all that the others have said.

        `passing_seconds`: how far the clock goes on at each look, for what waits for its time.
        """

        def settled() -> bool:
            self.clock.move(seconds=passing_seconds)
            return self._settled()

        self.work_until(settled)

    def work_until(self, condition: Callable[[], bool]) -> None:
        """Let the regions work until the condition holds."""
        for _ in range(WORK_STEPS_MOST):
            if condition():
                return
            self._runner.run(asyncio.sleep(0.002))
        raise AssertionError(f"what was awaited does not come about: {self._statuses()}")

    def close(self) -> None:
        """Close every region."""
        for each in self._regions.values():
            each.close()
        self._runner.close()

    def _settled(self) -> bool:
        return self._runner.run(self._all_follow())

    async def _all_follow(self) -> bool:
        """Whether each region that is not away hears the others, stands where their logs end,
        shows what it heard, and has carried on with all that need wait no longer.

        What a status would say, without asking for one: tests settle by the thousand.
        """
        present = {name: each.region for name, each in self.items() if not self._away(name)}
        for origin, region in present.items():
            end = (await region.store.log_head()).sequence
            for reader, other in present.items():
                if reader != origin and not await _follows(other, origin, end):
                    return False
            # What was applied is in the store a moment before requests see it.
            if not await region.view.is_caught_up() or await _would_carry_on(region):
                return False
        return True

    def _away(self, name: str) -> bool:
        return name in self.network.away

    def _statuses(self) -> dict[str, dict[str, Any]]:
        present = (each for name, each in self.items() if not self._away(name))
        return {each.name: each.kms.status() for each in present}

    def _opened(self, settings: NodeSettings) -> RegionUnderTest:
        make_store(settings.store_file)
        world = self._world(settings.region)
        return RegionUnderTest(assemble(settings, world), world, self.clock, self._runner)

    def _world(self, region: str) -> World:
        self._starts += 1  # a region that starts again draws other bytes
        random = Random(f"{region} {self._starts}")
        return World(
            clock=self.clock,
            request_clock=MovableClock(),
            randomness=random.randbytes,
            new_uuid=lambda: str(uuid.UUID(int=random.getrandbits(128), version=4)),
            open_stream=self.network.opener(region),
        )


async def _follows(reader: Region, origin: str, end: int) -> bool:
    heard = reader.replication.subscribers[origin]()
    cursor = await reader.store.cursor(origin)
    following = cursor.state is CursorState.FOLLOWING and cursor.sequence == end
    return following and heard.connected and not heard.refusal


async def _would_carry_on(region: Region) -> bool:
    store = region.store
    acknowledged, evicted = await store.acknowledgements(), await store.evicted()
    return any(
        need_wait_no_longer(wait, shared, acknowledged, evicted)
        for wait, shared in await store.waiting("", WAITS_LOOKED_AT)
    )


def node_settings(
    folder: Path, names: Sequence[str], replicate_wait_seconds: float
) -> list[NodeSettings]:
    """The settings of every region of a cluster whose stores are in `folder`."""
    random = Random("settings")
    identities = {name: RegionIdentity.generate(name, random.randbytes) for name in names}
    regions = {
        name: RegionSettings(name, f"http://{name}.test", f"redis://{name}.test", identity.public)
        for name, identity in identities.items()
    }
    return [
        NodeSettings(
            region=name,
            cluster=ClusterSettings(ACCOUNT, regions),
            host="127.0.0.1",
            port=0,
            store_file=folder / f"{name}.sqlite",
            identity=identity,
            root_keys=RootKeyRing([RootKey.generate(random.randbytes)]),
            administrator=ADMINISTRATOR,
            audit=AuditSettings(folder / f"{name}-audit"),
            replicate_wait_seconds=replicate_wait_seconds,
        )
        for name, identity in identities.items()
    ]


ADMINISTRATOR = Administrator(
    ACCOUNT, "AKIAADMINISTRATOR000", "a secret", f"arn:aws:iam::{ACCOUNT}:user/administrator"
)


def _administrator(administrator: Administrator) -> Credential:
    """As the client knows it; the node's own has the same access key."""
    principal = Principal(ACCOUNT, administrator.principal, "AIDAADMINISTRATOR", "IAMUser")
    return Credential(
        administrator.access_key_id, administrator.secret_access_key, principal, active=True
    )
