"""The key store on SQLAlchemy Core: SQLite (embedded, the default) or PostgreSQL (decision D11).

A change, its log entry and its cursor are one transaction. SQLite runs in WAL mode with
synchronous=FULL: what was committed survives a power failure
(sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Executable, Row, bindparam, delete, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crypto.material import KeyMaterial
from crypto.sealing import sealed_under
from node.model.grant import Grant
from node.model.key import Alias, Key
from node.model.principal import AttachedPolicy, Credential, Principal
from node.store import schema
from node.store.alias_rows import (
    LASTING_PRINCIPALS,
    AliasRows,
    CredentialRows,
    alias_of,
    credential_of,
    principal_of,
)
from node.store.cursor_rows import (
    CursorRows,
    WaitRows,
    read_cursor,
    read_evicted,
    read_waiting,
    read_waits,
)
from node.store.fact_rows import (
    FACT,
    FACTS_OF,
    FACTS_WITHOUT_SECRETS,
    FactRows,
    fact_of,
    fact_subject,
    fact_without_secret,
)
from node.store.grant_rows import (
    GrantFilter,
    GrantRows,
    grant_of,
    listed_grants,
    read_grant,
    read_grants,
)
from node.store.identity_rows import IDENTITY_POLICIES, IdentityRows
from node.store.inline_sqlite import InlineConnection
from node.store.key_rows import KeyRows, read_key, read_materials
from node.store.log_rows import (
    LogRows,
    read_acknowledgements,
    read_answer_entries,
    read_head,
    read_outbox,
)
from node.store.migrate import migrate
from node.store.rows import Sealer, Subject
from node.store.vote_rows import VoteRows
from replication.entries import StreamEntry
from replication.facts import Fact
from replication.facts import Key as FactKey
from replication.position import Cursor, LogHead
from replication.shared import SharedState
from replication.waits import Wait

CHANGES_KEPT: Final = 10_000
SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)
_NEXT_DUE: Final = select(  # each by its index: together they would read every key
    *(
        select(func.min(column)).where(column.is_not(None)).scalar_subquery()
        for column in (
            schema.keys.c.deletion_date,
            schema.keys.c.rotation_due,
            schema.keys.c.expiry_due,
        )
    )
)
_LIST: Final = (
    select(schema.keys.c.key_id)
    .where(schema.keys.c.account == bindparam("account"))
    .where(schema.keys.c.key_id > bindparam("after"))
    .order_by(schema.keys.c.key_id)
    .limit(bindparam("count"))
)
_COUNTS: Final = select(
    schema.key_counts.c.state, func.sum(schema.key_counts.c.number).label("number")
).group_by(schema.key_counts.c.state)
_FIRST_ENTRY: Final = select(func.min(schema.outbox.c.sequence))
_CHANGES: Final = (
    select(schema.changes)
    .where(schema.changes.c.counter > bindparam("after"))
    .order_by(schema.changes.c.counter)
)


class SqlTransaction(
    KeyRows,
    AliasRows,
    GrantRows,
    CredentialRows,
    IdentityRows,
    LogRows,
    CursorRows,
    WaitRows,
    FactRows,
    VoteRows,
):
    """One transaction; see port.Transaction."""


class SqlStore:
    """A region's key store; see port.KeyStore and replication.ports.ReplicaStore."""

    def __init__(self, url: str, sealer: Sealer) -> None:
        self._engine = _engine(url, ThreadPoolExecutor(1, "store"))  # SQLite has one writer
        self._writing = self._engine.execution_options(keyspan_begin="BEGIN IMMEDIATE")
        self._snapshot = self._engine.execution_options(keyspan_begin="BEGIN")
        self._sealer = sealer
        self._turn = asyncio.Lock()  # SQLite has one writer; waiting here beats SQLITE_BUSY
        self._committed: list[Callable[[], Awaitable[None]]] = []
        self._noted: list[Callable[[], None]] = []

    async def open(self) -> None:
        """Bring the schema up to date."""
        async with self._writing.begin() as connection:
            await connection.run_sync(migrate)

    async def close(self) -> None:
        """Let every connection go."""
        await self._engine.dispose()

    def after_commit(self, follow: Callable[[], Awaitable[None]]) -> None:
        """Call `follow` after each transaction of this process, before its caller goes on."""
        self._committed.append(follow)

    def when_noted(self, ring: Callable[[], None]) -> None:
        """Call `ring` after each transaction that has something for the audit trail."""
        self._noted.append(ring)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """See port.KeyStore."""
        async with self._turn, self._writing.begin() as connection:
            transaction = SqlTransaction(connection, self._sealer)
            yield transaction
            await transaction.flush()
        if transaction.noted:
            for ring in self._noted:
                ring()
        for follow in self._committed:
            await follow()

    def replica_transaction(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """See replication.ports.ReplicaStore."""
        return self.transaction()

    async def list_keys(self, account: str, after: str, count: int) -> Sequence[str]:
        """See port.KeyStore."""
        rows = await self._rows(_LIST, {"account": account, "after": after, "count": count})
        return [row.key_id for row in rows]

    async def list_aliases(
        self, account: str, key_id: str | None, after: str, count: int
    ) -> Sequence[Alias]:
        """See port.KeyStore."""
        table = schema.aliases
        statement = select(table).where(table.c.account == account, table.c.name > after)
        if key_id is not None:
            statement = statement.where(table.c.key_id == key_id)
        return [
            alias_of(row) for row in await self._rows(statement.order_by(table.c.name).limit(count))
        ]

    async def next_due(self) -> float | None:
        """When the next deletion, rotation or expiry is due (epoch seconds); None if none is."""
        rows = await self._rows(_NEXT_DUE)
        return min((each for each in rows[0] if each is not None), default=None)

    async def list_grants(self, wanted: GrantFilter, after: str, count: int) -> Sequence[Grant]:
        """See port.KeyStore."""
        return [grant_of(row) for row in await self._rows(listed_grants(wanted, after, count))]

    async def count_keys(self) -> dict[str, int]:
        """How many keys are in each state."""
        return {row.state: int(row.number) for row in await self._rows(_COUNTS) if row.number}

    async def read_key(self, key_id: str) -> tuple[Key, Sequence[KeyMaterial]] | None:
        """A key with all its material, for the in-memory view."""
        async with self._snapshot.connect() as connection:
            key = await read_key(connection, self._sealer, key_id)
            if key is None:
                return None
            return key, await read_materials(connection, self._sealer, key_id)

    async def unknown_root_key(self) -> str | None:
        """The ID of a root key that the store needs and the ring lacks; looks at one material."""
        rows = await self._rows(select(schema.materials.c.sealed).limit(1))
        sealed_by = [sealed_under(row.sealed) for row in rows]
        unknown = [each for each in sealed_by if each not in self._sealer.ring.root_key_ids]
        return unknown[0] if unknown else None

    async def read_alias(self, account: str, name: str) -> Alias | None:
        """An alias, for the in-memory view."""
        table = schema.aliases
        statement = select(table).where(table.c.account == account, table.c.name == name)
        rows = await self._rows(statement)
        return alias_of(rows[0]) if rows else None

    async def read_credential(self, access_key_id: str) -> Credential | None:
        """An access key, for the in-memory view."""
        table = schema.access_keys
        rows = await self._rows(select(table).where(table.c.access_key_id == access_key_id))
        return credential_of(rows[0], self._sealer) if rows else None

    async def read_aliases(self, key_id: str) -> tuple[str, ...]:
        """The names of a key's aliases, for the in-memory view."""
        table = schema.aliases
        rows = await self._rows(select(table.c.name).where(table.c.key_id == key_id))
        return tuple(row.name for row in rows)

    async def read_grants(self, key_id: str) -> Sequence[Grant]:
        """Every grant of a key, for the in-memory view."""
        async with self._engine.connect() as connection:
            return await read_grants(connection, key_id)

    async def read_grant(self, grant_id: str) -> Grant | None:
        """A grant, for the in-memory view."""
        async with self._engine.connect() as connection:
            return await read_grant(connection, grant_id)

    async def read_identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        """The policies attached to a user or role, for the in-memory view."""
        rows = await self._rows(IDENTITY_POLICIES, {"this": principal_arn})
        return tuple(AttachedPolicy(row.name, row.document) for row in rows)

    async def read_facts(self) -> Sequence[Fact]:
        """Every fact of the directory without its secret, for the in-memory view."""
        return [fact_without_secret(row) for row in await self._rows(FACTS_WITHOUT_SECRETS)]

    async def read_facts_of(self, prefix: str) -> Sequence[Fact]:
        """The facts whose keys begin with this part, with their secrets, for the in-memory view."""
        rows = await self._rows(FACTS_OF, {"begin": fact_subject((prefix, ""))})
        return [fact_of(row, self._sealer) for row in rows]

    async def read_fact(self, key: FactKey) -> Fact | None:
        """A fact of the directory with its secret, for the in-memory view."""
        rows = await self._rows(FACT, {"this": fact_subject(key)})
        return fact_of(rows[0], self._sealer) if rows else None

    async def read_lasting_principals(self) -> Sequence[Principal]:
        """The principals whose access keys the settings, or a seed, gave."""
        return [principal_of(row) for row in await self._rows(LASTING_PRINCIPALS)]

    async def read_changes(self, after: int) -> tuple[int, Sequence[tuple[Subject, str]] | None]:
        """The change counter, and what changed since it stood at `after`; None for too much."""
        rows = await self._rows(_CHANGES, {"after": after})
        if not rows:
            return after, ()
        counter: int = rows[-1].counter
        if rows[0].counter != after + 1:
            return counter, None
        return counter, [(Subject(row.kind), row.subject) for row in rows]

    async def last_change(self) -> int:
        """Where the change counter stands."""
        rows = await self._rows(select(func.max(schema.changes.c.counter)))
        return rows[0][0] or 0

    async def trim_changes(self) -> None:
        """Forget changes that every view has long seen; one that has not starts afresh."""
        table = schema.changes
        async with self._turn, self._writing.begin() as connection:
            last = (await connection.execute(select(func.max(table.c.counter)))).scalar() or 0
            await connection.execute(delete(table).where(table.c.counter <= last - CHANGES_KEPT))

    async def log_head(self) -> LogHead:
        """See replication.ports.Outbox."""
        async with self._engine.connect() as connection:
            return await read_head(connection)

    async def outbox(self, first: int, count: int) -> Sequence[StreamEntry]:
        """See replication.ports.Outbox."""
        async with self._engine.connect() as connection:
            return await read_outbox(connection, first, count)

    async def outbox_first(self) -> int:
        """See replication.ports.Outbox."""
        async with self._snapshot.connect() as connection:  # an entry between two reads is lost
            first: int | None = (await connection.execute(_FIRST_ENTRY)).scalar()
            return first if first is not None else (await read_head(connection)).sequence + 1

    async def trim_outbox(self, first: int) -> None:
        """See replication.ports.Outbox."""
        async with self._turn, self._writing.begin() as connection:
            await connection.execute(delete(schema.outbox).where(schema.outbox.c.sequence < first))

    async def answer_entries(self) -> int:
        """See replication.ports.Outbox."""
        async with self._engine.connect() as connection:
            return await read_answer_entries(connection)

    async def acknowledgements(self) -> dict[str, int]:
        """See replication.ports.Outbox."""
        async with self._engine.connect() as connection:
            return await read_acknowledgements(connection)

    async def audit_outbox(self, count: int) -> Sequence[tuple[int, str, bytes]]:
        """See port.AuditOutbox."""
        table = schema.audit_outbox
        rows = await self._rows(select(table).order_by(table.c.number).limit(count))
        return [(row.number, row.kind, row.body) for row in rows]

    async def trim_audit_outbox(self, last: int) -> None:
        """See port.AuditOutbox."""
        table = schema.audit_outbox
        async with self._turn, self._writing.begin() as connection:
            await connection.execute(delete(table).where(table.c.number <= last))

    async def waits(self) -> Sequence[Wait]:
        """See replication.ports.ReplicaStore."""
        async with self._engine.connect() as connection:
            return await read_waits(connection)

    async def waiting(self, count: int) -> Sequence[tuple[Wait, SharedState]]:
        """Up to `count` waits with the shared state of their keys, by key ID."""
        async with self._engine.connect() as connection:
            return await read_waiting(connection, count)

    async def evicted(self) -> frozenset[str]:
        """See port.KeyStore."""
        async with self._engine.connect() as connection:
            return await read_evicted(connection)

    async def cursor(self, origin: str) -> Cursor:
        """See replication.ports.ReplicaStore."""
        async with self._engine.connect() as connection:
            return await read_cursor(connection, origin)

    async def _rows(
        self, statement: Executable, bound: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, bound)).all()


def _engine(url: str, threads: Executor) -> AsyncEngine:
    sqlite = url.startswith("sqlite")
    arguments = {"async_creator_fn": partial(InlineConnection, threads=threads)} if sqlite else {}
    engine = create_async_engine(url, connect_args=arguments)
    if sqlite:
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    """A writer takes the write lock at once, so that it cannot fail half-way for another writer.

    A read of one statement needs no transaction.
    """
    begin = connection.get_execution_options().get("keyspan_begin")
    if begin is not None:
        connection.exec_driver_sql(begin)
