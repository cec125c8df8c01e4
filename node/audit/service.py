"""The audit trail of a running node: opened, signed every minute, kept well, and closed.

What the key store has for the trail is written here: events in the store's transactions become
records, and other regions' checkpoints become witnesses. The own checkpoints are handed on, so that
other regions can witness them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from crypto.identity import RegionIdentity
from crypto.material import Randomness
from node.audit import lines as kinds
from node.audit.auditor import Auditor
from node.audit.counting import Usage
from node.audit.folder import trail_files, trail_folders
from node.audit.interrupted import interrupted
from node.audit.lines import Checkpoint
from node.audit.read_line import Line
from node.audit.retention import retire
from node.audit.sink import Clock, Rules, Sink, Unwritable
from node.audit.trail import OpenTrail, open_trail
from node.audit.usage import KeyUse, Page, Which
from node.audit.usage_book import UNWRITTEN_MOST, UsageBook
from node.audit.usage_file import UsageFile

logger = logging.getLogger("keyspan.audit")
STEP_SECONDS: Final = 1.0
CHECKPOINT_SECONDS: Final = 60.0
OUTBOX_STEP: Final = 256


class Outbox(Protocol):
    """Lines that the key store has for the trail (node.store.port.AuditOutbox)."""

    async def audit_outbox(self, count: int) -> Sequence[tuple[int, str, bytes]]: ...

    async def trim_audit_outbox(self, last: int) -> None: ...


class Nothing:
    """The outbox of a trail for which the key store has nothing."""

    async def audit_outbox(self, count: int) -> Sequence[tuple[int, str, bytes]]:
        """See Outbox."""
        return ()

    async def trim_audit_outbox(self, last: int) -> None:
        """See Outbox."""


Announce = Callable[[Checkpoint], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a trail is kept. `keep_seconds` None keeps every file."""

    folder: Path
    rules: Rules
    keep_seconds: float | None = None


