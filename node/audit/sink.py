"""The trail as it is written: lines in one order, durable in groups (group commit).

One write and one fdatasync serve everyone who waits. A group gathers for as long as each turn of
the event loop brings more of it: when one brings nothing, all who could join wait already. So there
is nothing to do meanwhile, and a quick disk is written to on the loop, because a thread's turn
costs more than its sync; a slow one in a thread. Who waits is called back: a future and a task's
turn for each would cost more than its share of the write. Nobody waits for an asynchronous trail,
so that it gathers a group for some time (Rules.behind_seconds) and is written in a thread: a
thread's turn and a sync for each call cost as much as the call. Replies leave together there too,
but for the first of a turn: each that leaves alone finds its reader asleep, and waking it costs
more than sending. What could not be written stays in memory, in its place in the chain, and goes
first when the disk is well again; until then nothing new is admitted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from crypto.identity import RegionIdentity
from node.audit import lines as kinds
from node.audit.chain import Head, sealed
from node.audit.checkpoint import sign_checkpoint
from node.audit.lines import Checkpoint, Opened, Resumed
from node.audit.status import SinkStatus
from node.audit.times import iso_time
from node.audit.writer import NewFile, Piece

logger = logging.getLogger("keyspan.audit")
_encode: Final = msgspec.json.Encoder().encode
QUICK_SECONDS: Final = 0.002  # a disk that took longer gets a thread for each write
GROUP_WAITERS: Final = 64  # of whom so many wait, is written without gathering further
PENDING_MOST: Final = 16 * 1024 * 1024  # bytes that an asynchronous trail may be behind


Settled = Callable[[bool], None]
"""Told whether the lines that one waited for are kept (node.wire.messages.Settled)."""


class Unwritable(Exception):
    """The trail cannot be written; the reason is for operators, not for callers."""


class Clock(Protocol):
    def now(self) -> float: ...


class Destination(Protocol):
    """Where lines go: node.audit.writer.Writer, or a faulty one in tests."""

    def write(self, pieces: Sequence[Piece]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """When a reply may leave, and when a file ends.

    An asynchronous trail is `behind_seconds` behind before it begins to write. `file_seconds`
    counts from a file's first line.
    """

    asynchronous: bool = False
    behind_seconds: float = 0.02
    file_bytes: int = 64 * 1024 * 1024
    file_seconds: float = 24 * 3600.0


class Sink:
    """Writes the trail of one region."""

    def __init__(
        self,
        identity: RegionIdentity,
        trail: str,
        destination: Destination,
        head: Head,
        clock: Clock,
        rules: Rules = Rules(),
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`head` is where the trail ends. Lines go on in a new file unless `resume` is called.

        `newest` is the last checkpoint that this process made, `file` the first line of the file
        that is written; `carried` gives the begun calls that a new file takes over from the old.
        `fresh` is whether anything but other regions' witnesses came since the last checkpoint:
        those alone are no reason for one, or regions would witness each other's witnesses for ever.
        """
        self.trail = trail
        self._identity = identity
        self._destination = destination
        self._head = head
        self._clock = clock
        self._rules = rules
        self._stopwatch = stopwatch
        self._pending: list[Piece] = []
        self._pending_bytes = 0
        self._waiters: list[Settled] = []
        self._leaving: list[Settled] | None = None  # with the first of this turn; None before it
        self._flushing = False
        self._gathered = 0  # the last line when this turn of the loop began
        self._timer: asyncio.TimerHandle | None = None
        self._quick = True
        self._file_bytes: int | None = None
        self._file_since = 0.0
        self._signed_line = 0
        self._signed_at: float | None = None
        self._problem: str | None = None
        self._since: float | None = None
        self._refused = 0
        self._threads = ThreadPoolExecutor(1, "audit")
        self.fresh = False
        self.newest: Checkpoint | None = None
        self.file: int | None = None
        self.carried: Callable[[], Iterable[bytes]] = tuple

    @property
    def status(self) -> SinkStatus:
        """How the trail is now."""
        return SinkStatus(
            self._problem,
            self._since,
            self._refused,
            self._head.sequence,
            self._signed_line,
            self._signed_at,
        )

    @property
    def problem(self) -> str | None:
        """Why the trail cannot be written; None if it can."""
        return self._problem

    @property
    def head(self) -> Head:
        """The last line, which may not be durable yet."""
        return self._head

    def resume(self, size: int, since: float, signed: int) -> None:
        """Go on in a file that has `size` bytes, began at `since` and was last signed at a line."""
        self._file_bytes, self._file_since, self._signed_line = size, since, signed

    def restore(self, lines: bytes) -> None:
        """Write lines that are in the chain already, as far as `head`, but not in the file."""
        self._add(lines)

    def admit(self) -> None:
        """Raise Unwritable if no call can be taken now, and count it."""
        if self._problem is not None:
            self._refused += 1
            raise Unwritable(self._problem)

    def append(self, kind: str, body: bytes) -> Head:
        """Put a line at the end of the trail. It is durable once `flushed` or `commit` returns."""
        self._begin_file_if_due(len(body))
        self.fresh = self.fresh or kind != kinds.WITNESS
        return self._seal(kind, body)

    def settle(self, then: Settled) -> bool:
        """Whether every line so far may be told of now. If not yet, `then` is called once, from the
        event loop and from no task, with whether they are kept. Raises Unwritable.
        """
        if self._rules.asynchronous and self._pending_bytes < PENDING_MOST:
            if self._problem is not None:
                raise Unwritable(self._problem)
            self._kick_soon()
            return self._leaves_first(then)
        return self._durable(then)

    def end_turn(self) -> None:
        """Let those leave who came behind the first of a turn. The event loop calls it."""
        leaving, self._leaving = self._leaving or (), None
        for tell in leaving:
            _told(tell, kept=True)

    async def commit(self) -> None:
        """Return when every line so far may be told of. Raises Unwritable."""
        await self._called_back(self.settle)

    async def flush(self) -> None:
        """Return when every line so far is durable. Raises Unwritable."""
        await self._called_back(self._durable)

    async def checkpoint(self) -> Checkpoint | None:
        """Sign the trail if there is something new. Durable when it returns. Raises Unwritable."""
        if self._problem is not None:
            raise Unwritable(self._problem)
        if self._head.sequence <= self._signed_line:
            return None
        made = self._sign()
        await self.flush()
        return made

    async def retry(self) -> bool:
        """Try again to write what could not be written. Whether the trail is well now."""
        if self._problem is None:
            return True
        if self._flushing:
            return False
        self._flushing = True
        pieces = self._take()
        try:
            await self._in_thread(pieces)
        except OSError as error:
            self._failed(pieces, error)
            return False
        finally:
            self._flushing = False
        self._recovered()
        return True

    async def close(self) -> None:
        """Sign and write what is left, and let the file go."""
        try:
            if await self.retry():
                await self.checkpoint()
        except Unwritable as error:
            logger.error("the audit trail could not be ended: %s", error)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self._threads.shutdown()
            self._destination.close()

    def _begin_file_if_due(self, more: int) -> None:
        now = self._clock.now()
        if self._file_bytes is not None:
            full = self._file_bytes + more > self._rules.file_bytes
            if not full and now - self._file_since < self._rules.file_seconds:
                return
            if self._head.sequence > self._signed_line:
                self._sign()
        self._pending.append(NewFile(self._head.sequence + 1))
        self._file_bytes, self._file_since = 0, now
        opened = Opened(self._identity.region, self.trail, iso_time(now))
        self.file = self._seal(kinds.OPENED, _encode(opened)).sequence
        for body in self.carried():
            self._seal(kinds.BEGUN, body)

    def _sign(self) -> Checkpoint:
        now = self._clock.now()
        made = sign_checkpoint(self._identity, self.trail, self._head, iso_time(now))
        self._signed_line = self._seal(kinds.CHECKPOINT, _encode(made)).sequence
        self._signed_at = now
        self.fresh = False
        self.newest = made
        return made

    def _seal(self, kind: str, body: bytes) -> Head:
        line, self._head = sealed(self._head, kind.encode(), body)
        self._add(line)
        return self._head

    def _add(self, lines: bytes) -> None:
        self._pending.append(lines)
        self._pending_bytes += len(lines)
        if self._file_bytes is not None:
            self._file_bytes += len(lines)

    def _leaves_first(self, then: Settled) -> bool:
        """Whether nobody left in this turn of the loop yet. If not, `then` is called at its end."""
        if self._leaving is None:
            self._leaving = []
            asyncio.get_running_loop().call_soon(self.end_turn)
            return True
        self._leaving.append(then)
        return False

    def _durable(self, then: Settled) -> bool:
        """As `settle`, whatever the rules are."""
        if self._problem is not None:
            raise Unwritable(self._problem)
        if not self._pending and not self._flushing:
            return True
        self._waiters.append(then)
        self._kick()
        return False

    async def _called_back(self, settle: Callable[[Settled], bool]) -> None:
        """Return when `settle` is content. Raises Unwritable."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def tell(durable: bool) -> None:
            if not waiter.done():  # else its caller was cancelled
                waiter.set_result(durable)

        if not settle(tell) and not await waiter:
            raise Unwritable(str(self._problem))

    def _kick(self) -> None:
        """See that what is pending gets written, together with what the loop has yet to bring."""
        if not self._flushing and self._pending:
            self._flushing = True
            self._gathered = 0
            asyncio.get_running_loop().call_soon(self._gather)

    def _gather(self) -> None:
        """Write the group, unless this turn of the loop added to it: then the next may, too."""
        waiting = len(self._waiters)
        if self._gathered == self._head.sequence or not 0 < waiting < GROUP_WAITERS:
            self._flush_group()
            return
        self._gathered = self._head.sequence
        asyncio.get_running_loop().call_soon(self._gather)

    def _kick_soon(self) -> None:
        """See that what is pending gets written, though nobody waits for it."""
        if self._timer is None and not self._flushing and self._pending:
            self._timer = asyncio.get_running_loop().call_later(
                self._rules.behind_seconds, self._due
            )

    def _due(self) -> None:
        self._timer = None
        if self._problem is None:
            self._kick()

    def _flush_group(self) -> None:
        pieces, waiters = self._take(), self._take_waiters()
        if waiters and self._quick:
            try:
                self._write(pieces)
            except Exception as error:  # noqa: BLE001 - nobody is left waiting, whatever it is
                self._written(pieces, waiters, error)
            else:
                self._written(pieces, waiters, None)
            return
        self._in_thread(pieces).add_done_callback(
            lambda done: self._written(pieces, waiters, done.exception())
        )

    def _written(
        self,
        pieces: list[Piece],
        waiters: list[Settled],
        error: BaseException | None,
    ) -> None:
        self._flushing = False
        if error is not None:
            self._failed(pieces, error)
        if error is None and self._pending:
            waited_for = self._waiters or not self._rules.asynchronous
            (self._kick if waited_for else self._kick_soon)()
        else:  # who came meanwhile waits for nothing else
            waiters += self._take_waiters()
        for tell in waiters:
            _told(tell, kept=error is None)

    def _in_thread(self, pieces: Sequence[Piece]) -> asyncio.Future[None]:
        return asyncio.get_running_loop().run_in_executor(self._threads, self._write, pieces)

    def _write(self, pieces: Sequence[Piece]) -> None:
        started = self._stopwatch()
        self._destination.write(pieces)
        self._quick = self._stopwatch() - started <= QUICK_SECONDS

    def _take(self) -> list[Piece]:
        pieces, self._pending, self._pending_bytes = self._pending, [], 0
        return pieces

    def _take_waiters(self) -> list[Settled]:
        waiters, self._waiters = self._waiters, []
        return waiters

    def _failed(self, pieces: list[Piece], error: BaseException) -> None:
        self._pending = pieces + self._pending
        self._pending_bytes = sum(len(each) for each in self._pending if isinstance(each, bytes))
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        if self._problem is None:
            self._since, self._refused = self._clock.now(), 0
            logger.error("the audit trail cannot be written (%s): calls are refused", reason)
        self._problem = reason

    def _recovered(self) -> None:
        since, now = self._since or self._clock.now(), self._clock.now()
        told = Resumed(iso_time(since), iso_time(now), self._refused, self._problem or "")
        self._problem = self._since = None
        self.append(kinds.RESUMED, _encode(told))
        self._kick()
        logger.warning("the audit trail is written again; %d calls were refused", told.refused)


def _told(tell: Settled, *, kept: bool) -> None:
    """Tell one who waits. What goes wrong there is no matter of the others."""
    try:
        tell(kept)
    except Exception as error:  # noqa: BLE001 - they are to be told too
        logger.error("fault behind the audit trail: %s", type(error).__name__)
