"""How keys were used, as rows of an SQLite file beside the trail that they were counted from.

What was counted and up to which line of the trail are written in one transaction, so that a crash
at any moment leaves rows that say exactly up to where they counted; the lines behind are counted
again when the trail is opened. A lost transaction is therefore no loss, and none waits for the
disk: in WAL mode, synchronous=NORMAL keeps the file whole in a power failure and may undo the last
transactions (sqlite.org/pragma.html#pragma_synchronous). A damaged file is made anew.

Not for two threads at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from node.audit.counting import Usage
from node.audit.folder import PRIVATE_FILE
from node.audit.usage import Count, KeyUse, LastUse, Page, Which

logger = logging.getLogger("keyspan.audit")
USAGE_FILE: Final = "usage.sqlite"
_FORM: Final = 1  # of the tables; another one is made anew
_TABLES: Final = (
    "CREATE TABLE counted (one INTEGER PRIMARY KEY CHECK (one = 1), trail TEXT NOT NULL, "
    "sequence INTEGER NOT NULL, since REAL NOT NULL)",
    "CREATE TABLE counts (key TEXT NOT NULL, operation TEXT NOT NULL, principal TEXT NOT NULL, "
    "served INTEGER NOT NULL, refused INTEGER NOT NULL, "
    "PRIMARY KEY (key, operation, principal)) WITHOUT ROWID",
    "CREATE TABLE last_uses (key TEXT PRIMARY KEY, operation TEXT NOT NULL, moment REAL NOT NULL, "
    "event_id TEXT NOT NULL, request_id TEXT NOT NULL) WITHOUT ROWID",
    f"PRAGMA user_version={_FORM}",
)
_SAFE_ENOUGH: Final = "PRAGMA synchronous=NORMAL"
_BEGIN: Final = "INSERT INTO counted VALUES (1, ?, 0, ?)"
_COUNTED: Final = "SELECT trail, sequence, since FROM counted"
_MOVE: Final = "UPDATE counted SET sequence = ?"
_GATHERED: Final = (
    "PRAGMA temp_store=MEMORY",
    "CREATE TEMP TABLE new_counts (key, operation, principal, served, refused)",
    "CREATE TEMP TABLE new_uses (key, operation, moment, event_id, request_id)",
)
_COUNT: Final = "INSERT INTO new_counts VALUES (?, ?, ?, ?, ?)"
_USE: Final = "INSERT INTO new_uses VALUES (?, ?, ?, ?, ?)"
_ADD: Final = (  # in the order of the rows, so that each page is changed once: half the time
    "INSERT INTO counts SELECT * FROM new_counts WHERE true ORDER BY key, operation, principal "
    "ON CONFLICT (key, operation, principal) "
    "DO UPDATE SET served = served + excluded.served, refused = refused + excluded.refused",
    "INSERT OR REPLACE INTO last_uses SELECT * FROM new_uses ORDER BY key",
    "DELETE FROM new_counts",
    "DELETE FROM new_uses",
)
_LAST: Final = "SELECT operation, moment, event_id, request_id FROM last_uses WHERE key = ?"
_PAGE: Final = (
    "SELECT key, operation, principal, served, refused FROM counts "
    "WHERE (key, operation, principal) > (?, ?, ?) ORDER BY key, operation, principal LIMIT ?"
)


class UsageFile:
    """The rows of one trail. Every method raises sqlite3.Error where the disk fails it."""

    def __init__(self, folder: Path, trail: str, last: int, began: float) -> None:
        """Open the file in `folder`, or make it: for a trail whose last line is `last`, which
        begins with what is known since `began` (epoch seconds). Raises sqlite3.Error or OSError.
        """
        self._path = folder / USAGE_FILE
        found = self._opened(trail, last)
        if found is None:
            found = self._made_anew(trail, began)
        self._connection, self.sequence, self._since = found
        for statement in _GATHERED:
            self._connection.execute(statement)

    def add(self, usage: Usage, sequence: int) -> None:
        """Add what was counted up to and with line `sequence`, as a whole or not at all. SQLite
        sorts and adds it, as it lets other threads of Python run meanwhile.
        """
        with _transaction(self._connection) as connection:
            counts = ((*each.which, each.served, each.refused) for each in usage.counts())
            connection.executemany(_COUNT, counts)
            uses = (
                (key, use.operation, use.moment, use.event_id, use.request_id)
                for key, use in usage.last_uses()
            )
            connection.executemany(_USE, uses)
            for statement in _ADD:
                connection.execute(statement)
            connection.execute(_MOVE, (sequence,))
        self.sequence = sequence

    def last(self, key_arn: str) -> KeyUse:
        """The last use of a key."""
        row = self._connection.execute(_LAST, (key_arn,)).fetchone()
        return KeyUse(self._since, None if row is None else LastUse(*row))

    def page(self, after: Which, most: int) -> Page:
        """The first totals behind `after`, in order."""
        rows = self._connection.execute(_PAGE, (*after, most))
        return Page(self._since, [Count(*row) for row in rows])

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _opened(self, trail: str, last: int) -> tuple[sqlite3.Connection, int, float] | None:
        """What is there, if it was counted from this trail and is not ahead of its last line."""
        if not self._path.exists():
            return None
        connection = _connection(self._path)
        try:
            connection.execute(_SAFE_ENOUGH)
            (form,) = connection.execute("PRAGMA user_version").fetchone()
            row = connection.execute(_COUNTED).fetchone() if form == _FORM else None
            if row is not None and row[0] == trail and row[1] <= last:
                return connection, row[1], row[2]
            reason = "it was not counted from this trail, or from lines that are lost"
            if row is not None and row[1] == 0:
                reason = ""  # of a trail that never had a line
        except sqlite3.OperationalError:  # locked, or the disk: the rows may well be whole
            connection.close()
            raise
        except sqlite3.DatabaseError as error:
            reason = str(error)
        connection.close()
        if reason:
            logger.warning("%s is made anew from the trail: %s", self._path, reason)
        return None

    def _made_anew(self, trail: str, began: float) -> tuple[sqlite3.Connection, int, float]:
        for end in ("", "-wal", "-shm"):
            self._path.with_name(USAGE_FILE + end).unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(self._path, flags, PRIVATE_FILE))
        connection = _connection(self._path)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_SAFE_ENOUGH)
        with _transaction(connection):
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute(_BEGIN, (trail, began))
        return connection, 0, began


def _connection(path: Path) -> sqlite3.Connection:
    """A connection that begins no transaction of its own, for one thread after another."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commits what the block does, or undoes it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
