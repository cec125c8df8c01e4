"""What the leader answers its workers, and what it asks them: the region seen as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from node.audit.service import Announce, AuditService
from node.audit.usage import KeyUse, Page, Which, all_pages, latest
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


class Used(Protocol):
    """Tells how keys were used (node.audit.service.AuditService)."""

    async def last_use(self, key_arn: str) -> KeyUse: ...

    async def usage(self, after: Which, most: int) -> Page: ...


def answers(
    protocol: Handling,
    announce: Announce,
    hear: Callable[[], AsyncIterator[bool]],
    managed: ManagedTargets,
) -> Answers:
    """What the workers of a region may ask its leader."""

    async def call(body: bytes) -> bytes:
        return questions.answering(await protocol.handle(questions.request_of(body)))

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

    def __init__(self, audit: AuditService, pool: Pool | None, finished: Sequence[Used]) -> None:
        """`audit` keeps the leader's trail. `finished` are trails of workers that there are no
        more.
        """
        self._audit = audit
        self._pool = pool
        self._here: tuple[Used, ...] = (audit, *finished)

    def trails(self) -> Sequence[Sequence[Path]]:
        """The files of each trail, oldest first; those of the leader's come first."""
        return self._audit.trails()

    async def last_use(self, key_arn: str) -> KeyUse:
        """When a key was last used, by its ARN. Raises DependencyTimeout if a worker does not tell,
        sqlite3.Error.
        """
        found = [await each.last_use(key_arn) for each in self._here]
        told = await self._told(questions.LAST_USE, key_arn.encode())
        return latest([*found, *map(questions.last_use_of, told)])

    async def usage(self, after: Which, most: int) -> Page:
        """How keys were used: the first totals behind `after`. Raises as `last_use`."""
        found = [await each.usage(after, most) for each in self._here]
        asked = questions.encode(questions.Totals(after, most))
        told = await self._told(questions.USAGE, asked)
        return all_pages([*found, *map(questions.page_of, told)], most)

    async def reports(self) -> Sequence[Reported]:
        """How each worker is."""
        pool = self._pool
        if pool is None:
            return ()
        return await asyncio.gather(*(_reported(pool, each) for each in pool.workers))

    async def _told(self, kind: str, asked: bytes) -> Sequence[bytes]:
        """What each worker answers."""
        pool = self._pool
        if pool is None:
            return ()
        try:
            return await asyncio.gather(
                *(pool.ask(each, kind, asked, USAGE_SECONDS) for each in pool.workers)
            )
        except Lost as lost:
            raise errors.DependencyTimeout(f"{lost}. You can retry the request.") from None


async def _reported(pool: Pool, worker: Worker) -> Reported:
    """How a worker says that it is, if it does."""
    try:
        body = await pool.ask(worker, questions.REPORT, b"", REPORT_SECONDS)
    except Lost:
        return Reported(worker.number, None, worker.ends)
    report = questions.report_of(body)
    return Reported(worker.number, worker.pid, worker.ends, report.audit, report.turned_away)
