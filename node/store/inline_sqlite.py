"""SQLite on the event loop: a statement runs at once, as it takes microseconds on an embedded
store (docs/decisions/0003). Only what waits runs in a thread: BEGIN IMMEDIATE while another process
has the write lock, and COMMIT, which waits for the disk. Who is cancelled while a thread is at work
waits for its end: undoing, or closing, what a thread is using is a crash. The thread is the store's
own: in that of the event loop, a commit would wait for whatever RSA keys are being made there.

Where the disk is quick, the event loop waits for the thread, QUICK_SECONDS at the most, unless it
is busy: to be told by a callback takes as long again as the sync (docs/decisions/0029).

WAL mode with synchronous=FULL: what was committed survives a power failure
(sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from node.store.busy import Busy
from node.store.own_thread import OwnThread
from node.store.statements import Made, Row, Statement

QUICK_SECONDS: Final = 0.001
"""A commit that took longer is no reason to wait for the next one."""
PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)
_NOTHING: Final[Mapping[str, Any]] = {}
_STATEMENTS_KEPT: Final = 256  # more than there are: each is prepared once for a connection
_PRIMARY_CODE: Final = 0xFF  # of a result code that says more (sqlite.org/rescode.html)


def connected(file: Path) -> sqlite3.Connection:
    """A new connection that begins no transaction by itself, and that any thread may use."""
    connection = sqlite3.connect(
        file, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT
    )
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


class Connection:
    """A connection that runs statements. Its verbs are coroutines as those of an engine behind a
    network would be; those of a statement never wait.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        thread: OwnThread,
        busy: Callable[[], bool] | None = None,
    ) -> None:
        """What may wait runs in `thread`. `busy` tells whether the event loop has much to do."""
        self._connection = connection
        self._thread = thread
        self._busy = busy or Busy()
        self._patience: int | None = None  # milliseconds for the write lock; None before the first
        self._quick = True

    async def rows(
        self, statement: Statement, bound: Mapping[str, Any] = _NOTHING
    ) -> Sequence[Row]:
        """Every row that is found."""
        read = statement.made.read
        return [read(values) for values in self._told(statement.made, bound)]

    async def first(self, statement: Statement, bound: Mapping[str, Any] = _NOTHING) -> Row | None:
        """The first row; None if there is none."""
        values = self._told(statement.made, bound).fetchone()
        return None if values is None else statement.made.read(values)

    async def value(self, statement: Statement, bound: Mapping[str, Any] = _NOTHING) -> Any:
        """The first value of the first row; None if there is none."""
        values = self._told(statement.made, bound).fetchone()
        return None if values is None else values[0]

    async def run(self, statement: Statement, bound: Mapping[str, Any] = _NOTHING) -> None:
        """Run a statement that gives no rows."""
        self._told(statement.made, bound)

    async def run_many(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement for each of these rows."""
        made = statement.made
        bound = [{**made.constants, **row} for row in rows] if made.constants else rows
        self._connection.executemany(made.text, bound)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What the block reads is of one moment. The block waits for nothing."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit what the block did, durably, or undo it all if anything raises. It has the write
        lock from the start, so that it cannot fail half-way for another writer. One that wrote
        nothing has nothing to wait for.
        """
        written = self._connection.total_changes
        try:
            if not self._begun():
                await self._thread.done(self._begin_patiently)
            yield
            if self._connection.total_changes == written:
                self._connection.rollback()
            else:
                await self._committed()
        except BaseException:
            self._connection.rollback()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _told(self, made: Made, bound: Mapping[str, Any]) -> sqlite3.Cursor:
        values = {**made.constants, **bound} if made.constants else bound
        return self._connection.execute(made.text, values)

    def _begun(self) -> bool:
        """Begin if nobody else writes. Without a wait there is nothing for a thread."""
        if self._patience is None:
            (self._patience,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
            self._connection.execute("PRAGMA busy_timeout=0")
        try:
            self._begin()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def _begin_patiently(self) -> None:
        self._connection.execute(f"PRAGMA busy_timeout={self._patience}")
        try:
            self._begin()
        finally:
            self._connection.execute("PRAGMA busy_timeout=0")

    async def _committed(self) -> None:
        """Commit, and wait for the disk: here as long as a quick one takes, if it was quick."""
        waited_for = self._quick and not self._busy()
        await self._thread.done(self._commit, QUICK_SECONDS if waited_for else 0.0)

    def _commit(self) -> None:
        started = time.perf_counter()
        self._connection.commit()
        self._quick = time.perf_counter() - started <= QUICK_SECONDS
