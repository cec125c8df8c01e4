"""What the parts of a transaction share: its connection, and the change counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Table, update

from crypto.material import Randomness
from crypto.sealing import RootKeyRing
from node.store import schema
from node.store.decoded import DecodedKeys
from node.store.inline_sqlite import Connection
from node.store.key_batch import KeyBatch
from node.store.statements import Statement, inserting, putting
from replication.position import Cursor, LogHead, Position
from replication.waits import Wait

_ADD_CHANGES: Final = inserting(schema.changes, "kind", "subject")
_ADD_ENTRIES: Final = inserting(schema.outbox)
_ADD_AUDIT: Final = inserting(schema.audit_outbox, "kind", "body")
_MOVE_HEAD: Final = Statement(update(schema.log), ("sequence", "digest"))


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
    """

    def __init__(self, connection: Connection, sealer: Sealer, decoded: DecodedKeys) -> None:
        self._connection = connection
        self._sealer = sealer
        self._decoded = decoded
        self._keys = KeyBatch(connection, decoded)
        self._cursors: dict[str, tuple[Cursor, Position | None]] | None = None
        self._waits: dict[str, Wait] | None = None
        self._acknowledgements: dict[str, int] | None = None
        self._changes: list[dict[str, str]] = []
        self._head: LogHead | None = None
        self._entries: list[dict[str, Any]] = []
        self._audit: list[dict[str, Any]] = []

    @property
    def appended(self) -> bool:
        """Whether there is something for other regions."""
        return bool(self._entries)

    @property
    def noted(self) -> bool:
        """Whether there is something for the audit trail."""
        return bool(self._audit)

    async def flush(self) -> None:
        """Write what was gathered: keys, changes, both outboxes, the log's head."""
        await self._keys.write()
        if self._changes:
            await self._connection.run_many(_ADD_CHANGES, self._changes)
        if self._entries and self._head is not None:
            await self._connection.run_many(_ADD_ENTRIES, self._entries)
            head = {"sequence": self._head.sequence, "digest": self._head.digest}
            await self._connection.run(_MOVE_HEAD, head)
        if self._audit:
            await self._connection.run_many(_ADD_AUDIT, self._audit)

    async def _keys_written(self) -> Connection:
        """The connection, for a statement that asks the tables of keys, or needs their rows."""
        await self._keys.write()
        return self._connection

    async def _put(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows of the same columns, or replace those with the same primary keys."""
        await self._connection.run_many(putting(table, tuple(rows[0])), rows)

    def _for_audit(self, kind: str, body: bytes) -> None:
        """Have a line written to the audit trail once this is committed."""
        self._audit.append({"kind": kind, "body": body})

    def _changed(self, kind: Subject, subject: str) -> None:
        """Count a change, for the in-memory views."""
        self._changes.append({"kind": kind.value, "subject": subject})
