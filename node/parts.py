"""What every worker process of a region is made of, the leader too: each part made once, given what
it needs, from frozen settings. Nothing is opened or started here.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from crypto.identity import PublicIdentity
from crypto.material import Randomness
from node.access.authorise import Authoriser
from node.access.tokens import GrantTokens
from node.audit.auditor import Auditor
from node.audit.event_ids import EventIds
from node.audit.folder import worker_folder
from node.audit.service import Announce, AuditService, Keeping, Outbox
from node.audit.sink import Rules
from node.clock import MovableClock, SystemClock
from node.hot.view import View
from node.hot.work import CallThreads, usable_cores
from node.operations.services import Replication, Services
from node.settings import NodeSettings
from node.store.rows import Sealer
from node.store.sql import SqlStore
from node.wire.messages import Clock
from replication.directory import Directory
from replication.elections import Elections
from replication.log import Log
from replication.ports import StreamReader, StreamWriter
from replication.primary import Primary
from replication.redis_stream import RedisStream

SECONDS_OF_AN_HOUR: Final = 3600.0
SECONDS_OF_A_DAY: Final = 86_400.0
REPLICATION_THREADS: Final = 2
T = TypeVar("T")


class Stream(StreamReader, StreamWriter, Protocol):
    """One region's log on its stream server: the origin's side of the port, and the readers'."""


@dataclass(frozen=True, slots=True)
class World:
    """What a region cannot make itself: time, randomness, identity of requests and keys, and the
    streams. `open_stream` takes a stream's URL and the region whose log it holds. `movable_clock`
    is `clock` where an administrator may move it.
    """

    clock: Clock
    request_clock: Clock
    randomness: Randomness
    new_uuid: Callable[[], str]
    open_stream: Callable[[str, str], Stream]
    movable_clock: MovableClock | None = None


def real_world(movable_clock: MovableClock | None = None) -> World:
    """The operating system's time and randomness, and Redis-compatible servers.

    Keys live by the movable clock, if there is one; requests are signed by the real time.
    """
    system = SystemClock()
    return World(
        movable_clock or system,
        system,
        os.urandom,
        lambda: str(uuid.uuid4()),
        RedisStream,
        movable_clock,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a region that its operations work with."""

    peers: Mapping[str, PublicIdentity]
    store: SqlStore
    view: View
    access: Authoriser
    tokens: GrantTokens
    log: Log
    primary: Primary
    directory: Directory
    elections: Elections
    beside: Beside


def parts_of(settings: NodeSettings, world: World) -> Parts:
    """Make them."""
    region = settings.region
    store = SqlStore(settings.store_file, Sealer(region, settings.root_keys, world.randomness))
    view = View(store)
    log = Log(settings.identity, world.clock, world.randomness)
    peers = {name: peer.identity for name, peer in settings.peers.items()}
    tokens = GrantTokens(region, settings.root_keys, world.randomness)
    beside = Beside()
    return Parts(
        peers=peers,
        store=store,
        view=view,
        access=Authoriser(region, settings.cluster.account, view, tokens),
        tokens=tokens,
        log=log,
        primary=Primary(region, store, log, world.clock, peers, beside),
        directory=Directory(region, log, world.clock, peers, beside),
        elections=Elections(region, log, world.clock),
        beside=beside,
    )


def services_of(
    settings: NodeSettings, world: World, parts: Parts, replication: Replication
) -> Services:
    """What the operations of a region, or of one of its workers, work with."""
    return Services(
        region=settings.region,
        peers=parts.peers,
        store=parts.store,
        view=parts.view,
        access=parts.access,
        grant_tokens=parts.tokens,
        root_keys=settings.root_keys,
        log=parts.log,
        primary=parts.primary,
        elections=parts.elections,
        directory=parts.directory,
        replication=replication,
        call_threads=CallThreads(usable_cores()),
        clock=world.clock,
        randomness=world.randomness,
        new_uuid=world.new_uuid,
        replicate_wait_seconds=settings.replicate_wait_seconds,
        keys_of_an_account_most=settings.quotas.keys,
    )


def audit_of(
    settings: NodeSettings, world: World, outbox: Outbox, announce: Announce, worker: int = 1
) -> AuditService:
    """The trail of a worker process; the leader is number 1."""
    rules = Rules(
        asynchronous=settings.audit.asynchronous,
        file_bytes=settings.audit.file_bytes,
        file_seconds=settings.audit.file_hours * SECONDS_OF_AN_HOUR,
    )
    event_ids = EventIds(world.randomness).new
    account = settings.cluster.account
    days = settings.audit.keep_days
    keeping = Keeping(
        worker_folder(settings.audit.folder, worker),
        rules,
        None if days is None else days * SECONDS_OF_A_DAY,
    )
    return AuditService(
        Auditor(settings.region, account, world.clock, event_ids),
        keeping,
        settings.identity,
        world.randomness,
        world.clock,
        outbox,
        announce,
    )


class Beside:
    """Runs what takes long beside the event loop (replication.ports.Offload), in threads that give
    way to nobody, as those of slow cryptography do: a region that is busy has to keep up, too.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(REPLICATION_THREADS, "replication")

    async def __call__(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
