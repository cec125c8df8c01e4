"""The audit trail of a running node: opened, signed every minute, kept well, and closed.

What the key store has for the trail is written here: events in the store's transactions become
records, and other regions' checkpoints become witnesses. The own checkpoints are handed on, so that
other regions can witness them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from crypto.identity import RegionIdentity
from crypto.material import Randomness
from node.audit import lines as kinds
from node.audit.auditor import Auditor
from node.audit.chain import Line
from node.audit.folder import read_usage, trail_files, trail_folders, write_usage
from node.audit.interrupted import interrupted
from node.audit.lines import Checkpoint
from node.audit.retention import retire
from node.audit.sink import Clock, Rules, Sink, Unwritable
from node.audit.trail import OpenTrail, open_trail
from node.audit.usage import Usage

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
        self._bell = asyncio.Event()
        self._announced: Checkpoint | None = None
        self._file: int | None = None
        self.ring = self._bell.set

    async def open(self) -> None:
        """Open the trail, and record what a crash has kept from being recorded.

        Raises FolderInUse, ForeignTrail, OSError or Unwritable.
        """
        folder = self._keeping.folder
        trail = self._trail = await open_trail(
            folder, self._identity, self._randomness, self._clock, self._keeping.rules
        )
        usage = await asyncio.to_thread(self._counted_before, trail)
        self.auditor.write_to(trail.sink, usage)
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

    async def finish(self) -> Usage:
        """Open, sign and close a trail that nobody writes any more. Its usage. Raises as `open`."""
        await self.open()
        try:
            await self.checkpoint()
            await self._follow_files()
            return self.auditor.usage
        finally:
            await self.close()

    async def close(self) -> None:
        """Sign and write what is left, and let the files go."""
        if self._trail is None:
            return
        with contextlib.suppress(Unwritable):
            await self._drain()
            await self._sink.flush()
            await asyncio.to_thread(self._keep_usage, *self._counted())
        await self._trail.close()
        self._trail = None

    async def usage(self, key_arn: str | None = None) -> Usage:
        """How keys were used so far; of one by its ARN, only when that was last."""
        usage = self.auditor.usage
        return usage if key_arn is None else usage.of_key(key_arn)

    def trails(self) -> list[list[Path]]:
        """The files of each trail of the region, oldest first; those of this trail come first."""
        return [trail_files(each) for each in trail_folders(self._keeping.folder).values()]

    @property
    def _sink(self) -> Sink:
        return self.auditor.sink

    async def _drain(self, known: frozenset[bytes] = frozenset()) -> None:
        """Write the outbox's lines. `known` are those that a crash left in both places."""
        while lines := await self._outbox.audit_outbox(OUTBOX_STEP):
            for _, kind, body in lines:
                if body not in known:
                    self._sink.append(kind, body)
            await self._sink.flush()
            await self._outbox.trim_audit_outbox(lines[-1][0])

    async def _follow_files(self) -> None:
        """After a file ended: hand its checkpoint on, keep the usage, remove what is too old."""
        if self._sink.file == self._file:
            return
        first = self._file is None
        self._file = self._sink.file
        if not first:
            await self.checkpoint()
            counted = self._counted()
            await self._sink.flush()
            await asyncio.to_thread(self._keep_usage, *counted)
        if self._keeping.keep_seconds is not None:
            oldest = self._clock.now() - self._keeping.keep_seconds
            await retire(self._sink, self._keeping.folder, oldest, self._clock.now())

    def _counted(self) -> tuple[Usage, bytes]:
        usage = self.auditor.usage
        return usage, usage.summary(self._sink.trail, self._sink.head.sequence)

    def _keep_usage(self, usage: Usage, summary: bytes) -> None:
        try:
            write_usage(self._keeping.folder, summary)
        except OSError as error:
            logger.warning("the usage summary was not kept (%s); it is counted anew", error)

    def _counted_before(self, trail: OpenTrail) -> Usage:
        """The usage so far: from its summary and the lines behind it, or from the whole trail."""
        folder = self._keeping.folder
        head = trail.sink.head
        held = Usage.resumed(read_usage(folder), trail.sink.trail, head.sequence)
        usage, counted = held if held is not None else (Usage(trail.began or self._clock.now()), 0)
        for line in trail.lines_behind(counted, trail_files(folder)):
            if line.kind == kinds.RECORD:
                usage.count_record(line.body)
        return usage


def _recent(lines: Sequence[Line]) -> frozenset[bytes]:
    """What the last file holds that may still be in the outbox."""
    held = (each for each in lines if each.kind in (kinds.RECORD, kinds.WITNESS))
    return frozenset(each.body for each in held)
