"""SQLite without a thread hop per statement, in the form that SQLAlchemy's aiosqlite dialect
drives.

aiosqlite sends every call to a thread: four hops a statement, about ten times what the statement
costs (docs/decisions/0003). Here a statement runs at once on the event loop, as it takes tens of
microseconds on an embedded store, and only what waits runs in a thread: BEGIN IMMEDIATE while
another process has the write lock, and COMMIT, which waits for the disk. Who is cancelled while
a thread is at work waits for its end: SQLAlchemy closes a cancelled connection at once, and closing
one that a thread is using is a crash. The thread is the store's own: in that of the event loop, a
commit would wait for whatever RSA keys are being made there.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

T = TypeVar("T")
WAITS: Final = "BEGIN IMMEDIATE"
_PRIMARY_CODE: Final = 0xFF  # of a result code that says more (sqlite.org/rescode.html)


class InlineCursor:
    """A cursor; every method is a coroutine, as the dialect wants it."""

    def __init__(self, cursor: sqlite3.Cursor, threads: Executor | None = None) -> None:
        self._cursor = cursor
        self._threads = threads
        self.arraysize = cursor.arraysize

    async def __aenter__(self) -> InlineCursor:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement."""
        if statement.startswith(WAITS):
            if not _begun(self._cursor, statement):
                await _in_thread(self._threads, partial(self._cursor.execute, statement))
        else:
            self._cursor.execute(statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        self._cursor.executemany(statement, parameters)

    async def fetchall(self) -> list[Any]:
        """Every row that is left."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Let the statement go."""
        self._cursor.close()

    @property
    def description(self) -> Any:
        """PEP 249: the columns of the result; None for a statement without one."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """PEP 249."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """PEP 249."""
        return self._cursor.lastrowid


class InlineConnection:
    """A connection; awaiting it gives itself, as awaiting aiosqlite's does."""

    def __init__(self, *arguments: Any, threads: Executor | None = None, **options: Any) -> None:
        """As sqlite3.connect; what may wait runs in `threads`, by default in the event loop's."""
        # One task at a time uses it, but its commits run in threads. isolation_level None: the
        # driver begins no transaction of its own (sql.py does).
        options |= {"check_same_thread": False, "isolation_level": None}
        self._connection: sqlite3.Connection | None = sqlite3.connect(*arguments, **options)
        self._threads = threads

    def __await__(self) -> Generator[Any, None, InlineConnection]:
        return self
        yield  # makes this a generator, which is what `await` needs

    def cursor(self) -> InlineCursor:
        """A new cursor."""
        return InlineCursor(self._open().cursor(), self._threads)

    async def commit(self) -> None:
        """Commit; durable when it returns."""
        await _in_thread(self._threads, self._open().commit)

    async def rollback(self) -> None:
        """Undo what was not committed."""
        self._open().rollback()

    async def close(self) -> None:
        """Close the file."""
        self.stop()

    async def create_function(
        self,
        name: str,
        arguments: int,
        function: Callable[..., Any],
        *,
        deterministic: bool = False,
    ) -> None:
        """Make a function that statements may call."""
        self._open().create_function(name, arguments, function, deterministic=deterministic)

    def stop(self) -> None:
        """Close the file, at once."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("Connection closed")  # the words that the dialect looks for
        return self._connection


def _begun(cursor: sqlite3.Cursor, statement: str) -> bool:
    """Begin a transaction if nobody else writes. Without a wait there is nothing for a thread."""
    (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        cursor.execute(statement)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout={patience}")
    return True


async def _in_thread(threads: Executor | None, work: Callable[[], T]) -> T:
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
