"""The store port in memory, for the simulator: with aborts, crashes and old copies.

It keeps the promises of replication/ports.py and node/store/port.py (tests/contract runs the same
suite on it and on SqlStore). Every verb awaits `pause`, so that the simulator can stop, interleave
or abandon a transaction at every point where a real one awaits. What a transaction wrote takes
effect in one assignment at its end; abandoning it before that leaves nothing behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

from crypto.material import KeyMaterial
from node.access.defaults import ADMINISTRATOR_ACCESS
from node.audit.events import InternalEvent
from node.model import lifecycle
from node.model.grant import Grant
from node.model.imports import expiry_due, settled
from node.model.key import Alias, Key, KeyManager, KeyState
from node.model.policy import default_key_policy
from node.model.principal import AttachedPolicy, Credential, Principal
from node.store.fact_rows import fact_subject
from node.store.grant_rows import GrantFilter
from node.store.rows import Subject
from replication.asks import Ask, Vote
from replication.deletion import Deletion
from replication.digests import Holding
from replication.entries import StreamEntry, stream_id
from replication.facts import Fact
from replication.facts import Key as FactKey
from replication.imports import dropped
from replication.offers import ReplicaProperties
from replication.payloads import AuditCheckpointed
from replication.position import Cursor, LogHead, Position
from replication.resync import Resync, answer_entries
from replication.shared import SharedState
from replication.waits import TO_BE_REPEATED, Wait

Pause = Callable[[], Awaitable[None]]
"""Awaited wherever a real store would wait."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """One region's key, as its row has it, with all its material, oldest first."""

    key: Key
    materials: tuple[KeyMaterial, ...]

    @property
    def shared(self) -> SharedState | None:
        """The shared state; None for a single-Region key."""
        return self.key.shared

    @property
    def held(self) -> frozenset[str]:
        """The IDs of its materials."""
        return frozenset(each.material_id for each in self.materials)


@dataclass(slots=True)
class State:
    """Everything that a store holds. Values are frozen; a copy copies the tables alone."""

    head: LogHead | None = None
    signer: str | None = None
    outbox: dict[int, bytes] = field(default_factory=dict)
    acknowledgements: dict[str, int] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    last_acknowledgement: dict[str, Position] = field(default_factory=dict)
    resyncs: dict[str, Resync] = field(default_factory=dict)
    deleted: dict[str, Deletion] = field(default_factory=dict)
    gone: dict[tuple[str, str], Position] = field(default_factory=dict)
    waits: dict[str, Wait] = field(default_factory=dict)
    evicted: dict[str, float] = field(default_factory=dict)
    votes: dict[str, Vote] = field(default_factory=dict)
    asks: dict[str, Ask] = field(default_factory=dict)
    keys: dict[str, HeldKey] = field(default_factory=dict)
    witnesses: dict[str, AuditCheckpointed] = field(default_factory=dict)
    facts: dict[FactKey, Fact] = field(default_factory=dict)
    aliases: dict[tuple[str, str], Alias] = field(default_factory=dict)

    def copy(self) -> State:
        """A state that changes without this one."""
        return State(
            self.head,
            self.signer,
            dict(self.outbox),
            dict(self.acknowledgements),
            dict(self.cursors),
            dict(self.last_acknowledgement),
            dict(self.resyncs),
            dict(self.deleted),
            dict(self.gone),
            dict(self.waits),
            dict(self.evicted),
            dict(self.votes),
            dict(self.asks),
            dict(self.keys),
            dict(self.witnesses),
            dict(self.facts),
            dict(self.aliases),
        )


