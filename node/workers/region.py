"""A worker's part of its region: the view of the key store, the operations that only read, and a
trail of its own. Nothing here writes to the key store.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, NoReturn

from node.audit.lines import Checkpoint
from node.audit.service import AuditService, Nothing
from node.hot.view import View
from node.operations.table import operations_that_read
from node.parts import World, audit_of, parts_of, services_of
from node.quotas.levels import Levels
from node.quotas.throttle import throttled
from node.request_ids import RequestIds
from node.settings import NodeSettings
from node.store.sql import SqlStore
from node.wire.http.doors import Refusals
from node.wire.protocol import WireProtocol
from node.workers import questions
from node.workers.channel import Answers, Channel
from node.workers.door import Door, Following
from node.workers.page import ChangePage


@dataclass(frozen=True, slots=True)
class WorkerRegion:
    """One worker, assembled and not started."""

    store: SqlStore
    view: View
    following: Following
    audit: AuditService
    door: Door
    refusals: Refusals


_OF_THE_LEADER: Final = "only the leader of a region's workers changes what the region holds"
"""The call fails, and nothing is changed: the operation is missing among those that the leader
performs (node.operations.table.operations_that_read)."""


class OfLeader:
    """What a worker has its leader do: replication (node.operations.services.Replication), AWS
    managed keys (node.operations.resolve.ManagedTargets), and telling of checkpoints.
    """

    def __init__(self, leader: Channel, following: Following) -> None:
        self._leader = leader
        self._following = following

    async def hear(self) -> AsyncIterator[bool]:
        """See Replication; the answers come together."""
        answers = questions.heard_of(await self._leader.ask(questions.HEAR))
        await self._following.follow()
        for each in answers:
            yield each

    async def target(self, account: str, alias: str) -> str | None:
        """See ManagedTargets."""
        asked = questions.encode(questions.ManagedAlias(account, alias))
        found: str | None = questions.target_of(await self._leader.ask(questions.TARGET, asked))
        await self._following.follow()
        return found

    async def announce(self, made: Checkpoint) -> None:
        """Hand a checkpoint of this worker's trail to the other regions."""
        await self._leader.ask(questions.ANNOUNCE, questions.encode(made))

    async def wait_acknowledged(self, region: str, sequence: int, seconds: float) -> NoReturn:
        """No operation that only reads waits for a peer. Raises RuntimeError."""
        raise RuntimeError(_OF_THE_LEADER)

    async def wait_until(self, reached: Callable[[], Awaitable[bool]], seconds: float) -> NoReturn:
        """No operation that only reads waits for a peer. Raises RuntimeError."""
        raise RuntimeError(_OF_THE_LEADER)


def assemble_worker(
    settings: NodeSettings,
    world: World,
    number: int,
    leader: Channel,
    page: ChangePage,
    levels: Levels,
) -> WorkerRegion:
    """Make every part of a worker. Nothing is opened or started yet."""
    parts = parts_of(settings, world)

    async def take_over() -> None:
        if world.movable_clock is not None:
            world.movable_clock.follow()
        await parts.view.catch_up()

    following = Following(page, take_over)
    of_leader = OfLeader(leader, following)
    services = services_of(settings, world, parts, of_leader)
    audit = audit_of(settings, world, Nothing(), of_leader.announce, number)
    table = operations_that_read(services, of_leader)
    own = frozenset(table)
    if settings.quotas.requests:
        table = throttled(table, settings.region, parts.view, settings.quotas.requests, levels)
    protocol = WireProtocol(
        table,
        parts.view,
        world.request_clock,
        settings.region,
        RequestIds(world.randomness).new,
        audit.auditor,
    )
    return WorkerRegion(
        store=parts.store,
        view=parts.view,
        following=following,
        audit=audit,
        door=Door(protocol, own, following, leader),
        refusals=Refusals(monotonic),
    )


def answers(region: Callable[[], WorkerRegion]) -> Answers:
    """What the leader may ask of a worker, once it is assembled."""

    async def last_use(body: bytes) -> bytes:
        return questions.encode(await region().audit.last_use(body.decode()))

    async def usage(body: bytes) -> bytes:
        asked = questions.totals_of(body)
        return questions.encode(await region().audit.usage(asked.after, asked.most))

    async def report(_: bytes) -> bytes:
        worker = region()
        status = worker.audit.auditor.sink.status
        return questions.encode(questions.Report(status, dict(worker.refusals.counts)))

    return {
        questions.LAST_USE: last_use,
        questions.USAGE: usage,
        questions.REPORT: report,
    }
