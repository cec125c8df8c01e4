"""What a worker has its leader do, over a channel, and how the leader sums its workers up."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from node.audit.lines import Checkpoint
from node.audit.status import SinkStatus
from node.audit.usage import BEFORE_ALL, Count, KeyUse, LastUse, Page, Which
from node.model.errors import DependencyTimeout
from node.workers import leader as leaders
from node.workers import questions
from node.workers.channel import Lost
from node.workers.door import Following
from node.workers.leader import Together, answers
from node.workers.page import ChangePage, new_page
from node.workers.pool import Pool
from node.workers.region import OfLeader
from tests.unit.workers.support import joined

CHECKPOINT = Checkpoint("us-east-1", "ab" * 16, 7, "cd" * 32, "2026-11-27T00:00:00Z", "ef" * 64)
ARN = "arn:aws:kms:us-east-1:111122223333:key/k"
STATUS = SinkStatus("No space left on device", 5.0, 3, 9, 7, 4.0)


class Region:
    """The leader's side: keeps what it is told, and counts a change whenever it makes a key."""

    def __init__(self, page: ChangePage) -> None:
        self.announced: list[Checkpoint] = []
        self.page = page

    async def handle(self, request: Any) -> Any:
        raise AssertionError("no request is passed on here")

    async def announce(self, made: Checkpoint) -> None:
        self.announced.append(made)

    async def hear(self) -> AsyncIterator[bool]:
        self.page.count()
        for each in (True, False):
            yield each

    async def target(self, account: str, alias: str) -> str | None:
        self.page.count()
        return f"key of {account} {alias}" if alias.startswith("alias/aws/") else None


@asynccontextmanager
async def of_leader() -> AsyncIterator[tuple[OfLeader, Region, list[int]]]:
    """A worker's side of it, the leader's, and the changes that the worker took over."""
    page, taken = new_page(), list[int]()
    region = Region(page)

    async def take_over() -> None:
        taken.append(page.changes)

    said = answers(region, region.announce, region.hear, region)
    async with joined({}, said) as (worker, _):
        yield OfLeader(worker, Following(page, take_over)), region, taken


async def test_a_checkpoint_reaches_the_leader_as_it_was_made() -> None:
    async with of_leader() as (asked, region, _):
        await asked.announce(CHECKPOINT)
        assert region.announced == [CHECKPOINT]


async def test_what_peers_said_is_told_after_what_it_brought_was_taken_over() -> None:
    async with of_leader() as (asked, _, taken):
        async for _heard in asked.hear():
            assert taken == [1]
        assert [each async for each in asked.hear()] == [True, False]


async def test_a_managed_key_is_made_by_the_leader_and_then_seen_by_the_worker() -> None:
    async with of_leader() as (asked, _, taken):
        assert await asked.target("1", "alias/aws/s3") == "key of 1 alias/aws/s3"
        assert taken == [1]
        assert await asked.target("1", "alias/mine") is None


class Audit:
    """A trail whose one key was used at a moment."""

    def __init__(self, moment: float) -> None:
        self._moment = moment

    async def last_use(self, key_arn: str) -> KeyUse:
        assert key_arn == ARN
        return used_at(self._moment)

    async def usage(self, after: Which, most: int) -> Page:
        return used_once(self._moment, after, most)


def used_at(moment: float) -> KeyUse:
    return KeyUse(moment, LastUse("Encrypt", moment, f"event {moment}", ""))


def used_once(moment: float, after: Which, most: int) -> Page:
    assert (after, most) == (BEFORE_ALL, 5)
    return Page(moment, [Count(ARN, "Encrypt", "alice", 1, 0)])


class OneWorker:
    """A pool of one worker, which answers or does not."""

    def __init__(self, *, gone: bool = False) -> None:
        self.workers = Pool((sys.executable,), 2, ()).workers
        self._gone = gone

    async def ask(self, worker: Any, kind: str, body: bytes, seconds: float) -> bytes:
        if self._gone:
            raise Lost("worker 2 does not answer")
        if kind == questions.REPORT:
            return questions.encode(questions.Report(STATUS, {"a body that is too long": 2}))
        if kind == questions.LAST_USE:
            assert body.decode() == ARN
            return questions.encode(used_at(3.0))
        assert kind == questions.USAGE
        asked = questions.totals_of(body)
        return questions.encode(used_once(3.0, asked.after, asked.most))


def together(pool: Any) -> Together:
    audit: Any = Audit(1.0)
    return Together(audit, pool, [Audit(2.0)])


async def test_usage_is_that_of_all_workers_and_of_trails_that_are_finished() -> None:
    region = together(OneWorker())
    assert await region.usage(BEFORE_ALL, 5) == Page(1.0, [Count(ARN, "Encrypt", "alice", 3, 0)])
    assert await region.last_use(ARN) == KeyUse(1.0, used_at(3.0).last)


async def test_usage_is_not_told_without_a_worker_that_may_know_more() -> None:
    region = together(OneWorker(gone=True))
    with pytest.raises(DependencyTimeout, match="worker 2 does not answer"):
        await region.usage(BEFORE_ALL, 5)
    with pytest.raises(DependencyTimeout, match="worker 2 does not answer"):
        await region.last_use(ARN)


async def test_a_report_is_a_worker_s_own_and_one_that_gives_none_is_told_of() -> None:
    [told] = await together(OneWorker()).reports()
    assert (told.number, told.audit) == (2, STATUS)
    assert told.turned_away == {"a body that is too long": 2}
    [silent] = await together(OneWorker(gone=True)).reports()
    assert (silent.number, silent.pid, silent.audit) == (2, None, None)
    assert list(await together(None).reports()) == []


async def test_a_worker_that_keeps_ending_is_no_reason_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leaders, "REPORT_SECONDS", 0.01)
    pool = Pool((sys.executable, "-c", "import sys; sys.exit(3)"), 2, ())
    await pool.start(4601, {})
    try:
        [told] = await together(pool).reports()
        assert (told.pid, told.audit) == (None, None)
        assert told.ends >= 1
    finally:
        await pool.stop(0.0)


async def test_a_worker_changes_nothing_whatever_it_is_asked_by_mistake() -> None:
    async def never() -> bool:
        return False

    async with of_leader() as (leader, region, _):
        before = region.page.changes
        with pytest.raises(RuntimeError, match="only the leader"):
            await leader.wait_acknowledged("eu-west-1", 1, 1.0)
        with pytest.raises(RuntimeError, match="only the leader"):
            await leader.wait_until(never, 1.0)
        assert region.page.changes == before
