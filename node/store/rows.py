"""What the parts of a transaction share: its connection, and the change counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.material import Randomness
from crypto.sealing import RootKeyRing
from node.store import schema


class Subject(StrEnum):
    """What a change was made to."""

    KEY = "key"
    ALIAS = "alias"
    ACCESS_KEY = "access key"


@dataclass(frozen=True, slots=True)
class Sealer:
    """How this region's store seals what is secret: its name, its root keys, and randomness."""

    region: str
    ring: RootKeyRing
    randomness: Randomness


class Rows:
    """Rows of one transaction."""

    def __init__(self, connection: AsyncConnection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    async def _put(self, table: Table, values: Mapping[str, Any]) -> None:
        """Insert a row, or replace the one with the same primary key."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        keys = [column.name for column in table.primary_key]
        statement = dialect.insert(table).values(**values)
        rest = {name: statement.excluded[name] for name in values if name not in keys}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=rest)
        )

    async def _changed(self, kind: Subject, subject: str) -> None:
        """Count a change, for the in-memory views."""
        await self._connection.execute(
            insert(schema.changes).values(kind=kind.value, subject=subject)
        )
