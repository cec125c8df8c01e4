"""The key store in an SQLite file. A change, its log entry and its cursor are one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import bindparam, delete, func, select

from crypto.material import KeyMaterial
from crypto.sealing import sealed_under
from node.model.grant import Grant
from node.model.key import Alias, Key
from node.model.principal import AttachedPolicy, Credential, Principal
from node.store import schema
from node.store.alias_rows import (
    ALIAS,
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
)
from node.store.decoded import DecodedKeys
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
    read_grant,
    read_grants,
    read_listed_grants,
)
from node.store.identity_rows import IDENTITY_POLICIES, IdentityRows
from node.store.inline_sqlite import Connection, connected
from node.store.key_rows import KeyRows, read_key, read_unknown
from node.store.log_rows import (
    LogRows,
    read_acknowledgements,
    read_answer_entries,
    read_head,
    read_outbox,
)
from node.store.migrate import migrate_file
from node.store.own_thread import OwnThread
from node.store.rows import Sealer, Subject
from node.store.statements import THIS, Statement
from node.store.vote_rows import VoteRows
from node.store.warm import memory_of_the_machine, warm
from replication.entries import StreamEntry
from replication.facts import Fact
from replication.facts import Key as FactKey
from replication.position import Cursor, LogHead
from replication.shared import SharedState
from replication.waits import Wait

logger = logging.getLogger("keyspan.store")
CHANGES_KEPT: Final = 10_000
_NEXT_DUE: Final = Statement(  # each by its index: together they would read every key
    select(
        *(
            select(func.min(column)).where(column.is_not(None)).scalar_subquery()
            for column in (
                schema.keys.c.deletion_date,
                schema.keys.c.rotation_due,
                schema.keys.c.expiry_due,
            )
        )
    )
)
_LIST: Final = Statement(
    select(schema.keys.c.key_id)
    .where(schema.keys.c.account == bindparam("account"))
    .where(schema.keys.c.key_id > bindparam("after"))
    .order_by(schema.keys.c.key_id)
    .limit(bindparam("count"))
)
_COUNTS: Final = Statement(
    select(
        schema.key_counts.c.state, func.sum(schema.key_counts.c.number).label("number")
    ).group_by(schema.key_counts.c.state)
)
_ALIASES: Final = schema.aliases.c
_ALIASES_LISTED: Final = (
    select(schema.aliases)
    .where(_ALIASES.account == bindparam("account"), _ALIASES.name > bindparam("after"))
    .order_by(_ALIASES.name)
    .limit(bindparam("count"))
)
_LIST_ALIASES: Final = Statement(_ALIASES_LISTED)
_LIST_ALIASES_OF: Final = Statement(_ALIASES_LISTED.where(_ALIASES.key_id == THIS))
_ALIAS_NAMES: Final = Statement(select(_ALIASES.name).where(_ALIASES.key_id == THIS))
_ANY_MATERIAL: Final = Statement(select(schema.materials.c.sealed).limit(1))
_CREDENTIAL: Final = Statement(
    select(schema.access_keys).where(schema.access_keys.c.access_key_id == THIS)
)
_FIRST_ENTRY: Final = Statement(select(func.min(schema.outbox.c.sequence)))
_TRIM_ENTRIES: Final = Statement(
    delete(schema.outbox).where(schema.outbox.c.sequence < bindparam("first"))
)
_CHANGES: Final = Statement(
    select(schema.changes)
    .where(schema.changes.c.counter > bindparam("after"))
    .order_by(schema.changes.c.counter)
)
_LAST_CHANGE: Final = Statement(select(func.max(schema.changes.c.counter)))
_TRIM_CHANGES: Final = Statement(
    delete(schema.changes).where(schema.changes.c.counter <= bindparam("last"))
)
_FOR_AUDIT: Final = Statement(
    select(schema.audit_outbox).order_by(schema.audit_outbox.c.number).limit(bindparam("count"))
)
_TRIM_AUDIT: Final = Statement(
    delete(schema.audit_outbox).where(schema.audit_outbox.c.number <= bindparam("last"))
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

    def __init__(self, file: Path, sealer: Sealer) -> None:
        self._file = file
        self._sealer = sealer
        self._decoded = DecodedKeys(sealer.region)
        self._thread = OwnThread("store")  # one is enough: SQLite has one writer
        self._turn = asyncio.Lock()  # and waiting for it here beats SQLITE_BUSY
        self._opened: tuple[Connection, Connection] | None = None
        self._committed: list[Callable[[], Awaitable[None]]] = []
        self._appended: list[Callable[[], None]] = []
        self._noted: list[Callable[[], None]] = []

    async def open(self) -> None:
        """Bring the schema up to date."""
        migrate_file(self._file)

    async def warm(self) -> None:
        """Have the operating system hold the file in memory, as far as half of it goes."""
        try:
            await warm(self._file, memory_of_the_machine() // 2)
        except OSError as error:  # what is not in memory is read when it is asked for
            logger.warning("%s could not be read ahead (%s)", self._file, error.strerror)

    async def close(self) -> None:
        """Let every connection go."""
        for connection in self._opened or ():
            connection.close()
        self._opened = None
        self._thread.close()

    def after_commit(self, follow: Callable[[], Awaitable[None]]) -> None:
        """Call `follow` after each transaction of this process, before its caller goes on."""
        self._committed.append(follow)

    def when_appended(self, ring: Callable[[], None]) -> None:
        """Call `ring` after each transaction that appended to the region's log. Whoever it wakes
        has a turn of the event loop before the caller goes on: other regions wait longest.
        """
        self._appended.append(ring)

    def when_noted(self, ring: Callable[[], None]) -> None:
        """Call `ring` after each transaction that has something for the audit trail."""
        self._noted.append(ring)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """See port.KeyStore."""
        async with self._turn, self._writing.transaction():
            transaction = SqlTransaction(self._writing, self._sealer, self._decoded)
            yield transaction
            await transaction.flush()
        for follow in self._committed:  # first, as it is short: who asks now is shown the change
            await follow()
        if transaction.appended:
            for ring in self._appended:
                ring()
            await asyncio.sleep(0)  # the publisher's turn, before the caller's
        if transaction.noted:
            for ring in self._noted:
                ring()

    def replica_transaction(self) -> AbstractAsyncContextManager[SqlTransaction]:
        """See replication.ports.ReplicaStore."""
        return self.transaction()

    async def list_keys(self, account: str, after: str, count: int) -> Sequence[str]:
        """See port.KeyStore."""
        bound = {"account": account, "after": after, "count": count}
        return [row.key_id for row in await self._reading.rows(_LIST, bound)]

    async def list_aliases(
        self, account: str, key_id: str | None, after: str, count: int
    ) -> Sequence[Alias]:
        """See port.KeyStore."""
        bound = {"account": account, "after": after, "count": count, "this": key_id}
        statement = _LIST_ALIASES if key_id is None else _LIST_ALIASES_OF
        return [alias_of(row) for row in await self._reading.rows(statement, bound)]

    async def next_due(self) -> float | None:
        """When the next deletion, rotation or expiry is due (epoch seconds); None if none is."""
        soonest = await self._reading.first(_NEXT_DUE) or ()
        return min((each for each in soonest if each is not None), default=None)

    async def list_grants(self, wanted: GrantFilter, after: str, count: int) -> Sequence[Grant]:
        """See port.KeyStore."""
        return await read_listed_grants(self._reading, wanted, after, count)

    async def count_keys(self) -> dict[str, int]:
        """How many keys are in each state."""
        rows = await self._reading.rows(_COUNTS)
        return {row.state: int(row.number) for row in rows if row.number}

    async def read_key(
        self, key_id: str, known: Collection[str] = ()
    ) -> tuple[Key, Mapping[str, KeyMaterial | None]] | None:
        """A key and its materials by their IDs, for the in-memory view; None in the place of those
        that are `known`, as what an ID names never changes, and opening a seal costs something.
        """
        with self._reading.snapshot():
            key = await read_key(self._reading, self._decoded, key_id)
            if key is None:
                return None
            return key, await read_unknown(self._reading, self._sealer, key_id, known)

    async def unknown_root_key(self) -> str | None:
        """The ID of a root key that the store needs and the ring lacks; looks at one material."""
        sealed_by = [sealed_under(row.sealed) for row in await self._reading.rows(_ANY_MATERIAL)]
        unknown = [each for each in sealed_by if each not in self._sealer.ring.root_key_ids]
        return unknown[0] if unknown else None

    async def read_alias(self, account: str, name: str) -> Alias | None:
        """An alias, for the in-memory view."""
        row = await self._reading.first(ALIAS, {"account": account, "this": name})
        return None if row is None else alias_of(row)

    async def read_credential(self, access_key_id: str) -> Credential | None:
        """An access key, for the in-memory view."""
        row = await self._reading.first(_CREDENTIAL, {"this": access_key_id})
        return None if row is None else credential_of(row, self._sealer)

    async def read_aliases(self, key_id: str) -> tuple[str, ...]:
        """The names of a key's aliases, for the in-memory view."""
        rows = await self._reading.rows(_ALIAS_NAMES, {"this": key_id})
        return tuple(row.name for row in rows)

    async def read_grants(self, key_id: str) -> Sequence[Grant]:
        """Every grant of a key, for the in-memory view."""
        return await read_grants(self._reading, key_id)

    async def read_grant(self, grant_id: str) -> Grant | None:
        """A grant, for the in-memory view."""
        return await read_grant(self._reading, grant_id)

    async def read_identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        """The policies attached to a user or role, for the in-memory view."""
        rows = await self._reading.rows(IDENTITY_POLICIES, {"this": principal_arn})
        return tuple(AttachedPolicy(row.name, row.document) for row in rows)

    async def read_facts(self) -> Sequence[Fact]:
        """Every fact of the directory without its secret, for the in-memory view."""
        return [fact_without_secret(row) for row in await self._reading.rows(FACTS_WITHOUT_SECRETS)]

    async def read_facts_of(self, prefix: str) -> Sequence[Fact]:
        """The facts whose keys begin with this part, with their secrets, for the in-memory view."""
        rows = await self._reading.rows(FACTS_OF, {"begin": fact_subject((prefix, ""))})
        return [fact_of(row, self._sealer) for row in rows]

    async def read_fact(self, key: FactKey) -> Fact | None:
        """A fact of the directory with its secret, for the in-memory view."""
        row = await self._reading.first(FACT, {"this": fact_subject(key)})
        return None if row is None else fact_of(row, self._sealer)

    async def read_lasting_principals(self) -> Sequence[Principal]:
        """The principals whose access keys the settings, or a seed, gave."""
        return [principal_of(row) for row in await self._reading.rows(LASTING_PRINCIPALS)]

    async def read_changes(self, after: int) -> tuple[int, Sequence[tuple[Subject, str]] | None]:
        """The change counter, and what changed since it stood at `after`; None for too much."""
        rows = await self._reading.rows(_CHANGES, {"after": after})
        if not rows:
            return after, ()
        counter: int = rows[-1].counter
        if rows[0].counter != after + 1:
            return counter, None
        return counter, [(Subject(row.kind), row.subject) for row in rows]

    async def last_change(self) -> int:
        """Where the change counter stands."""
        return await self._reading.value(_LAST_CHANGE) or 0

    async def trim_changes(self) -> None:
        """Forget changes that every view has long seen; one that has not starts afresh."""
        async with self._turn, self._writing.transaction():
            last = await self._writing.value(_LAST_CHANGE) or 0
            await self._writing.run(_TRIM_CHANGES, {"last": last - CHANGES_KEPT})

    async def log_head(self) -> LogHead:
        """See replication.ports.Outbox."""
        return await read_head(self._reading)

    async def outbox(self, first: int, count: int) -> Sequence[StreamEntry]:
        """See replication.ports.Outbox."""
        return await read_outbox(self._reading, first, count)

    async def outbox_first(self) -> int:
        """See replication.ports.Outbox."""
        with self._reading.snapshot():  # an entry between two reads is lost
            first: int | None = await self._reading.value(_FIRST_ENTRY)
            return first if first is not None else (await read_head(self._reading)).sequence + 1

    async def trim_outbox(self, first: int) -> None:
        """See replication.ports.Outbox."""
        async with self._turn, self._writing.transaction():
            await self._writing.run(_TRIM_ENTRIES, {"first": first})

    async def answer_entries(self) -> int:
        """See replication.ports.Outbox."""
        return await read_answer_entries(self._reading)

    async def acknowledgements(self) -> dict[str, int]:
        """See replication.ports.Outbox."""
        return await read_acknowledgements(self._reading)

    async def audit_outbox(self, count: int) -> Sequence[tuple[int, str, bytes]]:
        """See port.AuditOutbox."""
        rows = await self._reading.rows(_FOR_AUDIT, {"count": count})
        return [(row.number, row.kind, row.body) for row in rows]

    async def trim_audit_outbox(self, last: int) -> None:
        """See port.AuditOutbox."""
        async with self._turn, self._writing.transaction():
            await self._writing.run(_TRIM_AUDIT, {"last": last})

    async def waiting(self, after: str, count: int) -> Sequence[tuple[Wait, SharedState]]:
        """See replication.ports.ReplicaStore."""
        return await read_waiting(self._reading, after, count)

    async def evicted(self) -> frozenset[str]:
        """See port.KeyStore."""
        return await read_evicted(self._reading)

    async def cursor(self, origin: str) -> Cursor:
        """See replication.ports.ReplicaStore."""
        return await read_cursor(self._reading, origin)

    @property
    def _reading(self) -> Connection:
        return self._connections[0]

    @property
    def _writing(self) -> Connection:
        return self._connections[1]

    @property
    def _connections(self) -> tuple[Connection, Connection]:
        """One for reads, which see what was committed also while a transaction goes on, and one
        for transactions. They are opened when the first is needed.
        """
        if self._opened is None:
            self._opened = self._connect(), self._connect()
        return self._opened

    def _connect(self) -> Connection:
        return Connection(connected(self._file), self._thread)
