"""Puts one region together: every part made once, given what it needs, from frozen settings."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final, Protocol, TypeVar

from crypto.material import Randomness
from node.access.authorise import Authoriser
from node.access.defaults import ADMINISTRATOR_ACCESS
from node.access.tokens import GrantTokens
from node.audit.auditor import Auditor
from node.audit.event_ids import EventIds
from node.audit.folder import FolderInUse
from node.audit.lines import Checkpoint
from node.audit.opening import ForeignTrail
from node.audit.service import Announce, AuditService, Keeping
from node.audit.sink import Rules, Unwritable
from node.clock import MovableClock, SystemClock
from node.hot.view import View
from node.importer import Importer
from node.model.principal import Credential, Principal
from node.operations.clock import ClockControl
from node.operations.examination import Examination
from node.operations.failover import Failover
from node.operations.services import Services
from node.operations.session_keys import SessionSeal
from node.operations.status import Status
from node.operations.table import operations
from node.quotas.throttle import throttled
from node.request_ids import RequestIds
from node.rotation import Rotator
from node.schedule import Schedule
from node.settings import Administrator, NodeSettings, SettingsError
from node.store.port import Transaction
from node.store.rows import Sealer
from node.store.sql import SqlStore
from node.wire.http.doors import Refusals
from node.wire.messages import Clock
from node.wire.protocol import WireProtocol
from replication.applier import Applier
from replication.comparison import Comparison
from replication.directory import Directory
from replication.elections import Elections
from replication.log import Log
from replication.payloads import AuditCheckpointed
from replication.ports import StreamReader, StreamWriter
from replication.primary import Primary
from replication.publisher import Publisher
from replication.redis_stream import RedisStream
from replication.resync_sender import ResyncSender
from replication.service import Bell, Loops, ReplicationService
from replication.subscriber import Subscriber

PATIENCE_SECONDS: Final = 5.0  # how long a refused log is tried again before a resync is asked for
SECONDS_OF_AN_HOUR: Final = 3600.0
SECONDS_OF_A_DAY: Final = 86_400.0
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
class Region:
    """One region, assembled and not started."""

    settings: NodeSettings
    store: SqlStore
    view: View
    log: Log
    directory: Directory
    streams: tuple[Stream, ...]
    replication: ReplicationService
    comparison: Comparison
    schedule: Schedule
    audit: AuditService
    protocol: WireProtocol
    request_clock: Clock
    session_seal: SessionSeal
    refusals: Refusals


class _Replication:
    """What operations ask of replication (node.operations.services.Replication)."""

    def __init__(self, bell: Bell, service: ReplicationService) -> None:
        self.appended = bell.appended
        self.wait_acknowledged = service.wait_acknowledged
        self.hear = service.hear
        self.wait_until = service.wait_until


def assemble(settings: NodeSettings, world: World) -> Region:
    """Make every part of a region. Nothing is opened or started yet."""
    sealer = Sealer(settings.region, settings.root_keys, world.randomness)
    store = SqlStore(settings.store_url, sealer)
    view = View(store)
    store.after_commit(view.catch_up)
    log = Log(settings.identity, world.clock, world.randomness)
    bell = Bell()
    streams = {
        name: world.open_stream(each.stream, name)
        for name, each in settings.cluster.regions.items()
    }
    peers = {name: peer.identity for name, peer in settings.peers.items()}
    primary = Primary(settings.region, store, log, world.clock, peers, in_thread)
    directory = Directory(settings.region, log, world.clock, peers, in_thread)
    elections = Elections(settings.region, log, world.clock)
    loops = _loops(settings, world, store, log, bell, primary, directory, elections, streams)
    replication = ReplicationService(loops, bell)
    tokens = GrantTokens(settings.region, settings.root_keys, world.randomness)
    access = Authoriser(settings.region, settings.cluster.account, view, tokens)
    services = Services(
        region=settings.region,
        peers=peers,
        store=store,
        view=view,
        access=access,
        grant_tokens=tokens,
        root_keys=settings.root_keys,
        log=log,
        primary=primary,
        elections=elections,
        directory=directory,
        replication=_Replication(bell, replication),
        clock=world.clock,
        randomness=world.randomness,
        new_uuid=world.new_uuid,
        replicate_wait_seconds=settings.replicate_wait_seconds,
        keys_of_an_account_most=settings.quotas.keys,
    )
    subscribers = {each.origin.region: each.read_status for each in loops.subscribers}
    clock = ClockControl(settings.region, access, world.movable_clock)
    audit = _audit(settings, world, store, _announcer(store, log, bell))
    failover = Failover(services, subscribers)
    examination = Examination(
        services, {each.origin.region: each.request_resync for each in loops.subscribers}
    )
    refusals = Refusals(monotonic)
    status = Status(
        settings.identity.public,
        access,
        world.clock.now(),
        store,
        lambda: loops.publisher.status,
        subscribers,
        loops.comparison.agreements,
        lambda: audit.auditor.sink.status,
        settings.quotas.requests,
        lambda: refusals.counts,
    )
    table = operations(services, status, failover, examination, clock, audit)
    if settings.quotas.requests:
        table = throttled(table, settings.region, view, settings.quotas.requests)
    protocol = WireProtocol(
        table,
        view,
        world.request_clock,
        settings.region,
        RequestIds(world.randomness).new,
        audit.auditor,
    )
    return Region(
        settings=settings,
        store=store,
        view=view,
        log=log,
        directory=directory,
        streams=tuple(streams.values()),
        replication=replication,
        comparison=loops.comparison,
        schedule=Schedule(
            store,
            log,
            Rotator(primary, world.clock, world.randomness),
            Importer(primary, log, world.clock),
            world.clock,
            bell.appended,
        ),
        audit=audit,
        protocol=protocol,
        request_clock=world.request_clock,
        session_seal=SessionSeal(services),
        refusals=refusals,
    )


def _announcer(store: SqlStore, log: Log, bell: Bell) -> Announce:
    """Hands a checkpoint of the audit trail to the other regions, in the log."""

    async def announce(made: Checkpoint) -> None:
        payload = AuditCheckpointed(
            trail=made.trail,
            sequence=made.sequence,
            digest=bytes.fromhex(made.hash),
            time=made.time,
            signature=bytes.fromhex(made.signature),
        )
        async with store.transaction() as transaction:
            await log.append(transaction, payload)
        bell.appended()

    return announce


def _audit(
    settings: NodeSettings, world: World, store: SqlStore, announce: Announce
) -> AuditService:
    rules = Rules(
        settings.audit.asynchronous,
        settings.audit.file_bytes,
        settings.audit.file_hours * SECONDS_OF_AN_HOUR,
    )
    event_ids = EventIds(world.randomness).new
    account = settings.cluster.account
    days = settings.audit.keep_days
    keeping = Keeping(
        settings.audit.folder, rules, None if days is None else days * SECONDS_OF_A_DAY
    )
    service = AuditService(
        Auditor(settings.region, account, world.clock, event_ids),
        keeping,
        settings.identity,
        world.randomness,
        world.clock,
        store,
        announce,
    )
    store.when_noted(service.ring)
    return service


def _loops(
    settings: NodeSettings,
    world: World,
    store: SqlStore,
    log: Log,
    bell: Bell,
    primary: Primary,
    directory: Directory,
    elections: Elections,
    streams: Mapping[str, Stream],
) -> Loops:
    peers = {name: peer.identity for name, peer in settings.peers.items()}
    comparison = Comparison(settings.identity, tuple(peers), store, log, world.clock)
    applier = Applier(
        settings.identity,
        store,
        log,
        world.clock,
        bell,
        primary,
        comparison,
        elections,
        directory,
        peers,
    )
    return Loops(
        publisher=Publisher(
            store, streams[settings.region], tuple(peers), retention=settings.log_retention_entries
        ),
        subscribers=[
            Subscriber(
                peer,
                streams[name],
                store,
                applier,
                log,
                world.clock,
                in_thread,
                identity=settings.identity,
                patience=PATIENCE_SECONDS,
            )
            for name, peer in peers.items()
        ],
        primary=primary,
        resync_sender=ResyncSender(
            settings.region, store, log, peers, directory, elections, in_thread
        ),
        comparison=comparison,
        compare_seconds=settings.compare_seconds,
        acknowledgements=store.acknowledgements,
    )


async def in_thread(work: Callable[[], T]) -> T:
    """Run what takes long beside the event loop (replication.ports.Offload)."""
    return await asyncio.to_thread(work)


async def open_region(region: Region) -> None:
    """Open the store and the audit trail, begin the log if there is none, and store the
    administrator's access key.

    Raises SettingsError if the root keys do not open what the store holds, or the trail cannot be
    written.
    """
    await region.store.open()
    await _check_root_keys(region)
    await _open_audit(region)
    await region.store.trim_changes()
    await region.view.start()
    async with region.store.transaction() as transaction:
        await region.log.ensure(transaction)
        await _put_administrator(transaction, region.settings.administrator)


async def close_region(region: Region) -> None:
    """Let the streams go, end the audit trail, and close the store."""
    for stream in region.streams:
        await stream.close()
    await region.audit.close()
    await region.store.close()


async def _open_audit(region: Region) -> None:
    folder = region.settings.audit.folder
    try:
        await region.audit.open()
    except (FolderInUse, ForeignTrail) as error:
        raise SettingsError(f"{error}; give each node an audit folder of its own.") from None
    except (OSError, Unwritable) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"the audit trail in {folder} cannot be written ({reason}), and nothing is done "
            "unaudited; make room, or name another folder in [audit] of the node's settings."
        ) from None


async def _check_root_keys(region: Region) -> None:
    missing = await region.store.unknown_root_key()
    if missing is not None:
        raise SettingsError(
            f"the key store of {region.settings.region} is sealed under root key {missing}, which "
            "is not among root_keys; add its file to the node's settings"
        )


async def _put_administrator(transaction: Transaction, administrator: Administrator) -> None:
    """Store the administrator's access key and, as for anyone else, a policy that allows."""
    await transaction.put_credential(_credential(administrator))
    await transaction.put_identity_policy(
        administrator.account, administrator.principal, ADMINISTRATOR_ACCESS
    )


def _credential(administrator: Administrator) -> Credential:
    principal = Principal(
        account=administrator.account,
        arn=administrator.principal,
        principal_id=f"AIDA{administrator.access_key_id[4:]}",
        kind="IAMUser",
    )
    return Credential(
        administrator.access_key_id, administrator.secret_access_key, principal, active=True
    )
