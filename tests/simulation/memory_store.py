"""The store port in memory, for the simulator: with aborts, crashes and old copies.

It keeps the promises of replication/ports.py (tests/contract runs the same suite on it and on
SqlStore). Every verb awaits `pause`, so that the simulator can stop, interleave or abandon a
transaction at every point where a real one awaits. What a transaction wrote takes effect in one
assignment at its end; abandoning it before that leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from crypto.material import KeyMaterial
from replication.digests import Holding
from replication.entries import StreamEntry, stream_id
from replication.facts import Fact, Key
from replication.imports import dropped
from replication.offers import ReplicaProperties
from replication.payloads import AuditCheckpointed
from replication.position import Cursor, LogHead, Position
from replication.resync import Resync
from replication.shared import SharedState
from replication.waits import TO_BE_REPEATED, Wait

Pause = Callable[[], Awaitable[None]]
"""Awaited wherever a real store would wait."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """One region's key; `shared` is None for a single-Region key.

    `updating` is an old primary key until the new primary's region knows that it leads.
    """

    key_id: str
    materials: tuple[KeyMaterial, ...]
    shared: SharedState | None = None
    properties: ReplicaProperties = field(default_factory=ReplicaProperties)
    updating: bool = False


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
    deleted: dict[str, int] = field(default_factory=dict)
    waits: dict[str, Wait] = field(default_factory=dict)
    evicted: frozenset[str] = frozenset()
    keys: dict[str, HeldKey] = field(default_factory=dict)
    witnesses: dict[str, AuditCheckpointed] = field(default_factory=dict)
    facts: dict[Key, Fact] = field(default_factory=dict)

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
            dict(self.waits),
            self.evicted,
            dict(self.keys),
            dict(self.witnesses),
            dict(self.facts),
        )


class MemoryTransaction:
    """One transaction; see replication.ports.ReplicaTransaction."""

    def __init__(self, state: State, pause: Pause) -> None:
        self.state = state
        self.notes: list[object] = []  # what the caller wants said when this commits
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

    async def shared(self, key_id: str) -> SharedState | None:
        """See ports."""
        await self._pause()
        key = self.state.keys.get(key_id)
        return None if key is None else key.shared

    async def deleted_at(self, key_id: str) -> int | None:
        """See ports."""
        await self._pause()
        return self.state.deleted.get(key_id)

    async def put_deleted_at(self, key_id: str, sequence: int) -> None:
        """See ports."""
        await self._pause()
        self.state.deleted[key_id] = sequence

    async def deleted_replicas(self) -> Sequence[str]:
        """See ports."""
        await self._pause()
        return sorted(self.state.deleted)

    async def create_related_key(
        self,
        shared: SharedState,
        properties: ReplicaProperties,
        materials: Sequence[KeyMaterial],
        now: float,
    ) -> None:
        """See ports."""
        await self.add_key(HeldKey(shared.key_id, tuple(materials), shared, properties))
        self.state.deleted.pop(shared.key_id, None)

    async def put_shared(
        self,
        shared: SharedState,
        materials: Sequence[KeyMaterial],
        now: float,
        told_by: str | None = None,
    ) -> None:
        """See ports."""
        await self.add_materials(shared.key_id, materials)
        key = self.state.keys[shared.key_id]
        new_epoch = key.shared is not None and shared.version.epoch > key.shared.version.epoch
        gone = frozenset() if key.shared is None else dropped(key.shared, shared)
        kept = tuple(each for each in key.materials if each.material_id not in gone)
        changed = replace(
            key, shared=shared, materials=kept, updating=key.updating and not new_epoch
        )
        self.state.keys[shared.key_id] = changed

    async def held(self, key_id: str) -> frozenset[str]:
        """See ports."""
        await self._pause()
        key = self.state.keys.get(key_id)
        return frozenset(() if key is None else (each.material_id for each in key.materials))

    async def add_materials(self, key_id: str, materials: Sequence[KeyMaterial]) -> None:
        """See ports."""
        held = await self.held(key_id)
        if key_id not in self.state.keys:
            raise LookupError(f"no key {key_id}")
        key = self.state.keys[key_id]
        new = tuple(each for each in materials if each.material_id not in held)
        self.state.keys[key_id] = replace(key, materials=key.materials + new)

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
        key = self.state.keys.get(key_id)
        if key is not None:
            self.state.keys[key_id] = replace(key, updating=False)

    async def evicted(self) -> frozenset[str]:
        """See ports."""
        await self._pause()
        return self.state.evicted

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

    async def facts(self, keys: Collection[Key]) -> Sequence[Fact]:
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

    # What operators do to keys; node has its own verbs for this.

    async def add_key(self, key: HeldKey) -> None:
        """Add a key that was not there."""
        await self._pause()
        if key.key_id in self.state.keys:
            raise ValueError(f"{key.key_id} is there already")
        self.state.keys[key.key_id] = key

    async def delete_key(self, key_id: str) -> None:
        """Remove a key and its materials."""
        await self._pause()
        del self.state.keys[key_id]

    async def delete_material(self, key_id: str, material_id: str) -> None:
        """Forget an imported material."""
        await self._pause()
        key = self.state.keys[key_id]
        kept = tuple(each for each in key.materials if each.material_id != material_id)
        self.state.keys[key_id] = replace(key, materials=kept)

    async def put_evicted(self, region: str, since: float) -> None:
        """Wait for a region no longer."""
        await self._pause()
        self.state.evicted |= {region}


CommitHook = Callable[[State, State, Sequence[object]], None]
"""Told the state before and after a commit, and the transaction's notes."""


def _unwatched(before: State, after: State, notes: Sequence[object]) -> None:
    """The hook of a store that nobody watches."""


class MemoryStore:
    """One region's key store in memory; see replication.ports.ReplicaStore."""

    def __init__(self, pause: Pause, on_commit: CommitHook = _unwatched) -> None:
        self.state = State()
        self._pause = pause
        self._on_commit = on_commit
        self._writing = False

    @asynccontextmanager
    async def replica_transaction(self) -> AsyncIterator[MemoryTransaction]:
        """One writer at a time; the others wait for their turn."""
        while self._writing:
            await self._pause()
        self._writing = True
        try:
            transaction = MemoryTransaction(self.state.copy(), self._pause)
            yield transaction
            await self._pause()
            self._commit(transaction)
        finally:
            self._writing = False
        await self._pause()  # committed, but the caller may never hear of it

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

    async def acknowledgements(self) -> dict[str, int]:
        """See ports.Outbox."""
        await self._pause()
        return dict(self.state.acknowledgements)

    async def waits(self) -> Sequence[Wait]:
        """See ports.ReplicaStore."""
        await self._pause()
        return [each for _, each in sorted(self.state.waits.items())]

    async def cursor(self, origin: str) -> Cursor:
        """See ports.ReplicaStore."""
        await self._pause()
        return self.state.cursors.get(origin, Cursor.unread(origin))

    def _commit(self, transaction: MemoryTransaction) -> None:
        before, self.state = self.state, transaction.state
        self._on_commit(before, self.state, transaction.notes)


def _head(state: State) -> LogHead:
    if state.head is None:
        raise LookupError("there is no log yet")
    return state.head
