"""What this region knows of other regions' logs, and the resyncs that they asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgpack
from sqlalchemy import bindparam, delete, select, update

from node.store import schema
from node.store.inline_sqlite import Connection
from node.store.rows import Rows
from node.store.statements import THIS, Row, Statement
from replication.position import Cursor, CursorState, Position
from replication.resync import Resync
from replication.shared import SharedState, unpack_shared
from replication.waits import Wait, WaitKind

_CURSORS: Final = Statement(select(schema.cursors))
_CURSOR: Final = Statement(select(schema.cursors).where(schema.cursors.c.origin == THIS))
_ACKNOWLEDGE: Final = Statement(
    update(schema.cursors).where(schema.cursors.c.origin == THIS),
    ("acknowledged_log_id", "acknowledged_sequence"),
)
_WAITS: Final = Statement(select(schema.waits))
_DELETE_WAIT: Final = Statement(delete(schema.waits).where(schema.waits.c.key_id == THIS))
_WAITING: Final = Statement(
    select(schema.waits, schema.keys.c.shared)
    .join(schema.keys, schema.keys.c.key_id == schema.waits.c.key_id)
    .where(schema.keys.c.shared.is_not(None), schema.waits.c.key_id > bindparam("after"))
    .order_by(schema.waits.c.key_id)
    .limit(bindparam("count"))
)
_EVICTED: Final = Statement(select(schema.evicted.c.region))
_READMIT: Final = Statement(delete(schema.evicted).where(schema.evicted.c.region == THIS))
_RESYNCS: Final = Statement(select(schema.resyncs))


class CursorRows(Rows):
    """The transaction's verbs for cursors. See replication.ports.ReplicaTransaction."""

    async def cursor(self, origin: str) -> Cursor:
        """The cursor of an origin."""
        cursor, _ = (await self._known_cursors()).get(origin, (Cursor.unread(origin), None))
        return cursor

    async def cursors(self) -> Sequence[Cursor]:
        """Every origin's cursor."""
        return [cursor for cursor, _ in (await self._known_cursors()).values()]

    async def put_cursor(self, cursor: Cursor) -> None:
        """Move an origin's cursor."""
        await self._put(
            schema.cursors,
            {
                "origin": cursor.origin,
                "state": cursor.state.value,
                "request": cursor.request,
                "log_id": cursor.log_id,
                "sequence": cursor.sequence,
                "digest": cursor.digest,
            },
        )
        known = await self._known_cursors()
        _, acknowledged = known.get(cursor.origin, (cursor, None))
        known[cursor.origin] = cursor, acknowledged

    async def last_acknowledgement(self) -> Mapping[str, Position]:
        """The positions that this region acknowledged last."""
        known = (await self._known_cursors()).items()
        return {origin: position for origin, (_, position) in known if position is not None}

    async def put_last_acknowledgement(self, positions: Mapping[str, Position]) -> None:
        """Note the positions that this region acknowledges now."""
        rows = [
            {
                "this": origin,
                "acknowledged_log_id": position.log_id,
                "acknowledged_sequence": position.sequence,
            }
            for origin, position in positions.items()
        ]
        await self._connection.run_many(_ACKNOWLEDGE, rows)
        known = await self._known_cursors()
        for origin in positions.keys() & known.keys():
            cursor, _ = known[origin]
            known[origin] = cursor, positions[origin]

    async def resyncs(self) -> Sequence[Resync]:
        """The last resync that each peer asked for."""
        return [_resync_of(row) for row in await self._connection.rows(_RESYNCS)]

    async def put_resync(self, resync: Resync) -> None:
        """Note how far a resync was answered."""
        await self._put(
            schema.resyncs,
            {
                "receiver": resync.receiver,
                "request": resync.request,
                "as_of_log_id": resync.as_of.log_id,
                "as_of_sequence": resync.as_of.sequence,
                "after": resync.after,
                "ended": resync.ended,
            },
        )

    async def _known_cursors(self) -> dict[str, tuple[Cursor, Position | None]]:
        """Each origin's cursor, and the position that this region acknowledged last."""
        if self._cursors is None:
            rows = await self._connection.rows(_CURSORS)
            self._cursors = {row.origin: (_cursor_of(row), _acknowledged_of(row)) for row in rows}
        return self._cursors


class WaitRows(Rows):
    """The transaction's verbs for what a primary waits for."""

    async def waits(self) -> Sequence[Wait]:
        """What this region, as a primary, waits for."""
        return list((await self._known_waits()).values())

    async def put_wait(self, wait: Wait) -> None:
        """Wait for this, and for nothing else of the same key."""
        values = {"key_id": wait.key_id, "kind": wait.kind.value, "sequence": wait.sequence}
        await self._put(schema.waits, values)
        (await self._known_waits())[wait.key_id] = wait

    async def delete_wait(self, key_id: str) -> None:
        """Wait no longer."""
        if (await self._known_waits()).pop(key_id, None) is not None:
            await self._connection.run(_DELETE_WAIT, {"this": key_id})

    async def evicted(self) -> frozenset[str]:
        """The regions that no rotation waits for."""
        return await read_evicted(self._connection)

    async def put_evicted(self, region: str, since: float) -> None:
        """Wait for this region no longer."""
        await self._put(schema.evicted, {"region": region, "since": since})

    async def delete_evicted(self, region: str) -> None:
        """Wait for this region again."""
        await self._connection.run(_READMIT, {"this": region})

    async def _known_waits(self) -> dict[str, Wait]:
        if self._waits is None:
            rows = await self._connection.rows(_WAITS)
            self._waits = {row.key_id: _wait_of(row) for row in rows}
        return self._waits


async def read_waiting(
    connection: Connection, after: str, count: int
) -> Sequence[tuple[Wait, SharedState]]:
    """See replication.ports.ReplicaStore."""
    rows = await connection.rows(_WAITING, {"after": after, "count": count})
    return [(_wait_of(row), unpack_shared(msgpack.unpackb(row.shared))) for row in rows]


async def read_evicted(connection: Connection) -> frozenset[str]:
    """The regions that no rotation waits for."""
    return frozenset([row.region for row in await connection.rows(_EVICTED)])


async def read_cursor(connection: Connection, origin: str) -> Cursor:
    """The cursor of an origin; Cursor.unread() if nothing of it was ever read."""
    row = await connection.first(_CURSOR, {"this": origin})
    return Cursor.unread(origin) if row is None else _cursor_of(row)


def _wait_of(row: Row) -> Wait:
    return Wait(row.key_id, WaitKind(row.kind), row.sequence)


def _cursor_of(row: Row) -> Cursor:
    return Cursor(
        origin=row.origin,
        state=CursorState(row.state),
        request=row.request,
        log_id=row.log_id,
        sequence=row.sequence,
        digest=row.digest,
    )


def _acknowledged_of(row: Row) -> Position | None:
    log_id: bytes | None = row.acknowledged_log_id
    return None if log_id is None else Position(log_id, row.acknowledged_sequence)


def _resync_of(row: Row) -> Resync:
    return Resync(
        receiver=row.receiver,
        request=row.request,
        as_of=Position(row.as_of_log_id, row.as_of_sequence),
        after=row.after,
        ended=row.ended,
    )
