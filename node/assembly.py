"""Puts one region together: every part made once, given what it needs, from frozen settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Final

from node.access.defaults import ADMINISTRATOR_ACCESS
from node.audit.folder import FolderInUse, trail_folders
from node.audit.lines import Checkpoint
from node.audit.opening import ForeignTrail
from node.audit.service import Announce, AuditService, Nothing
from node.audit.sink import Unwritable
from node.hot.view import View
from node.importer import Importer
from node.model.principal import Credential, Principal
from node.operations.clock import ClockControl
from node.operations.examination import Examination
from node.operations.failover import Failover
from node.operations.managed_keys import ManagedKeys
from node.operations.session_keys import SessionSeal
from node.operations.status import Status
from node.operations.table import operations
from node.parts import Parts, Stream, World, audit_of, parts_of, services_of
from node.quotas.levels import OwnLevels
from node.quotas.throttle import throttled
from node.request_ids import RequestIds
from node.rotation import Rotator
from node.schedule import Schedule
from node.settings import Administrator, NodeSettings, SettingsError
from node.store.port import Transaction
from node.store.sql import SqlStore
from node.wire.http.doors import Refusals
from node.wire.messages import Clock
from node.wire.protocol import WireProtocol
from node.workers.channel import Answers
from node.workers.leader import Together, answers
from node.workers.team import Team
from replication.applier import Applier
from replication.comparison import Comparison
from replication.directory import Directory
from replication.log import Log
from replication.payloads import AuditCheckpointed
from replication.publisher import Publisher
from replication.resync_sender import ResyncSender
from replication.service import Bell, Loops, ReplicationService
from replication.subscriber import Subscriber

PATIENCE_SECONDS: Final = 5.0  # how long a refused log is tried again before a resync is asked for


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
    answers: Answers
    finished: tuple[AuditService, ...]


class _Replication:
    """What operations ask of replication (node.operations.services.Replication)."""

    def __init__(self, bell: Bell, service: ReplicationService) -> None:
        self.wait_acknowledged = service.wait_acknowledged
        self.hear = service.hear
        self.wait_until = service.wait_until


def assemble(settings: NodeSettings, world: World, team: Team | None = None) -> Region:
    """Make every part of a region, which leads a `team` of worker processes if it has one. Nothing
    is opened or started yet.
    """
    parts = parts_of(settings, world)
    store, view, log = parts.store, parts.view, parts.log
    if team is not None:
        store.after_commit(team.page.follow)
    store.after_commit(view.catch_up)
    bell = Bell()
    store.when_appended(bell.appended)
    streams = {
        name: world.open_stream(each.stream, name)
        for name, each in settings.cluster.regions.items()
    }
    loops = _loops(settings, world, parts, bell, streams)
    replication = ReplicationService(loops, bell)
    services = services_of(settings, world, parts, _Replication(bell, replication))
    subscribers = replication.subscribers
    clock = ClockControl(settings.region, parts.access, world.movable_clock)
    announce = _announcer(store, log)
    audit = audit_of(settings, world, store, announce)
    store.when_noted(audit.ring)
    finished = tuple(_finished(settings, world, announce))
    together = Together(audit, None if team is None else team.pool, finished)
    failover = Failover(services, subscribers)
    examination = Examination(
        services, {each.origin.region: each.request_resync for each in loops.subscribers}
    )
    refusals = Refusals(monotonic)
    status = Status(
        settings.identity.public,
        parts.access,
        world.clock.now(),
        store,
        lambda: loops.publisher.status,
        subscribers,
        loops.comparison.agreements,
        lambda: audit.auditor.sink.status,
        settings.quotas.requests,
        lambda: refusals.counts,
        together.reports,
    )
    table = operations(services, status, failover, examination, clock, together)
    if settings.quotas.requests:
        levels = OwnLevels() if team is None else team.levels
        table = throttled(table, settings.region, view, settings.quotas.requests, levels)
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
        directory=parts.directory,
        streams=tuple(streams.values()),
        replication=replication,
        comparison=loops.comparison,
        schedule=Schedule(
            store,
            log,
            Rotator(parts.primary, world.clock, world.randomness),
            Importer(parts.primary, log, world.clock),
            world.clock,
        ),
        audit=audit,
        protocol=protocol,
        request_clock=world.request_clock,
        session_seal=SessionSeal(services),
        refusals=refusals,
        answers=answers(protocol, announce, replication.hear, ManagedKeys(services)),
        finished=finished,
    )


def _finished(settings: NodeSettings, world: World, announce: Announce) -> Iterator[AuditService]:
    """The trails of worker processes that there were once, and are not to be now."""
    for worker in trail_folders(settings.audit.folder):
        if worker > settings.workers:
            yield audit_of(settings, world, Nothing(), announce, worker)


def _announcer(store: SqlStore, log: Log) -> Announce:
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

    return announce


def _loops(
    settings: NodeSettings, world: World, parts: Parts, bell: Bell, streams: Mapping[str, Stream]
) -> Loops:
    peers, store, log = parts.peers, parts.store, parts.log
    comparison = Comparison(settings.identity, tuple(peers), store, log, world.clock)
    applier = Applier(
        settings.identity,
        store,
        log,
        world.clock,
        bell,
        parts.primary,
        comparison,
        parts.elections,
        parts.directory,
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
                parts.beside,
                identity=settings.identity,
                patience=PATIENCE_SECONDS,
            )
            for name, peer in peers.items()
        ],
        primary=parts.primary,
        resync_sender=ResyncSender(
            settings.region, store, log, peers, parts.directory, parts.elections, parts.beside
        ),
        comparison=comparison,
        compare_seconds=settings.compare_seconds,
        acknowledgements=store.acknowledgements,
    )


async def open_region(region: Region) -> None:
    """Open the store and the audit trail, begin the log if there is none, and store the
    administrator's access key.

    Raises SettingsError if the root keys do not open what the store holds, or the trail cannot be
    written.
    """
    await region.store.open()
    await _check_root_keys(region)
    with _trail_of(region):
        await region.audit.open()
    await region.store.trim_changes()
    await region.view.start()
    async with region.store.transaction() as transaction:
        await region.log.ensure(transaction)
        await _put_administrator(transaction, region.settings.administrator)
    for trail in region.finished:
        with _trail_of(region):
            await trail.finish()


async def close_region(region: Region) -> None:
    """Let the streams go, end the audit trail, and close the store."""
    for stream in region.streams:
        await stream.close()
    for trail in (region.audit, *region.finished):
        await trail.close()
    await region.store.close()


@contextmanager
def _trail_of(region: Region) -> Iterator[None]:
    """Turns what may be wrong with a trail into a sentence for whoever starts the node."""
    try:
        yield
    except (FolderInUse, ForeignTrail) as error:
        raise SettingsError(f"{error}; give each node an audit folder of its own.") from None
    except (OSError, Unwritable) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"the audit trail in {region.settings.audit.folder} cannot be written ({reason}), and "
            "nothing is done unaudited; make room, or name another folder in [audit] of the node's "
            "settings."
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
