"""The keys that one transaction reads and writes: each read once, all written together.

A transaction that applies another region's log names many keys, several times each. So rows are
read for many keys by one statement for each table, and kept; what is changed is changed there, and
written by one statement for each table when the transaction ends, or before a statement that asks
the tables. What is asked of a batch is therefore what the transaction would find in the tables, had
each change been written at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import select, update

from node.model.key import Key
from node.store import schema
from node.store.decoded import DecodedKeys
from node.store.inline_sqlite import Connection
from node.store.statements import THIS, Statement, among, inserting
from replication.deletion import Deletion
from replication.position import Position

_KEYS: Final = Statement(select(schema.keys).where(among(schema.keys.c.key_id, "these")))
_HELD: Final = Statement(
    select(schema.materials.c.key_id, schema.materials.c.material_id).where(
        among(schema.materials.c.key_id, "these")
    )
)
_GONE: Final = Statement(
    select(schema.gone_replicas).where(among(schema.gone_replicas.c.key_id, "these"))
)
_DELETED: Final = Statement(
    select(schema.deleted_replicas).where(among(schema.deleted_replicas.c.key_id, "these"))
)
_ADD_KEYS: Final = inserting(schema.keys)
_COLUMNS: Final = tuple(each.name for each in schema.keys.c if each.name != "key_id")
_ADD_MATERIALS: Final = inserting(schema.materials)


class KeyBatch:
    """See above. Sets and maps that it gives are its own: they are read, and changed by its verbs
    alone.
    """

    def __init__(self, connection: Connection, decoded: DecodedKeys) -> None:
        self._connection = connection
        self._decoded = decoded
        self._keys: dict[str, Key | None] = {}
        self._stored: dict[str, Mapping[str, Any]] = {}  # as the table has them
        self._held: dict[str, set[str]] = {}
        self._gone: dict[str, dict[str, Position]] = {}
        self._deleted: dict[str, Deletion | None] = {}
        self._added: dict[str, Key] = {}
        self._changed: dict[str, Key] = {}
        self._materials: list[Mapping[str, Any]] = []

    async def read_ahead(self, key_ids: Collection[str]) -> None:
        """Read what is kept of these keys, those that are not known yet."""
        await self._read_keys(key_ids)
        await self._read_held(key_ids)
        await self._read_gone(key_ids)
        await self._read_deleted(key_ids)

    async def key(self, key_id: str) -> Key | None:
        """A key of any account."""
        if key_id not in self._keys:
            await self._read_keys([key_id])
        return self._keys[key_id]

    async def held(self, key_id: str) -> Collection[str]:
        """The IDs of a key's materials."""
        if key_id not in self._held:
            await self._read_held([key_id])
        return self._held[key_id]

    async def gone(self, key_id: str) -> Mapping[str, Position]:
        """The regions that have deleted their key of a set."""
        if key_id not in self._gone:
            await self._read_gone([key_id])
        return self._gone[key_id]

    async def deletion(self, key_id: str) -> Deletion | None:
        """That this region's key was deleted."""
        if key_id not in self._deleted:
            await self._read_deleted([key_id])
        return self._deleted[key_id]

    def add(self, key: Key) -> None:
        """A key that is new. ValueError if it is known to be there."""
        if self._keys.get(key.key_id) is not None:
            raise ValueError(f"{key.key_id} is there already")
        self._keys[key.key_id] = self._added[key.key_id] = key
        self._held[key.key_id] = set()

    def put(self, key: Key) -> None:
        """A key that is there, changed."""
        self._keys[key.key_id] = key
        new = key.key_id in self._added
        (self._added if new else self._changed)[key.key_id] = key

    async def add_materials(self, key_id: str, sealed: Sequence[tuple[str, bytes]]) -> None:
        """Materials that the key has not, as (ID, sealed material), behind those that it has."""
        held = await self.held(key_id)
        self._materials += [
            {"key_id": key_id, "material_id": each, "position": len(held) + number, "sealed": data}
            for number, (each, data) in enumerate(sealed)
        ]
        self._held[key_id].update(each for each, _ in sealed)

    def without_materials(self, key_id: str, material_ids: Collection[str]) -> None:
        """Materials were removed from the table."""
        if key_id in self._held:
            self._held[key_id].difference_update(material_ids)

    def put_gone(self, key_id: str, region: str, at: Position | None) -> None:
        """The table was changed: a region has deleted its key, or (None) holds one again."""
        known = self._gone.get(key_id)
        if known is not None and at is not None:
            known[region] = at
        elif known is not None:
            known.pop(region, None)

    def put_deletion(self, key_id: str, deletion: Deletion | None) -> None:
        """The table was changed."""
        self._deleted[key_id] = deletion

    def forget(self, key_id: str) -> None:
        """A key was removed from the tables, and its materials with it."""
        self._keys[key_id] = None
        self._stored.pop(key_id, None)
        self._held[key_id], self._gone[key_id] = set(), {}

    async def write(self) -> None:
        """Write what was gathered."""
        added, changed, materials = self._added, self._changed, self._materials
        self._added, self._changed, self._materials = {}, {}, []
        if added:
            rows = {name: self._decoded.row_of(each) for name, each in added.items()}
            await self._connection.run_many(_ADD_KEYS, list(rows.values()))
            self._stored |= rows
        if changed:
            await self._write_changed({n: self._decoded.row_of(k) for n, k in changed.items()})
        if materials:
            await self._connection.run_many(_ADD_MATERIALS, materials)

    async def _write_changed(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the columns that are not as the table has them: each that is written costs what it
        is indexed in, page by page of the write-ahead log, whether it is another value or not.
        """
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for key_id, values in rows.items():
            before = self._stored.get(key_id, {})
            columns = tuple(each for each in _COLUMNS if before.get(each, self) != values[each])
            written = {each: values[each] for each in columns}
            alike.setdefault(columns, []).append({"this": key_id, **written})
        alike.pop((), None)
        for columns, each in alike.items():
            await self._connection.run_many(_putting(columns), each)
        self._stored |= rows

    async def _read_keys(self, key_ids: Collection[str]) -> None:
        new = [each for each in key_ids if each not in self._keys]
        for row in await self._rows(_KEYS, new):
            self._stored[row.key_id] = row._asdict()
            self._keys[row.key_id] = self._decoded.key_of(row)
        for each in new:
            self._keys.setdefault(each, None)

    async def _read_held(self, key_ids: Collection[str]) -> None:
        new = [each for each in key_ids if each not in self._held]
        self._held |= {each: set() for each in new}
        for key_id, material_id in await self._rows(_HELD, new):
            self._held[key_id].add(material_id)

    async def _read_gone(self, key_ids: Collection[str]) -> None:
        new = [each for each in key_ids if each not in self._gone]
        self._gone |= {each: {} for each in new}
        for row in await self._rows(_GONE, new):
            self._gone[row.key_id][row.region] = Position(row.log_id, row.sequence)

    async def _read_deleted(self, key_ids: Collection[str]) -> None:
        new = [each for each in key_ids if each not in self._deleted]
        self._deleted |= dict.fromkeys(new)
        for row in await self._rows(_DELETED, new):
            at = Position(row.log_id, row.sequence)
            self._deleted[row.key_id] = Deletion(at, row.epoch, row.led_by)

    async def _rows(self, statement: Statement, key_ids: Collection[str]) -> Sequence[Any]:
        if not key_ids:
            return ()
        return await self._connection.rows(statement, {"these": json.dumps(list(key_ids))})


@cache
def _putting(columns: tuple[str, ...]) -> Statement:
    """UPDATE of these columns of a key."""
    return Statement(update(schema.keys).where(schema.keys.c.key_id == THIS), columns)
