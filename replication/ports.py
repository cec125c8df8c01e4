"""What replication needs from outside, as small Protocols with their promises.

`node` provides the store, `replication.redis_stream` and `replication.memory_stream` the stream.
The same contract suite (tests/contract) runs on every form of each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from crypto.material import KeyMaterial
from replication.asks import Ask, Vote
from replication.deletion import Deletion
from replication.digests import Holding
from replication.entries import StreamEntry
from replication.facts import Fact
from replication.offers import ReplicaProperties
from replication.payloads import AuditCheckpointed
from replication.position import Cursor, LogHead, Position
from replication.resync import Resync
from replication.shared import SharedState
from replication.waits import Wait

T = TypeVar("T")

Offload = Callable[[Callable[[], T]], Awaitable[T]]
"""Runs a pure function that takes long (signatures, HPKE) off the event loop."""


class Clock(Protocol):
    """The time, passed in (decision D12)."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        ...


class StreamReader(Protocol):
    """Another region's log as its Redis server keeps it; nothing it says is trusted.

    Every method raises StreamUnavailable when the server does not answer or answers with an error,
    and StreamConflict when what it has under the stream's name is no stream.
    """

    async def read(self, after: str, count: int, wait_seconds: float) -> Sequence[StreamEntry]:
        """Up to `count` entries with IDs above `after`, in order; waits for the first one."""
        ...

    async def last(self) -> StreamEntry | None:
        """The entry with the highest ID that is still there."""
        ...

    async def close(self) -> None:
        """Let the connection go."""
        ...


@dataclass(frozen=True, slots=True)
class StreamShape:
    """What a stream says of itself: how many entries it has and the highest ID it ever had."""

    length: int
    last_id: str


class StreamWriter(Protocol):
    """A region's own log in its own Redis server.

    Every method raises StreamUnavailable when the server does not answer or answers with an error.
    """

    async def append(self, entries: Sequence[StreamEntry]) -> None:
        """Add entries with the IDs they have. StreamConflict if an ID is not above the last one."""
        ...

    async def range(self, start: str, count: int) -> Sequence[StreamEntry]:
        """Up to `count` entries from `start` on, itself included."""
        ...

    async def shape(self) -> StreamShape:
        """Length and last ID; a stream that does not exist has length 0 and last ID "0-0"."""
        ...

    async def trim(self, first: str) -> None:
        """Remove every entry with an ID below `first`."""
        ...

    async def replace(self, batches: Callable[[], Awaitable[Sequence[StreamEntry]]]) -> None:
        """Put what `batches` yields, until it yields nothing, in the place of the whole stream, at
        once: a reader sees the old stream or the new one. IDs start anew.
        """
        ...

    async def close(self) -> None:
        """Let the connection go."""
        ...


class Outbox(Protocol):
    """The entries of a region's own log that its key store still keeps; read by the publisher."""

    async def log_head(self) -> LogHead:
        """The end of the log."""
        ...

    async def outbox(self, first: int, count: int) -> Sequence[StreamEntry]:
        """Up to `count` kept entries from sequence number `first` on, in order."""
        ...

    async def outbox_first(self) -> int:
        """The number of the first kept entry; one more than the head's if none is kept."""
        ...

    async def trim_outbox(self, first: int) -> None:
        """Forget every entry below `first`."""
        ...

    async def answer_entries(self) -> int:
        """How many entries an answer to a resync request would have now, at the most."""
        ...

    async def acknowledgements(self) -> dict[str, int]:
        """How far each peer has acknowledged this region's log; peers never heard of are absent."""
        ...


