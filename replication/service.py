"""Runs a region's replication: publishing, subscribing to every peer, and answering resyncs.

The thin asynchronous shell round steps that never sleep: here are the loops, the waiting, and the
one place where a caller may wait for a peer to have applied something.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from replication.comparison import Comparison
from replication.ending import end_all
from replication.hearing import Hearing
from replication.primary import Primary
from replication.publisher import Publisher
from replication.resync_sender import ResyncSender
from replication.subscriber import Subscriber, SubscriberStatus

COMPARE_SECONDS: Final = 1.0  # how often the stream is compared with the outbox
READ_WAIT_SECONDS: Final = 2.0  # how long a subscriber's read blocks on the server
LOOK_SECONDS: Final = 0.1  # between two looks of somebody who waits for what peers say
RETRY_SECONDS: Final = 0.2  # between steps that did nothing without having waited
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loops:
    """What a region's replication consists of; it compares itself with its peers every
    `compare_seconds`."""

    publisher: Publisher
    subscribers: Sequence[Subscriber]
    primary: Primary
    resync_sender: ResyncSender
    comparison: Comparison
    compare_seconds: float
    acknowledgements: Callable[[], Awaitable[Mapping[str, int]]]


class Bell:
    """The Notice of the applier, and the store's: wakes the loops and the waiting callers."""

    def __init__(self) -> None:
        self.entries = asyncio.Event()
        self.requests = asyncio.Event()
        self.news = asyncio.Event()  # of acknowledgements: a new one each time

    def appended(self) -> None:
        """This region's own log has new entries: publish them now."""
        self.entries.set()

    def asked(self) -> None:
        """A peer asked for a resync: answer it now."""
        self.requests.set()

    def acknowledged(self) -> None:
        """A peer may have acknowledged more: look again."""
        news, self.news = self.news, asyncio.Event()
        news.set()


class ReplicationService:
    """Replication of one region, running until it is stopped."""

    def __init__(self, loops: Loops, bell: Bell) -> None:
        self._loops = loops
        self._bell = bell
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = [asyncio.Event() for _ in loops.subscribers]
        self._hearing = Hearing([each.reach_end for each in loops.subscribers])

    def start(self) -> None:
        """Start every loop."""
        runs = [self._publish(), self._answer(), self._lead(), self._compare()]
        runs += [
            self._subscribe(each, heard)
            for each, heard in zip(self._loops.subscribers, self._heard, strict=True)
        ]
        self._tasks = [asyncio.create_task(run) for run in runs]

    async def stop(self) -> None:
        """Stop every loop; a transaction that was under way is rolled back."""
        await end_all(self._tasks)
        self._tasks = []
        await self._hearing.stop()

    @property
    def subscribers(self) -> Mapping[str, Callable[[], SubscriberStatus]]:
        """What is known of each origin, by its region."""
        return {each.origin.region: each.read_status for each in self._loops.subscribers}

    async def wait_heard(self, seconds: float) -> bool:
        """Wait until every peer's log was read to its end since the start, or could not be read; at
        most `seconds`. Returns whether it is so."""
        try:
            async with asyncio.timeout(seconds):
                for heard in self._heard:
                    await heard.wait()
        except TimeoutError:
            return False
        return True

    async def hear(self) -> AsyncIterator[bool]:
        """For each peer, as it comes to be known: whether its log is applied to an end that is read
        after this call (see Hearing.ask)."""
        for heard in asyncio.as_completed(self._hearing.ask()):
            yield await heard

    async def wait_acknowledged(self, region: str, sequence: int, seconds: float) -> bool:
        """Wait until `region` has applied this region's log up to `sequence`, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    news = self._bell.news
                    if (await self._loops.acknowledgements()).get(region, 0) >= sequence:
                        return True
                    await news.wait()
        except TimeoutError:
            return False

    async def wait_until(self, reached: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Ask whether something is reached, and again when peers' logs were read on, until it is,
        or `seconds` have passed. What is asked is never interrupted.
        """
        now = asyncio.get_running_loop().time
        until = now() + seconds
        while True:
            news = self._bell.news
            if await reached() or now() >= until:
                return
            await asyncio.sleep(min(LOOK_SECONDS, until - now()))  # what it costs is bounded
            await _rung(news, until - now())

    async def _publish(self) -> None:
        publisher = self._loops.publisher
        now = asyncio.get_running_loop().time
        compare_at = now()
        while True:
            self._bell.entries.clear()
            compare = now() >= compare_at
            if compare:
                await _guarded(publisher.trim)
                compare_at = now() + COMPARE_SECONDS
            await _guarded(partial(publisher.step, compare=compare))
            await _rung(self._bell.entries, compare_at - now())

    async def _subscribe(self, subscriber: Subscriber, heard: asyncio.Event) -> None:
        while True:
            wait = READ_WAIT_SECONDS if heard.is_set() else 0.0
            worked = await _guarded(partial(subscriber.step, wait))
            if not worked:
                heard.set()
            if not worked and subscriber.status.hampered:
                await asyncio.sleep(RETRY_SECONDS)

    async def _lead(self) -> None:
        while True:
            news = self._bell.news
            if not await _guarded(self._loops.primary.step):
                await _rung(news, COMPARE_SECONDS)

    async def _compare(self) -> None:
        while True:
            await asyncio.sleep(self._loops.compare_seconds)
            await _guarded(self._loops.comparison.tell)

    async def _answer(self) -> None:
        while True:
            self._bell.requests.clear()
            if not await _guarded(self._loops.resync_sender.step):
                await _rung(self._bell.requests, COMPARE_SECONDS)


async def _guarded(step: Callable[[], Awaitable[T]]) -> T | None:
    """Take a step. Its failure is said loudly and tried again later: replication must not end."""
    try:
        return await step()
    except Exception:
        logger.exception("a replication step failed; it will be tried again")
        await asyncio.sleep(RETRY_SECONDS)
        return None


async def _rung(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await event.wait()
