"""What the parts of a transaction share: its connection, and the change counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Table, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.material import Randomness
from crypto.sealing import RootKeyRing
from node.store import schema
from node.store.key_batch import KeyBatch
from replication.position import Cursor, LogHead, Position
from replication.waits import Wait

_ADD_CHANGES = insert(schema.changes)
_ADD_ENTRIES = insert(schema.outbox)
_ADD_AUDIT = insert(schema.audit_outbox)
_MOVE_HEAD = update(schema.log)


class Subject(StrEnum):
    """What a change was made to."""

    KEY = "key"
    ALIAS = "alias"
    KEY_ALIASES = "key aliases"
    ACCESS_KEY = "access key"
    GRANT = "grant"
    IDENTITY = "identity"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Sealer:
    """How this region's store seals what is secret: its name, its root keys, and randomness."""

    region: str
    ring: RootKeyRing
    randomness: Randomness


class Rows:
    """Rows of one transaction. What only ever grows is gathered, and written by flush() at the end.

    The small tables are read whole, when they are first asked for (None: not yet), and kept.
    Statements are made once, at import, with their values bound later: making one costs more than
    SQLite takes to run it.
    """

    def __init__(self, connection: AsyncConnection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer
        self._keys = KeyBatch(connection, sealer.region)
        self._cursors: dict[str, tuple[Cursor, Position | None]] | None = None
        self._waits: dict[str, Wait] | None = None
        self._acknowledgements: dict[str, int] | None = None
        self._changes: list[dict[str, str]] = []
        self._head: LogHead | None = None
        self._entries: list[dict[str, Any]] = []
        self._audit: list[dict[str, Any]] = []

    @property
    def noted(self) -> bool:
        """Whether there is something for the audit trail."""
        return bool(self._audit)

    async def flush(self) -> None:
        """Write what was gathered: keys, changes, both outboxes, the log's head."""
        await self._keys.write()
        if self._changes:
            await self._connection.execute(_ADD_CHANGES, self._changes)
        if self._entries and self._head is not None:
            await self._connection.execute(_ADD_ENTRIES, self._entries)
            head = {"sequence": self._head.sequence, "digest": self._head.digest}
            await self._connection.execute(_MOVE_HEAD, head)
        if self._audit:
            await self._connection.execute(_ADD_AUDIT, self._audit)

    async def _keys_written(self) -> AsyncConnection:
        """The connection, for a statement that asks the tables of keys, or needs their rows."""
        await self._keys.write()
        return self._connection

    async def _put(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows of the same columns, or replace those with the same primary keys."""
        statement = upsert(table, tuple(rows[0]), self._connection.dialect.name)
        await self._connection.execute(statement, rows if len(rows) > 1 else rows[0])

    def _for_audit(self, kind: str, body: bytes) -> None:
        """Have a line written to the audit trail once this is committed."""
        self._audit.append({"kind": kind, "body": body})

    def _changed(self, kind: Subject, subject: str) -> None:
        """Count a change, for the in-memory views."""
        self._changes.append({"kind": kind.value, "subject": subject})


@cache
def upsert(table: Table, names: tuple[str, ...], dialect: str) -> Any:
    """INSERT … ON CONFLICT DO UPDATE of these columns, as both engines have it."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)