class MemoryTransaction:
    """One transaction; see node.store.port.Transaction and node.schedule.DueTransaction."""

    def __init__(self, state: State, region: str, pause: Pause) -> None:
        self.state = state
        self.changed: list[tuple[Subject, str]] = []
        self._region = region
        self._pause = pause

    async def log_head(self) -> LogHead:
        """The head, after what this transaction appended."""
        await self._pause()
        return _head(self.state)

    async def log_signer(self) -> str | None:
        """See ports."""
        await self._pause()
        return self.state.signer

    async def append(self, entry: StreamEntry, head: LogHead) -> None:
        """See ports."""
        await self._pause()
        self.state.outbox[head.sequence] = entry.data
        self.state.head = head

    async def begin_log(self, head: LogHead, signer: str) -> None:
        """See ports."""
        await self._pause()
        self.state.head, self.state.signer = head, signer
        self.state.outbox, self.state.acknowledgements = {}, {}
        self.state.waits = {
            key_id: replace(each, sequence=TO_BE_REPEATED)
            for key_id, each in self.state.waits.items()
        }

    async def cursor(self, origin: str) -> Cursor:
        """See ports."""
        await self._pause()
        return self.state.cursors.get(origin, Cursor.unread(origin))

    async def cursors(self) -> Sequence[Cursor]:
        """See ports."""
        await self._pause()
        return [each for _, each in sorted(self.state.cursors.items())]

    async def put_cursor(self, cursor: Cursor) -> None:
        """See ports."""
        await self._pause()
        self.state.cursors[cursor.origin] = cursor

    async def put_acknowledged(self, region: str, sequence: int) -> None:
        """See ports."""
        await self._pause()
        self.state.acknowledgements[region] = sequence

    async def acknowledged(self, region: str) -> int:
        """See ports."""
        await self._pause()
        return self.state.acknowledgements.get(region, 0)

    async def last_acknowledgement(self) -> Mapping[str, Position]:
        """See ports."""
        await self._pause()
        return dict(self.state.last_acknowledgement)

    async def put_last_acknowledgement(self, positions: Mapping[str, Position]) -> None:
        """See ports."""
        await self._pause()
        self.state.last_acknowledgement.update(positions)

    async def read_ahead(self, key_ids: Collection[str]) -> None:
        """See ports."""
        await self._pause()

    async def shared(self, key_id: str) -> SharedState | None:
        """See ports."""
        await self._pause()
        key = self.state.keys.get(key_id)
        return None if key is None else key.shared

    async def deletion(self, key_id: str) -> Deletion | None:
        """See ports."""
        await self._pause()
        return self.state.deleted.get(key_id)

    async def put_deletion(self, key_id: str, deletion: Deletion) -> None:
        """See ports."""
        await self._pause()
        self.state.deleted[key_id] = deletion

    async def deleted_replicas(self) -> Sequence[str]:
        """See ports."""
        await self._pause()
        return sorted(self.state.deleted)

    async def gone(self, key_id: str) -> Mapping[str, Position]:
        """See ports."""
        await self._pause()
        return {
            region: at for (key, region), at in sorted(self.state.gone.items()) if key == key_id
        }

    async def put_gone(self, key_id: str, region: str, at: Position) -> None:
        """See ports."""
        await self._pause()
        self.state.gone[key_id, region] = at

    async def delete_gone(self, key_id: str, region: str) -> None:
        """See ports."""
        await self._pause()
        self.state.gone.pop((key_id, region), None)

    async def create_related_key(
        self,
        shared: SharedState,
        properties: ReplicaProperties,
        materials: Sequence[KeyMaterial],
        now: float,
        request_id: str | None = None,
    ) -> None:
        """See ports."""
        key = Key(
            account=shared.account,
            region=self._region,
            key_id=shared.key_id,
            key_spec=shared.key_spec,
            key_usage=shared.key_usage,
            origin=shared.origin,
            manager=KeyManager.CUSTOMER,
            created=now,
            description=properties.description,
            policy=properties.policy or default_key_policy(shared.account),
            tags=properties.tags,
            state=KeyState.ENABLED,
            shared=shared,
        )
        await self.add_key(settled(key), materials)
        self.state.deleted.pop(shared.key_id, None)

    async def put_shared(
        self,
        shared: SharedState,
        materials: Sequence[KeyMaterial],
        now: float,
        told_by: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """See ports."""
        await self.add_materials(shared.key_id, materials)
        held = self.state.keys[shared.key_id]
        if held.shared is not None:
            await self.delete_materials(shared.key_id, dropped(held.shared, shared))
        await self.put_key(lifecycle.shared_changed(held.key, shared, now))

    async def held(self, key_id: str) -> frozenset[str]:
        """See ports."""
        await self._pause()
        key = self.state.keys.get(key_id)
        return frozenset() if key is None else key.held

    async def add_materials(self, key_id: str, materials: Sequence[KeyMaterial]) -> None:
        """See ports."""
        held = await self.held(key_id)
        if key_id not in self.state.keys:
            raise LookupError(f"no key {key_id}")
        key = self.state.keys[key_id]
        new = tuple(each for each in materials if each.material_id not in held)
        self.state.keys[key_id] = replace(key, materials=key.materials + new)
        self.changed.append((Subject.KEY, key_id))

    async def delete_materials(self, key_id: str, material_ids: Collection[str]) -> None:
        """See port."""
        await self._pause()
        held = self.state.keys[key_id]
        kept = tuple(each for each in held.materials if each.material_id not in material_ids)
        self.state.keys[key_id] = replace(held, materials=kept)
        self.changed.append((Subject.KEY, key_id))

    def note(self, event: InternalEvent, now: float) -> None:
        """See port; nobody audits here."""

    async def waits(self) -> Sequence[Wait]:
        """See ports."""
        await self._pause()
        return [each for _, each in sorted(self.state.waits.items())]

    async def put_wait(self, wait: Wait) -> None:
        """See ports."""
        await self._pause()
        self.state.waits[wait.key_id] = wait

    async def delete_wait(self, key_id: str) -> None:
        """See ports."""
        await self._pause()
        self.state.waits.pop(key_id, None)

    async def handed_over(self, key_id: str) -> None:
        """See ports."""
        await self._pause()
        held = self.state.keys.get(key_id)
        if held is not None:
            await self.put_key(lifecycle.handed_over(held.key))

    async def can_lead(self, key_id: str) -> bool:
        """See ports."""
        await self._pause()
        held = self.state.keys.get(key_id)
        return held is not None and lifecycle.can_lead(held.key)

    async def evicted(self) -> frozenset[str]:
        """See ports."""
        await self._pause()
        return frozenset(self.state.evicted)

    async def vote(self, key_id: str) -> Vote | None:
        """See ports."""
        await self._pause()
        return self.state.votes.get(key_id)

    async def put_vote(self, vote: Vote, cast: float | None = None) -> None:
        """See ports."""
        await self._pause()
        self.state.votes[vote.key_id] = vote

    async def ask(self, key_id: str) -> Ask | None:
        """See ports."""
        await self._pause()
        return self.state.asks.get(key_id)

    async def asks(self) -> Sequence[Ask]:
        """See ports."""
        await self._pause()
        return [each for _, each in sorted(self.state.asks.items())]

    async def put_ask(self, ask: Ask) -> None:
        """See ports."""
        await self._pause()
        self.state.asks[ask.key_id] = ask

    async def delete_ask(self, key_id: str) -> None:
        """See ports."""
        await self._pause()
        self.state.asks.pop(key_id, None)

    async def related_keys(self, after: str, count: int) -> Sequence[SharedState]:
        """See ports."""
        await self._pause()
        keys = (key for key_id, key in sorted(self.state.keys.items()) if key_id > after)
        return [key.shared for key in keys if key.shared is not None][:count]

    async def count_related(self) -> int:
        """See ports."""
        await self._pause()
        return sum(1 for key in self.state.keys.values() if key.shared is not None)

    async def holdings(self, prefix: str) -> Sequence[Holding]:
        """See ports."""
        await self._pause()
        return [
            Holding(key.shared, frozenset(each.material_id for each in key.materials))
            for key_id, key in sorted(self.state.keys.items())
            if key.shared is not None and key_id.startswith(prefix)
        ]

    async def materials(self, key_id: str) -> Sequence[KeyMaterial]:
        """See ports."""
        await self._pause()
        key = self.state.keys.get(key_id)
        return [] if key is None else list(key.materials)

    async def facts(self, keys: Collection[FactKey]) -> Sequence[Fact]:
        """See ports."""
        await self._pause()
        return [self.state.facts[key] for key in keys if key in self.state.facts]

    async def all_facts(self) -> Sequence[Fact]:
        """See ports."""
        await self._pause()
        return [each for _, each in sorted(self.state.facts.items())]

    async def put_facts(self, facts: Sequence[Fact]) -> None:
        """See ports."""
        await self._pause()
        self.state.facts |= {each.key: each for each in facts}
        self.changed += [(Subject.FACT, fact_subject(each.key)) for each in facts]

    async def resyncs(self) -> Sequence[Resync]:
        """See ports."""
        await self._pause()
        return [each for _, each in sorted(self.state.resyncs.items())]

    async def put_resync(self, resync: Resync) -> None:
        """See ports."""
        await self._pause()
        self.state.resyncs[resync.receiver] = resync

    async def put_witness(self, origin: str, payload: AuditCheckpointed) -> None:
        """See ports."""
        await self._pause()
        self.state.witnesses[origin] = payload

    # What operations and the schedule do beside; see node.store.port and node.schedule.

    async def key(self, account: str, key_id: str) -> Key | None:
        """See port."""
        await self._pause()
        held = self.state.keys.get(key_id)
        return held.key if held is not None and held.key.account == account else None

    async def has_keys(self, account: str, number: int) -> bool:
        """See port."""
        await self._pause()
        return len(self.state.keys) >= number

    async def add_key(self, key: Key, materials: Sequence[KeyMaterial]) -> None:
        """See port."""
        await self._pause()
        if key.key_id in self.state.keys:
            raise ValueError(f"{key.key_id} is there already")
        self.state.keys[key.key_id] = HeldKey(key, tuple(materials))
        self.changed.append((Subject.KEY, key.key_id))

    async def put_key(self, key: Key) -> None:
        """See port."""
        await self._pause()
        self.state.keys[key.key_id] = replace(self.state.keys[key.key_id], key=key)
        self.changed.append((Subject.KEY, key.key_id))

    async def delete_key(self, key: Key) -> None:
        """See port."""
        await self._pause()
        del self.state.keys[key.key_id]
        self.state.gone = {
            named: at for named, at in self.state.gone.items() if named[0] != key.key_id
        }
        self.state.aliases = {
            name: each for name, each in self.state.aliases.items() if each.key_id != key.key_id
        }
        self.changed.append((Subject.KEY, key.key_id))

    async def alias(self, account: str, name: str) -> Alias | None:
        """See port."""
        await self._pause()
        return self.state.aliases.get((account, name))

    async def put_alias(self, alias: Alias) -> None:
        """See port."""
        await self._pause()
        self.state.aliases[alias.account, alias.name] = alias

    async def delete_alias(self, alias: Alias) -> None:
        """See port."""
        await self._pause()
        del self.state.aliases[alias.account, alias.name]

    async def count_aliases(self, key_id: str) -> int:
        """See port."""
        await self._pause()
        return sum(each.key_id == key_id for each in self.state.aliases.values())

    async def put_evicted(self, region: str, since: float) -> None:
        """See port."""
        await self._pause()
        self.state.evicted[region] = since

    async def delete_evicted(self, region: str) -> None:
        """See port."""
        await self._pause()
        self.state.evicted.pop(region, None)

    async def grant(self, grant_id: str) -> Grant | None:
        """See port; nobody makes grants here."""
        return None

    async def grants_named(self, key_id: str, name: str) -> Sequence[Grant]:
        """See port; nobody makes grants here."""
        return []

    async def count_grants(self, key_id: str) -> int:
        """See port; nobody makes grants here."""
        return 0

    async def add_grant(self, grant: Grant) -> None:
        """See port; nobody makes grants here."""
        raise NotImplementedError

    async def delete_grant(self, grant: Grant) -> None:
        """See port; nobody makes grants here."""
        raise NotImplementedError

    async def put_identity_policy(
        self, account: str, principal_arn: str, policy: AttachedPolicy
    ) -> None:
        """See port; everyone is an administrator here."""

    async def delete_identity_policy(self, principal_arn: str, name: str) -> None:
        """See port; everyone is an administrator here."""

    async def put_credential(self, credential: Credential) -> None:
        """See port; nobody signs requests here."""

    async def due_deletions(self, now: float, count: int) -> Sequence[Key]:
        """See node.schedule."""
        await self._pause()
        due = [each.key for each in self._keys() if (each.key.deletion_date or now + 1) <= now]
        return due[:count]

    async def due_rotations(self, now: float, count: int) -> Sequence[Key]:
        """See node.schedule."""
        await self._pause()
        keys = [each.key for each in self._keys()]
        return [each for each in keys if (lifecycle.rotation_due(each) or now + 1) <= now][:count]

    async def due_expiries(self, now: float, count: int) -> Sequence[Key]:
        """See node.schedule."""
        await self._pause()
        keys = [each.key for each in self._keys()]
        return [each for each in keys if (expiry_due(each) or now + 1) <= now][:count]

    def _keys(self) -> list[HeldKey]:
        return [each for _, each in sorted(self.state.keys.items())]


CommitHook = Callable[[State, State], None]
"""Told the state before and after a commit; what it raises stops the simulation."""


def _unwatched(before: State, after: State) -> None:
    """The hook of a store that nobody watches."""


class MemoryStore:
    """One region's key store in memory; see node.store.port.KeyStore and replication.ports."""

    def __init__(self, region: str, pause: Pause, on_commit: CommitHook = _unwatched) -> None:
        self.state = State()
        self.before: State | None = None  # as it was before the last commit
        self._region = region
        self._pause = pause
        self._on_commit = on_commit
        self._writing = False
        self._changes: list[tuple[Subject, str]] = []
        self._committed: list[Callable[[], Awaitable[None]]] = []

    def after_commit(self, follow: Callable[[], Awaitable[None]]) -> None:
        """Call `follow` after each transaction, before its caller goes on; nobody else."""
        self._committed = [follow]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        """One writer at a time; the others wait for their turn."""
        while self._writing:
            await self._pause()
        self._writing = True
        try:
            transaction = MemoryTransaction(self.state.copy(), self._region, self._pause)
            yield transaction
            await self._pause()
            self._commit(transaction)
        finally:
            self._writing = False
        await self._pause()  # committed, but the caller may never hear of it
        for follow in self._committed:
            await follow()

    def replica_transaction(self) -> AbstractAsyncContextManager[MemoryTransaction]:
        """See ports.ReplicaStore."""
        return self.transaction()

    def put_back(self, copy: State) -> None:
        """The disk was lost (an empty state) or restored from an old copy."""
        self.state = copy.copy()

    async def log_head(self) -> LogHead:
        """See ports.Outbox."""
        await self._pause()
        return _head(self.state)

    async def outbox(self, first: int, count: int) -> Sequence[StreamEntry]:
        """See ports.Outbox."""
        await self._pause()
        numbers = sorted(each for each in self.state.outbox if each >= first)[:count]
        return [StreamEntry(stream_id(each), self.state.outbox[each]) for each in numbers]

    async def outbox_first(self) -> int:
        """See ports.Outbox."""
        await self._pause()
        return min(self.state.outbox, default=_head(self.state).sequence + 1)

    async def trim_outbox(self, first: int) -> None:
        """See ports.Outbox."""
        async with self.replica_transaction() as transaction:
            kept = {key: data for key, data in transaction.state.outbox.items() if key >= first}
            transaction.state.outbox = kept

    async def answer_entries(self) -> int:
        """See ports.Outbox."""
        await self._pause()
        state = self.state
        sets = sum(1 for key in state.keys.values() if key.shared is not None)
        return answer_entries(sets, len(state.facts), len(state.deleted))

    async def acknowledgements(self) -> dict[str, int]:
        """See ports.Outbox."""
        await self._pause()
        return dict(self.state.acknowledgements)

    async def waiting(self, after: str, count: int) -> Sequence[tuple[Wait, SharedState]]:
        """See ports.ReplicaStore."""
        await self._pause()
        found = [
            (wait, key.shared)
            for key_id, wait in sorted(self.state.waits.items())
            if (key := self.state.keys.get(key_id)) is not None
            and key.shared is not None
            and key_id > after
        ]
        return found[:count]

    async def evicted(self) -> frozenset[str]:
        """See ports.ReplicaStore."""
        await self._pause()
        return frozenset(self.state.evicted)

    async def cursor(self, origin: str) -> Cursor:
        """See ports.ReplicaStore."""
        await self._pause()
        return self.state.cursors.get(origin, Cursor.unread(origin))

    # What the view, the schedule and the status read. The view's reads do not pause: it holds an
    # asyncio.Lock meanwhile, and there is no event loop here that could wait for one.

    async def read_key(
        self, key_id: str, known: Collection[str] = ()
    ) -> tuple[Key, Mapping[str, KeyMaterial | None]] | None:
        """See node.hot.view."""
        held = self.state.keys.get(key_id)
        if held is None:
            return None
        return held.key, {
            each.material_id: None if each.material_id in known else each for each in held.materials
        }

    async def read_alias(self, account: str, name: str) -> Alias | None:
        """See node.hot.view."""
        return self.state.aliases.get((account, name))

    async def read_credential(self, access_key_id: str) -> Credential | None:
        """See node.hot.view."""
        return None

    async def read_aliases(self, key_id: str) -> tuple[str, ...]:
        """See node.hot.view."""
        return tuple(each.name for each in self.state.aliases.values() if each.key_id == key_id)

    async def read_grants(self, key_id: str) -> Sequence[Grant]:
        """See node.hot.view; nobody makes grants here."""
        return []

    async def read_grant(self, grant_id: str) -> Grant | None:
        """See node.hot.view."""
        return None

    async def read_identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        """See node.hot.view; everyone who asks is an administrator here."""
        return (ADMINISTRATOR_ACCESS,)

    async def read_lasting_principals(self) -> Sequence[Principal]:
        """See node.hot.view."""
        return []

    async def read_facts(self) -> Sequence[Fact]:
        """See node.hot.shelf."""
        return list(self.state.facts.values())

    async def read_facts_of(self, prefix: str) -> Sequence[Fact]:
        """See node.hot.sessions."""
        return [each for each in self.state.facts.values() if each.key[0] == prefix]

    async def read_fact(self, key: FactKey) -> Fact | None:
        """See node.hot.shelf."""
        return self.state.facts.get(key)

    async def last_change(self) -> int:
        """See node.hot.view."""
        return len(self._changes)

    async def read_changes(self, after: int) -> tuple[int, Sequence[tuple[Subject, str]] | None]:
        """See node.hot.view."""
        return len(self._changes), self._changes[after:]

    async def trim_changes(self) -> None:
        """See node.schedule."""

    async def next_due(self) -> float | None:
        """See node.schedule."""
        await self._pause()
        keys = [each.key for each in self.state.keys.values()]
        due = [each.deletion_date for each in keys] + [
            lifecycle.rotation_due(each) for each in keys
        ]
        return min((each for each in due if each is not None), default=None)

    async def list_keys(self, account: str, after: str, count: int) -> Sequence[str]:
        """See port."""
        await self._pause()
        return [key_id for key_id in sorted(self.state.keys) if key_id > after][:count]

    async def list_aliases(
        self, account: str, key_id: str | None, after: str, count: int
    ) -> Sequence[Alias]:
        """See port."""
        await self._pause()
        found = [each for _, each in sorted(self.state.aliases.items()) if each.name > after]
        return [each for each in found if key_id in (None, each.key_id)][:count]

    async def list_grants(self, wanted: GrantFilter, after: str, count: int) -> Sequence[Grant]:
        """See port; nobody makes grants here."""
        return []

    async def count_keys(self) -> dict[str, int]:
        """See node.operations.status."""
        await self._pause()
        return dict(Counter(each.key.state.value for each in self.state.keys.values()))

    def _commit(self, transaction: MemoryTransaction) -> None:
        before, self.state = self.state, transaction.state
        self.before = before
        self._changes += transaction.changed
        self._on_commit(before, self.state)


def _head(state: State) -> LogHead:
    if state.head is None:
        raise LookupError("there is no log yet")
    return state.head
