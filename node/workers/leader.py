"""What the leader answers its workers, and what it asks them: the region seen as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from node.audit.service import Announce, AuditService
from node.audit.usage import Usage
from node.model import errors
from node.operations.resolve import ManagedTargets
from node.operations.status import Reported
from node.wire.messages import WireRequest, WireResponse
from node.workers import questions
from node.workers.channel import Answers, Lost
from node.workers.pool import Pool, Worker

REPORT_SECONDS: Final = 1.0
USAGE_SECONDS: Final = 5.0


class Handling(Protocol):
    """Answers whole requests (node.wire.protocol.WireProtocol)."""

    async def handle(self, request: WireRequest) -> WireResponse: ...


def answers(
    protocol: Handling,
    announce: Announce,
    hear: Callable[[], AsyncIterator[bool]],
    managed: ManagedTargets,
) -> Answers:
    """What the workers of a region may ask its leader."""

    async def call(body: bytes) -> bytes:
        return questions.encode(await protocol.handle(questions.request_of(body)))

    async def announced(body: bytes) -> bytes:
        await announce(questions.checkpoint_of(body))
        return b""

    async def heard(_: bytes) -> bytes:
        return questions.encode([each async for each in hear()])

    async def target(body: bytes) -> bytes:
        alias = questions.alias_of(body)
        return questions.encode(await managed.target(alias.account, alias.name))

    return {
        questions.CALL: call,
        questions.ANNOUNCE: announced,
        questions.HEAR: heard,
        questions.TARGET: target,
    }


class Together:
    """All trails and worker processes of one region (node.operations.table.Trail)."""

    def __init__(self, audit: AuditService, pool: Pool | None) -> None:
        """`audit` keeps the leader's trail. `finished` is the usage in trails of workers that there
        are no more.
        """
        self.finished: list[Usage] = []
        self._audit = audit
        self._pool = pool

    def trails(self) -> Sequence[Sequence[Path]]:
        """The files of each trail, oldest first; those of the leader's come first."""
        return self._audit.trails()

    async def usage(self, key_arn: str | None = None) -> Usage:
        """How keys were used; of one by its ARN, at least when that was last.

        Raises DependencyTimeout if a worker does not tell.
        """
        own = await self._audit.usage(key_arn)
        others = [each.of_key(key_arn) if key_arn else each for each in self.finished]
        if self._pool is not None:
            asked = (self._usage_of(self._pool, each, key_arn) for each in self._pool.workers)
            try:
                others += await asyncio.gather(*asked)
            except Lost as lost:
                raise errors.DependencyTimeout(f"{lost}. You can retry the request.") from None
        return own.with_others(others) if others else own

    async def reports(self) -> Sequence[Reported]:
        """How each worker is."""
        pool = self._pool
        return () if pool is None else await asyncio.gather(*(_told(pool, w) for w in pool.workers))

    async def _usage_of(self, pool: Pool, worker: Worker, key_arn: str | None) -> Usage:
        asked = (key_arn or "").encode()
        return Usage.read(await pool.ask(worker, questions.USAGE, asked, USAGE_SECONDS))


async def _told(pool: Pool, worker: Worker) -> Reported:
    """How a worker says that it is, if it does."""
    try:
        body = await pool.ask(worker, questions.REPORT, b"", REPORT_SECONDS)
    except Lost:
        return Reported(worker.number, None, worker.ends)
    report = questions.report_of(body)
    return Reported(worker.number, worker.pid, worker.ends, report.audit, report.turned_away)
