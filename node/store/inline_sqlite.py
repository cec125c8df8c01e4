"""SQLite on the event loop: a statement runs at once, as it takes microseconds on an embedded
store (docs/decisions/0003). Only what waits runs in a thread: BEGIN IMMEDIATE while another process
has the write lock, and COMMIT, which waits for the disk. Who is cancelled while a thread is at work
waits for its end: undoing, or closing, what a thread is using is a crash. The thread is the store's
own: in that of the event loop, a commit would wait for whatever RSA keys are being made there.

WAL mode with synchronous=FULL: what was committed survives a power failure
(sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from node.store.statements import Made, Row, Statement

T = TypeVar("T")
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

    def __init__(self, connection: sqlite3.Connection, threads: Executor) -> None:
        """What may wait runs in `threads`."""
        self._connection = connection
        self._threads = threads

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
                await _in_thread(self._threads, self._begin)
            yield
            if self._connection.total_changes == written:
                self._connection.rollback()
            else:
                await _in_thread(self._threads, self._connection.commit)
        except BaseException:
            self._connection.rollback()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _told(self, made: Made, bound: Mapping[str, Any]) -> sqlite3.Cursor:
        values = {**made.constants, **bound} if made.constants else bound
        return self._connection.execute(made.text, values)

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def _begun(self) -> bool:
        """Begin if nobody else writes. Without a wait there is nothing for a thread."""
        (patience,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute("PRAGMA busy_timeout=0")
        try:
            self._begin()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout={patience}")
        return True


async def _in_thread(threads: Executor, work: Callable[[], T]) -> T:
    """Run what may wait in a thread, to its end."""
    running = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        running.exception()  # the caller is told of the cancellation alone
        raise
