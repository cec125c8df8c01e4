"""Reads one other region's log, applies it, and moves the cursor, all in one transaction (D5).

An entry that is refused stops the reading at the cursor. The subscriber says so, tries again from
the cursor (the origin rewrites a stream that was tampered with), and when that has not helped for
`patience` seconds asks the origin for a resync. It never skips an entry.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Final

from crypto.identity import PublicIdentity, RegionIdentity
from replication.applier import Applier
from replication.arrival import falls_short, reaches
from replication.entries import Entry, StreamEntry, stream_id, verify_entry
from replication.errors import (
    BrokenChain,
    LogReplaced,
    Malformed,
    Refused,
    StreamConflict,
    StreamUnavailable,
)
from replication.log import Log
from replication.ports import Clock, Offload, ReplicaStore, StreamReader
from replication.position import Cursor, CursorState
from replication.reading import Batch, read_batch
from replication.search import Search

READ_ENTRIES = 128
SHORT_BYTES: Final = 4096
"""So much is read at once: a signature and three seals at the most, which take no longer than the
way to a thread and back on a machine that is busy."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SubscriberStatus:
    """What is known of one origin; for display. `end` is what its stream claims, unverified.

    `heard` is when its stream server answered last, and `last_entry` when the origin made the entry
    that was applied last, by its own clock (epoch seconds; None: not since the start).
    """

    connected: bool = False
    problem: str = "not connected yet"
    refusal: str = ""
    refusals: int = 0
    last_refusal: str = ""
    caught_up: bool = False
    end: int = 0
    heard: float | None = None
    last_entry: float | None = None

    @property
    def hampered(self) -> bool:
        """Whether reading on at once would be of no use."""
        return bool(self.problem or self.refusal)


