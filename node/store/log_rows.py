"""This region's own log in the store: its head, the outbox, and what peers have acknowledged."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import schema
from node.store.rows import Rows
from replication.entries import StreamEntry, stream_id
from replication.position import LogHead


class LogRows(Rows):
    """The transaction's verbs for the log. See replication.ports.ReplicaTransaction."""

    async def log_head(self) -> LogHead:
        """The head of the log."""
        return await read_head(self._connection)

    async def log_signer(self) -> str | None:
        """The fingerprint of the identity that signs the log; None before there is a log."""
        return (await self._connection.execute(select(schema.log.c.signer))).scalar()

    async def append(self, entry: StreamEntry, head: LogHead) -> None:
        """Add an entry to the outbox and move the head."""
        row = {"sequence": head.sequence, "entry": entry.data}
        await self._connection.execute(insert(schema.outbox).values(**row))
        await self._connection.execute(
            update(schema.log).values(sequence=head.sequence, digest=head.digest)
        )

    async def begin_log(self, head: LogHead, signer: str) -> None:
        """Start a new log; nothing of the old one is kept."""
        for table in (schema.log, schema.outbox, schema.acknowledgements):
            await self._connection.execute(delete(table))
        await self._connection.execute(
            insert(schema.log).values(
                id=1,
                log_id=head.log_id,
                signer=signer,
                sequence=head.sequence,
                digest=head.digest,
            )
        )

    async def acknowledged(self, region: str) -> int:
        """How far `region` has acknowledged the log."""
        return (await read_acknowledgements(self._connection)).get(region, 0)

    async def put_acknowledged(self, region: str, sequence: int) -> None:
        """Note how far `region` has acknowledged the log."""
        await self._put(schema.acknowledgements, {"region": region, "sequence": sequence})

    async def deleted_at(self, key_id: str) -> int | None:
        """The entry that said this region's replica key was deleted."""
        table = schema.deleted_replicas
        statement = select(table.c.sequence).where(table.c.key_id == key_id)
        return (await self._connection.execute(statement)).scalar()

    async def put_deleted_at(self, key_id: str, sequence: int) -> None:
        """Note the entry that says this region's replica key was deleted."""
        await self._put(schema.deleted_replicas, {"key_id": key_id, "sequence": sequence})

    async def deleted_replicas(self) -> Sequence[str]:
        """The replica keys that this region deleted and does not hold again."""
        statement = select(schema.deleted_replicas.c.key_id)
        return list((await self._connection.execute(statement)).scalars())


async def read_head(connection: AsyncConnection) -> LogHead:
    """The head of the log."""
    row = (await connection.execute(select(schema.log))).one()
    return LogHead(row.log_id, row.sequence, row.digest)


async def read_acknowledgements(connection: AsyncConnection) -> dict[str, int]:
    """How far each peer has acknowledged the log."""
    rows = await connection.execute(select(schema.acknowledgements))
    return {row.region: row.sequence for row in rows}


async def read_outbox(connection: AsyncConnection, first: int, count: int) -> Sequence[StreamEntry]:
    """Up to `count` kept entries from `first` on."""
    table = schema.outbox
    statement = select(table).where(table.c.sequence >= first).order_by(table.c.sequence)
    rows = await connection.execute(statement.limit(count))
    return [StreamEntry(stream_id(row.sequence), row.entry) for row in rows]
