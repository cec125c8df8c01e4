"""This region's own log in the store: its head, the outbox, and what peers have acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update

from node.store import schema
from node.store.inline_sqlite import Connection
from node.store.key_rows import RELATED_COUNTED
from node.store.rows import Rows
from node.store.statements import Row, Statement, inserting
from replication.deletion import Deletion
from replication.entries import StreamEntry, stream_id
from replication.position import LogHead
from replication.resync import answer_entries
from replication.waits import TO_BE_REPEATED

_HEAD: Final = Statement(select(schema.log))
_SIGNER: Final = Statement(select(schema.log.c.signer))
_BEGIN: Final = (
    Statement(delete(schema.log)),
    Statement(delete(schema.outbox)),
    Statement(delete(schema.acknowledgements)),
    Statement(update(schema.waits).values(sequence=TO_BE_REPEATED)),
)
_ADD_HEAD: Final = inserting(schema.log)
_DELETED: Final = Statement(select(schema.deleted_replicas.c.key_id))
_ACKNOWLEDGEMENTS: Final = Statement(select(schema.acknowledgements))
_ANSWERED: Final = Statement(
    select(
        RELATED_COUNTED.scalar_subquery().label("sets"),
        select(func.count()).select_from(schema.facts).scalar_subquery().label("facts"),
        select(func.count())
        .select_from(schema.deleted_replicas)
        .scalar_subquery()
        .label("deleted"),
    )
)
_OUTBOX: Final = Statement(
    select(schema.outbox)
    .where(schema.outbox.c.sequence >= bindparam("first"))
    .order_by(schema.outbox.c.sequence)
    .limit(bindparam("count"))
)


class LogRows(Rows):
    """The transaction's verbs for the log. See replication.ports.ReplicaTransaction."""

    async def log_head(self) -> LogHead:
        """The head of the log, after what this transaction appended."""
        if self._head is None:
            self._head = await read_head(self._connection)
        return self._head

    async def log_signer(self) -> str | None:
        """The fingerprint of the identity that signs the log; None before there is a log."""
        signer: str | None = await self._connection.value(_SIGNER)
        return signer

    async def append(self, entry: StreamEntry, head: LogHead) -> None:
        """Add an entry to the outbox and move the head."""
        self._entries.append({"sequence": head.sequence, "entry": entry.data})
        self._head = head

    async def begin_log(self, head: LogHead, signer: str) -> None:
        """Start a new log; nothing of the old one is kept."""
        self._head, self._entries = head, []
        self._acknowledgements, self._waits = {}, None
        for statement in _BEGIN:
            await self._connection.run(statement)
        row = {
            "id": 1,
            "log_id": head.log_id,
            "signer": signer,
            "sequence": head.sequence,
            "digest": head.digest,
        }
        await self._connection.run(_ADD_HEAD, row)

    async def acknowledged(self, region: str) -> int:
        """How far `region` has acknowledged the log."""
        if self._acknowledgements is None:
            self._acknowledgements = await read_acknowledgements(self._connection)
        return self._acknowledgements.get(region, 0)

    async def put_acknowledged(self, region: str, sequence: int) -> None:
        """Note how far `region` has acknowledged the log."""
        await self._put(schema.acknowledgements, {"region": region, "sequence": sequence})
        if self._acknowledgements is not None:
            self._acknowledgements[region] = sequence

    async def deletion(self, key_id: str) -> Deletion | None:
        """That this region's key of a set was deleted."""
        return await self._keys.deletion(key_id)

    async def put_deletion(self, key_id: str, deletion: Deletion) -> None:
        """Note that this region's key of a set was deleted."""
        row = {
            "key_id": key_id,
            "log_id": deletion.at.log_id,
            "sequence": deletion.at.sequence,
            "epoch": deletion.epoch,
            "led_by": deletion.primary,
        }
        await self._put(schema.deleted_replicas, row)
        self._keys.put_deletion(key_id, deletion)

    async def deleted_replicas(self) -> Sequence[str]:
        """The replica keys that this region deleted and does not hold again."""
        return [row.key_id for row in await self._connection.rows(_DELETED)]


async def read_answer_entries(connection: Connection) -> int:
    """See replication.ports.Outbox."""
    row: Row = await connection.first(_ANSWERED)
    return answer_entries(int(row.sets), row.facts, row.deleted)


async def read_head(connection: Connection) -> LogHead:
    """The head of the log."""
    row = await connection.first(_HEAD)
    if row is None:
        raise LookupError("there is no log yet")
    return LogHead(row.log_id, row.sequence, row.digest)


async def read_acknowledgements(connection: Connection) -> dict[str, int]:
    """How far each peer has acknowledged the log."""
    rows = await connection.rows(_ACKNOWLEDGEMENTS)
    return {row.region: row.sequence for row in rows}


async def read_outbox(connection: Connection, first: int, count: int) -> Sequence[StreamEntry]:
    """Up to `count` kept entries from `first` on."""
    rows = await connection.rows(_OUTBOX, {"first": first, "count": count})
    return [StreamEntry(stream_id(row.sequence), row.entry) for row in rows]