class Subscriber:
    """Follows one origin's log. One step at a time; the caller loops."""

    def __init__(
        self,
        origin: PublicIdentity,
        stream: StreamReader,
        store: ReplicaStore,
        applier: Applier,
        log: Log,
        clock: Clock,
        offload: Offload[Batch],
        *,
        identity: RegionIdentity,
        patience: float,
    ) -> None:
        self.origin = origin
        self._stream = stream
        self._store = store
        self._applier = applier
        self._log = log
        self._clock = clock
        self._offload = offload
        self._identity = identity
        self._patience = patience
        self._refused_since: float | None = None
        self._stepped = asyncio.Event()  # of the next step's end: a new one each time
        self._search = Search()  # of a resyncing cursor, for the answer to its request
        self.status = SubscriberStatus()

    def read_status(self) -> SubscriberStatus:
        """What is known of the origin now."""
        return self.status

    async def step(self, wait_seconds: float) -> bool:
        """Read and apply one batch; waits up to `wait_seconds` for the first entry of it.

        Returns whether it applied or passed over anything: if not, the caller should wait a moment
        before the next step. Never raises for what the stream does or holds.
        """
        try:
            return await self._step(wait_seconds)
        finally:
            stepped, self._stepped = self._stepped, asyncio.Event()
            stepped.set()

    async def reach_end(self) -> bool:
        """Wait until the log is applied to where it ended when this was called, while step() is
        called elsewhere; the caller bounds the time.

        False as soon as that cannot be had: the stream does not answer or has no such end, or an
        entry is refused. An end that is missing from the stream is none, whoever took it away.
        """
        cursor = await self._store.cursor(self.origin.region)
        try:
            end = self._verified(await self._stream.last())
        except (StreamUnavailable, StreamConflict):
            return False
        if end is None or falls_short(cursor, end):
            return False
        while True:
            stepped = self._stepped
            if reaches(await self._store.cursor(self.origin.region), end):
                return True
            await stepped.wait()
            if self.status.hampered:
                return False

    async def _step(self, wait_seconds: float) -> bool:
        cursor = await self._cursor()
        try:
            records = await self._stream.read(self._after(cursor), READ_ENTRIES, wait_seconds)
            if not records:
                await self._idle(cursor)
                return False
        except StreamUnavailable as error:
            self._lost(error)
            return False
        except StreamConflict:
            self._connected()
            return await self._refuse(Malformed(f"{self.origin.region} has no stream, but a key"))
        self._connected()
        return await self._take(cursor, records)

    async def _cursor(self) -> Cursor:
        """The stored cursor; for an origin that was never read, a resync is asked for first."""
        cursor = await self._store.cursor(self.origin.region)
        return await self.request_resync() if cursor.request == b"" else cursor

    async def request_resync(self) -> Cursor:
        """Ask the origin for its state, and wait for the answer from now on."""
        async with self._store.replica_transaction() as transaction:
            cursor = await self._log.request_resync(transaction, self.origin.region)
        logger.info("asked %s for a resync", self.origin.region)
        self._refused_since = None
        self._search = Search.begun(self._clock.now())
        return cursor

    def _after(self, cursor: Cursor) -> str:
        if cursor.state is CursorState.RESYNCING:
            return self._search.after
        return stream_id(cursor.sequence)

    async def _take(self, cursor: Cursor, records: Sequence[StreamEntry]) -> bool:
        read = partial(read_batch, self._identity, self.origin, cursor, records)
        short = sum(len(each.data) for each in records) <= SHORT_BYTES
        batch = read() if short else await self._offload(read)
        end = max(self.status.end, cursor.sequence + len(batch.readied))
        self.status = replace(self.status, end=end, caught_up=False)
        refusal = batch.refusal
        if batch.readied:
            refusal = await self._applier.apply(self.origin, batch.readied) or refusal
        if refusal is not None:
            return await self._refuse(refusal)
        self._refused_since = None
        last = batch.readied[-1].entry.time if batch.readied else self.status.last_entry
        self.status = replace(self.status, refusal="", last_entry=last)
        self._search = self._search.passed(records[-1].id)
        return True

    async def _idle(self, cursor: Cursor) -> None:
        """Nothing new. The origin may also have begun a new log, or gone back to an old copy of its
        store: then its log ends before the cursor.
        """
        last = await self._stream.last()
        self._connected()
        if cursor.state is CursorState.RESYNCING:
            await self._search_on(last)
            return
        refusal = _ends_elsewhere(cursor, self._unless_applied(cursor, last))
        if refusal is not None:
            await self._refuse(refusal)
            return
        following = cursor.state is CursorState.FOLLOWING
        self._refused_since = None
        self.status = replace(self.status, refusal="", end=cursor.sequence, caught_up=following)

    async def _search_on(self, last: StreamEntry | None) -> None:
        """Go on looking for the answer to the resync request, or ask again."""
        end = self._verified(last)
        search = self._search.at_end(
            b"" if end is None else end.digest,
            rewritten=last is None or _below(last.id, self._search.after),
            now=self._clock.now(),
            patience=self._patience,
        )
        if search is None:
            await self.request_resync()
        else:
            self._search = search

    def _unless_applied(self, cursor: Cursor, last: StreamEntry | None) -> Entry | None:
        """As _verified(), but None for the entry that was applied last: while nothing happens, each
        region looks at the end of every log all the time.
        """
        if last is not None and sha256(last.data).digest() == cursor.digest:
            return None
        return self._verified(last)

    def _verified(self, last: StreamEntry | None) -> Entry | None:
        """The last entry of the stream, if it is the origin's."""
        try:
            return None if last is None else verify_entry(self.origin, last)
        except Refused:
            return None

    async def _refuse(self, refusal: Refused) -> bool:
        now = self._clock.now()
        text = f"{type(refusal).__name__}: {refusal}"
        if self._refused_since is None or now < self._refused_since:  # the clock was set back
            self._refused_since = now
        if text != self.status.refusal:
            logger.error("refused to read on in the log of %s: %s", self.origin.region, text)
            refusals = self.status.refusals + 1
            self.status = replace(self.status, refusal=text, last_refusal=text, refusals=refusals)
        self.status = replace(self.status, caught_up=False)
        if now - self._refused_since >= self._patience:
            await self.request_resync()
        return False

    def _lost(self, error: StreamUnavailable) -> None:
        if self.status.connected:
            logger.warning("the stream of %s is away: %s", self.origin.region, error)
        self.status = replace(self.status, connected=False, problem=str(error), caught_up=False)

    def _connected(self) -> None:
        if not self.status.connected:
            logger.info("the stream of %s answers", self.origin.region)
            self.status = replace(self.status, connected=True, problem="")
        self.status = replace(self.status, heard=self._clock.now())


def _ends_elsewhere(cursor: Cursor, end: Entry | None) -> Refused | None:
    """What is wrong if `end`, which was not applied, is the last entry of a log of which nothing is
    behind the cursor.
    """
    if end is None:
        return None
    if end.log_id != cursor.log_id:
        return LogReplaced(f"{cursor.origin} has begun a new log")
    if end.sequence < cursor.sequence:
        return LogReplaced(f"the log ends with entry {end.sequence}; {cursor.sequence} was applied")
    if end.sequence == cursor.sequence:
        return BrokenChain(f"entry {end.sequence} is not the one that was applied")
    return None  # it came after the read


def _below(left: str, right: str) -> bool:
    """Whether stream ID `left` is below `right`."""
    return _parts(left) < _parts(right)


def _parts(identifier: str) -> tuple[int, int]:
    number, _, rest = identifier.partition("-")
    return int(number), int(rest or 0)