class AuditService:
    """Keeps the trail of one region; `auditor` records calls in it once it is open."""

    def __init__(
        self,
        auditor: Auditor,
        keeping: Keeping,
        identity: RegionIdentity,
        randomness: Randomness,
        clock: Clock,
        outbox: Outbox,
        announce: Announce,
    ) -> None:
        """`announce` hands a checkpoint on to the other regions."""
        self.auditor = auditor
        self._keeping = keeping
        self._identity = identity
        self._randomness = randomness
        self._clock = clock
        self._outbox = outbox
        self._announce = announce
        self._trail: OpenTrail | None = None
        self._book: UsageBook | None = None
        self._bell = asyncio.Event()
        self._announced: Checkpoint | None = None
        self._file: int | None = None
        self.ring = self._bell.set

    async def open(self) -> None:
        """Open the trail, and record what a crash has kept from being recorded.

        Raises FolderInUse, ForeignTrail, OSError or Unwritable.
        """
        folder = self._keeping.folder
        trail = await open_trail(
            folder, self._identity, self._randomness, self._clock, self._keeping.rules
        )
        try:
            self._book = await asyncio.to_thread(self._counted_before, trail)
        except BaseException:
            await trail.close()
            raise
        self._trail = trail
        self.auditor.write_to(trail.sink, self._book.usage)
        for body in interrupted(trail.lines, self.auditor.new_event_id):
            self.auditor.add(body)
        await self._drain(known=_recent(trail.lines))
        await trail.sink.flush()
        trail.lines.clear()

    async def run(self) -> None:
        """Keep the trail, for ever."""
        now = asyncio.get_running_loop().time
        due = now() + CHECKPOINT_SECONDS
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STEP_SECONDS):
                    await self._bell.wait()
            self._bell.clear()
            try:
                if not await self._sink.retry():
                    continue
                await self._drain()
                if now() >= due:
                    due = now() + CHECKPOINT_SECONDS
                    if self._sink.fresh:
                        await self.checkpoint()
                    await self._usage.keep(self._sink)
                elif self._usage.full:
                    await self._usage.keep(self._sink)
                await self._follow_files()
            except Unwritable:
                continue  # the sink has said so, and tries again
            except Exception:
                logger.exception("a step of the audit trail failed; it will be tried again")
                await asyncio.sleep(STEP_SECONDS)

    async def step(self) -> None:
        """Write to the trail what the key store has for it, now."""
        await self._drain()

    async def checkpoint(self) -> None:
        """Sign what is new, and hand the last checkpoint on. Raises Unwritable."""
        await self._sink.checkpoint()
        newest = self._sink.newest
        if newest is not None and newest != self._announced:
            self._announced = newest
            await self._announce(newest)

    async def finish(self) -> None:
        """Open, sign and close a trail that nobody writes any more; its usage can be read until
        `close`. Raises as `open`.
        """
        await self.open()
        try:
            await self.checkpoint()
            await self._follow_files()
        finally:
            await self._end_trail()

    async def close(self) -> None:
        """Sign and write what is left, and let the files go."""
        await self._end_trail()
        if self._book is not None:
            await self._book.close()
            self._book = None

    async def last_use(self, key_arn: str) -> KeyUse:
        """When a key was last used, by its ARN. Raises sqlite3.Error."""
        return await self._usage.last_use(key_arn)

    async def usage(self, after: Which, most: int) -> Page:
        """How keys were used so far: the first totals behind `after`. Raises sqlite3.Error."""
        return await self._usage.page(after, most)

    def trails(self) -> list[list[Path]]:
        """The files of each trail of the region, oldest first; those of this trail come first."""
        return [trail_files(each) for each in trail_folders(self._keeping.folder).values()]

    @property
    def _sink(self) -> Sink:
        return self.auditor.sink

    @property
    def _usage(self) -> UsageBook:
        if self._book is None:
            raise RuntimeError("the audit trail is not open")
        return self._book

    async def _drain(self, known: frozenset[bytes] = frozenset()) -> None:
        """Write the outbox's lines. `known` are those that a crash left in both places."""
        while lines := await self._outbox.audit_outbox(OUTBOX_STEP):
            for _, kind, body in lines:
                if body not in known:
                    self._sink.append(kind, body)
            await self._sink.flush()
            await self._outbox.trim_audit_outbox(lines[-1][0])

    async def _follow_files(self) -> None:
        """After a file ended: hand its checkpoint on, write the usage, remove what is too old."""
        if self._sink.file == self._file:
            return
        first = self._file is None
        self._file = self._sink.file
        if not first:
            await self.checkpoint()
            await self._usage.keep(self._sink)  # before the lines that were counted are removed
        if self._keeping.keep_seconds is not None:
            oldest = self._clock.now() - self._keeping.keep_seconds
            await retire(self._sink, self._keeping.folder, oldest, self._clock.now())

    async def _end_trail(self) -> None:
        if self._trail is None:
            return
        with contextlib.suppress(Unwritable):
            await self._drain()
            await self._sink.flush()
            await self._usage.keep(self._sink)
        await self._trail.close()
        self._trail = None

    def _counted_before(self, trail: OpenTrail) -> UsageBook:
        """The usage so far: its rows, and the lines behind them, or the whole trail. Raises
        OSError.
        """
        folder, usage, sink = self._keeping.folder, Usage(), trail.sink
        began = trail.began or self._clock.now()
        try:
            file = UsageFile(folder, sink.trail, sink.head.sequence, began)
            for line in trail.lines_behind(file.sequence, trail_files(folder)):
                if line.kind == kinds.RECORD:
                    usage.count_record(line.body)
                if len(usage) >= UNWRITTEN_MOST:
                    file.add(usage.taken(), line.sequence)
        except sqlite3.Error as error:
            raise OSError(f"how keys were used is not written: {error}") from None
        return UsageBook(usage, file)


def _recent(lines: Sequence[Line]) -> frozenset[bytes]:
    """What the last file holds that may still be in the outbox."""
    held = (each for each in lines if each.kind in (kinds.RECORD, kinds.WITNESS))
    return frozenset(each.body for each in held)
