"""What operations need of the key store, beside what replication does (replication/ports.py)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from crypto.material import KeyMaterial
from node.audit.events import InternalEvent
from node.model.grant import Grant
from node.model.key import Alias, Key
from node.model.principal import AttachedPolicy, Credential
from node.store.grant_rows import GrantFilter
from replication.ports import ReplicaTransaction
from replication.position import Cursor


class Transaction(ReplicaTransaction, Protocol):
    """One transaction of the key store: all of it happens, or nothing."""

    async def key(self, account: str, key_id: str) -> Key | None: ...

    async def add_key(self, key: Key, materials: Sequence[KeyMaterial]) -> None: ...

    async def put_key(self, key: Key) -> None:
        """Replace the row of a key that exists."""
        ...

    async def delete_materials(self, key_id: str, material_ids: Collection[str]) -> None:
        """Remove imported materials of a key; those that it has not are no error."""
        ...

    async def delete_key(self, key: Key) -> None:
        """Remove the key, all its material, aliases and grants, for good."""
        ...

    def note(self, event: InternalEvent, now: float) -> None:
        """Have an event recorded in the audit trail, if this transaction commits."""
        ...

    async def has_keys(self, account: str, number: int) -> bool:
        """Whether an account has so many customer managed keys, whatever their state."""
        ...

    async def alias(self, account: str, name: str) -> Alias | None: ...

    async def put_alias(self, alias: Alias) -> None: ...

    async def delete_alias(self, alias: Alias) -> None: ...

    async def count_aliases(self, key_id: str) -> int: ...

    async def put_evicted(self, region: str, since: float) -> None:
        """Let no rotation wait for a region (epoch seconds)."""
        ...

    async def delete_evicted(self, region: str) -> None:
        """Let rotations wait for a region again."""
        ...

    async def grant(self, grant_id: str) -> Grant | None: ...

    async def grants_named(self, key_id: str, name: str) -> Sequence[Grant]:
        """The grants of a key that have a name."""
        ...

    async def count_grants(self, key_id: str) -> int: ...

    async def add_grant(self, grant: Grant) -> None: ...

    async def delete_grant(self, grant: Grant) -> None: ...

    async def put_identity_policy(
        self, account: str, principal_arn: str, policy: AttachedPolicy
    ) -> None:
        """Attach a policy to a user or role, in the place of one with the same name."""
        ...

    async def delete_identity_policy(self, principal_arn: str, name: str) -> None: ...

    async def put_credential(self, credential: Credential) -> None:
        """Store an access key; its secret is sealed."""
        ...


class AuditOutbox(Protocol):
    """What was committed and is to be written to the audit trail."""

    async def audit_outbox(self, count: int) -> Sequence[tuple[int, str, bytes]]:
        """Up to `count` lines with their numbers and kinds, oldest first."""
        ...

    async def trim_audit_outbox(self, last: int) -> None:
        """Forget every line up to and with number `last`."""
        ...


class KeyStore(Protocol):
    """A region's key store, as operations use it. Reads are outside of any transaction."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that commits when the block ends, and does nothing at all if it raises."""
        ...

    async def cursor(self, origin: str) -> Cursor:
        """The cursor of a peer's log."""
        ...

    async def evicted(self) -> frozenset[str]:
        """The regions that no rotation waits for."""
        ...

    async def list_keys(self, account: str, after: str, count: int) -> Sequence[str]:
        """Up to `count` IDs of keys, those above `after`, in order. An index alone answers."""
        ...

    async def list_aliases(
        self, account: str, key_id: str | None, after: str, count: int
    ) -> Sequence[Alias]:
        """Up to `count` aliases with names above `after`, in order; of one key, or of all."""
        ...

    async def list_grants(self, wanted: GrantFilter, after: str, count: int) -> Sequence[Grant]:
        """Up to `count` grants with IDs above `after`, in order."""
        ...