class ReplicaTransaction(Protocol):
    """One transaction of the key store, as replication uses it: all of it happens, or nothing."""

    async def log_head(self) -> LogHead: ...

    async def log_signer(self) -> str | None:
        """The fingerprint of the identity that signs the log; None before there is a log."""
        ...

    async def append(self, entry: StreamEntry, head: LogHead) -> None:
        """Add an entry of this region's own log to the outbox; `head` is the head after it."""
        ...

    async def begin_log(self, head: LogHead, signer: str) -> None:
        """Forget the log, the outbox and every acknowledgement of it; start from `head`.

        What waited for an entry of it is to be repeated (waits.TO_BE_REPEATED).
        """
        ...

    async def cursor(self, origin: str) -> Cursor:
        """The cursor of an origin; Cursor.unread() if nothing of it was ever read."""
        ...

    async def cursors(self) -> Sequence[Cursor]: ...

    async def put_cursor(self, cursor: Cursor) -> None: ...

    async def put_acknowledged(self, region: str, sequence: int) -> None: ...

    async def acknowledged(self, region: str) -> int:
        """How far `region` has acknowledged this region's log; 0 if never."""
        ...

    async def last_acknowledgement(self) -> Mapping[str, Position]:
        """The positions of other regions' logs that this region acknowledged last."""
        ...

    async def put_last_acknowledgement(self, positions: Mapping[str, Position]) -> None: ...

    async def read_ahead(self, key_ids: Collection[str]) -> None:
        """What follows asks about these keys: read it at once. Answers are the same without it."""
        ...

    async def shared(self, key_id: str) -> SharedState | None:
        """The shared state of this region's related key."""
        ...

    async def deletion(self, key_id: str) -> Deletion | None:
        """That this region's key of that ID was deleted, if it was and is not held again."""
        ...

    async def put_deletion(self, key_id: str, deletion: Deletion) -> None: ...

    async def deleted_replicas(self) -> Sequence[str]:
        """The IDs of the replica keys that this region deleted and does not hold again."""
        ...

    async def gone(self, key_id: str) -> Mapping[str, Position]:
        """The regions that have deleted their key of the set, as far as this region has heard, with
        the entry of their log that said so. Kept with this region's key.
        """
        ...

    async def put_gone(self, key_id: str, region: str, at: Position) -> None: ...

    async def delete_gone(self, key_id: str, region: str) -> None:
        """The region holds a key of the set again."""
        ...

    async def create_related_key(
        self,
        shared: SharedState,
        properties: ReplicaProperties,
        materials: Sequence[KeyMaterial],
        now: float,
        request_id: str | None = None,
    ) -> None:
        """Create this region's key of the set, ready for use.

        `request_id` is that of the call in another region that asked for it.
        """
        ...

    async def put_shared(
        self,
        shared: SharedState,
        materials: Sequence[KeyMaterial],
        now: float,
        told_by: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Take over a new version, and hold `materials` too (those held already are left alone).

        What it drops of imported material (imports.dropped) is held no longer. `told_by` is the
        region whose log told of it; None for a change of this region's own. `request_id` is that of
        the call in that region that did it.
        """
        ...

    async def held(self, key_id: str) -> frozenset[str]:
        """The IDs of the materials that this region's key has."""
        ...

    async def add_materials(self, key_id: str, materials: Sequence[KeyMaterial]) -> None:
        """Hold `materials` too; those held already are left alone."""
        ...

    async def waits(self) -> Sequence[Wait]:
        """What this region, as a primary, waits for."""
        ...

    async def put_wait(self, wait: Wait) -> None:
        """Wait for this, and for nothing else of the same key."""
        ...

    async def delete_wait(self, key_id: str) -> None: ...

    async def handed_over(self, key_id: str) -> None:
        """The new primary leads: this region's key is no longer Updating."""
        ...

    async def can_lead(self, key_id: str) -> bool:
        """Whether this region's key can be made the primary: KMS demands that it is Enabled."""
        ...

    async def evicted(self) -> frozenset[str]:
        """The regions that no rotation waits for."""
        ...

    async def vote(self, key_id: str) -> Vote | None:
        """This region's last vote for a primary of the key. It outlives the region's key."""
        ...

    async def put_vote(self, vote: Vote, cast: float | None = None) -> None:
        """Keep this vote, and none else of the same key. `cast` is when it is given (epoch
        seconds); None for one that was given before.
        """
        ...

    async def ask(self, key_id: str) -> Ask | None:
        """What this region asked last, to be voted for as the primary of the key."""
        ...

    async def asks(self) -> Sequence[Ask]:
        """Every ask that is kept, by key."""
        ...

    async def put_ask(self, ask: Ask) -> None:
        """Keep this ask, and none else of the same key."""
        ...

    async def delete_ask(self, key_id: str) -> None: ...

    async def related_keys(self, after: str, count: int) -> Sequence[SharedState]:
        """Up to `count` sets of which this region holds a key, with key IDs above `after`, in
        order.
        """
        ...

    async def count_related(self) -> int:
        """Of how many sets this region holds a key."""
        ...

    async def holdings(self, prefix: str) -> Sequence[Holding]:
        """What this region holds of every set whose key ID begins with `prefix`, in order."""
        ...

    async def materials(self, key_id: str) -> Sequence[KeyMaterial]:
        """Every material of this region's key, oldest first."""
        ...

    async def facts(self, keys: Collection[tuple[str, ...]]) -> Sequence[Fact]:
        """What is known of these facts of the directory; those never heard of are absent."""
        ...

    async def all_facts(self) -> Sequence[Fact]:
        """Every fact of the directory, those that were taken back too, by key."""
        ...

    async def put_facts(self, facts: Sequence[Fact]) -> None:
        """Hold these facts in the place of what was known of them."""
        ...

    async def resyncs(self) -> Sequence[Resync]:
        """The last resync that each peer asked for, ended or not."""
        ...

    async def put_witness(self, origin: str, payload: AuditCheckpointed) -> None:
        """Keep what another region says of its audit trail."""
        ...

    async def put_resync(self, resync: Resync) -> None: ...


class ReplicaStore(Outbox, Protocol):
    """A region's key store, as replication uses it."""

    async def waiting(self, after: str, count: int) -> Sequence[tuple[Wait, SharedState]]:
        """Up to `count` waits of this region, as a primary, with the shared state of their keys:
        those of keys above `after`, by key ID."""
        ...

    async def evicted(self) -> frozenset[str]:
        """The regions that no rotation waits for."""
        ...

    async def cursor(self, origin: str) -> Cursor:
        """The cursor of an origin; Cursor.unread() if nothing of it was ever read."""
        ...

    def replica_transaction(self) -> AbstractAsyncContextManager[ReplicaTransaction]:
        """A transaction that commits when the block ends, and does nothing at all if it raises."""
        ...
