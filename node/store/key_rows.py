"""Keys and their material in the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Final

import msgpack
from sqlalchemy import bindparam, delete, func, select

from crypto.material import KeyMaterial
from node.audit import events
from node.model import lifecycle
from node.model.imports import settled
from node.model.key import Key, KeyManager, KeyState
from node.model.policy import default_key_policy
from node.store import schema
from node.store.alias_rows import alias_subject
from node.store.audit_rows import AuditRows
from node.store.decoded import DecodedKeys
from node.store.inline_sqlite import Connection
from node.store.rows import Sealer, Subject
from node.store.statements import THIS, Row, Statement
from replication.digests import Holding
from replication.imports import dropped
from replication.offers import ReplicaProperties
from replication.position import Position
from replication.shared import SharedState, unpack_shared

_KEYS: Final = schema.keys.c
_KEY: Final = Statement(select(schema.keys).where(_KEYS.key_id == THIS))
_ALIASES: Final = Statement(
    select(schema.aliases.c.account, schema.aliases.c.name).where(schema.aliases.c.key_id == THIS)
)
_DELETE_KEY: Final = tuple(
    Statement(delete(table).where(table.c.key_id == THIS))
    for table in (
        schema.aliases,
        schema.grants,
        schema.gone_replicas,
        schema.materials,
        schema.keys,
    )
)
_RELATED: Final = Statement(
    select(_KEYS.shared)
    .where(_KEYS.shared.is_not(None), _KEYS.key_id > bindparam("after"))
    .order_by(_KEYS.key_id)
    .limit(bindparam("count"))
)
_COUNTS: Final = schema.key_counts.c
_COUNT_CUSTOMERS: Final = Statement(
    select(func.sum(_COUNTS.number)).where(
        _COUNTS.account == bindparam("account"), _COUNTS.manager == KeyManager.CUSTOMER.value
    )
)
RELATED_COUNTED: Final = select(func.coalesce(func.sum(_COUNTS.number), 0)).where(_COUNTS.related)
_COUNT_RELATED: Final = Statement(RELATED_COUNTED)
_SLICE: Final = Statement(
    select(_KEYS.shared, schema.materials.c.material_id)
    .select_from(schema.keys.outerjoin(schema.materials))
    .where(_KEYS.shared.is_not(None))
    .where(_KEYS.key_id >= bindparam("first"), _KEYS.key_id < bindparam("beyond"))
    .order_by(_KEYS.key_id)
)
_DUE: Final = Statement(
    select(schema.keys)
    .where(_KEYS.deletion_date <= bindparam("now"))
    .order_by(_KEYS.deletion_date)
    .limit(bindparam("count"))
)
_MATERIALS: Final = Statement(
    select(schema.materials, _KEYS.key_spec)
    .join(schema.keys)
    .where(schema.materials.c.key_id == THIS)
    .order_by(schema.materials.c.position)
)
_DELETE_MATERIAL: Final = Statement(
    delete(schema.materials).where(
        schema.materials.c.key_id == THIS,
        schema.materials.c.material_id == bindparam("material"),
    )
)
_ROTATIONS_DUE: Final = Statement(
    select(schema.keys)
    .where(_KEYS.rotation_due <= bindparam("now"))
    .order_by(_KEYS.rotation_due)
    .limit(bindparam("count"))
)
_EXPIRIES_DUE: Final = Statement(
    select(schema.keys)
    .where(_KEYS.expiry_due <= bindparam("now"))
    .order_by(_KEYS.expiry_due)
    .limit(bindparam("count"))
)
_NOT_GONE: Final = Statement(
    delete(schema.gone_replicas).where(
        schema.gone_replicas.c.key_id == THIS,
        schema.gone_replicas.c.region == bindparam("there"),
    )
)
_HELD_AGAIN: Final = Statement(
    delete(schema.deleted_replicas).where(schema.deleted_replicas.c.key_id == THIS)
)


_BEYOND_HEXADECIMAL: Final = "~"


class KeyRows(AuditRows):
    """The transaction's verbs for keys."""

    async def has_keys(self, account: str, number: int) -> bool:
        """See port.Transaction."""
        connection = await self._keys_written()
        found = await connection.value(_COUNT_CUSTOMERS, {"account": account})
        return (found or 0) >= number

    async def key(self, account: str, key_id: str) -> Key | None:
        """See port.Transaction."""
        key = await self._keys.key(key_id)
        return key if key is not None and key.account == account else None

    async def add_key(self, key: Key, materials: Sequence[KeyMaterial]) -> None:
        """See port.Transaction."""
        self._keys.add(key)
        await self._add_materials(key.key_id, materials)
        self._changed(Subject.KEY, key.key_id)

    async def put_key(self, key: Key) -> None:
        """See port.Transaction."""
        self._keys.put(key)
        self._changed(Subject.KEY, key.key_id)

    async def delete_key(self, key: Key) -> None:
        """See port.Transaction."""
        this = {"this": key.key_id}
        connection = await self._keys_written()
        for account, name in await connection.rows(_ALIASES, this):
            self._changed(Subject.ALIAS, alias_subject(account, name))
        for statement in _DELETE_KEY:
            await connection.run(statement, this)
        self._keys.forget(key.key_id)
        self._changed(Subject.KEY, key.key_id)

    async def read_ahead(self, key_ids: Collection[str]) -> None:
        """See replication.ports.ReplicaTransaction."""
        await self._keys.read_ahead(key_ids)

    async def shared(self, key_id: str) -> SharedState | None:
        """See replication.ports.ReplicaTransaction."""
        key = await self._keys.key(key_id)
        return None if key is None else key.shared

    async def gone(self, key_id: str) -> Mapping[str, Position]:
        """See replication.ports.ReplicaTransaction."""
        return dict(await self._keys.gone(key_id))

    async def put_gone(self, key_id: str, region: str, at: Position) -> None:
        """See replication.ports.ReplicaTransaction."""
        await self._keys_written()
        await self._put(
            schema.gone_replicas,
            {
                "key_id": key_id,
                "region": region,
                "log_id": at.log_id,
                "sequence": at.sequence,
            },
        )
        self._keys.put_gone(key_id, region, at)

    async def delete_gone(self, key_id: str, region: str) -> None:
        """See replication.ports.ReplicaTransaction."""
        await self._connection.run(_NOT_GONE, {"this": key_id, "there": region})
        self._keys.put_gone(key_id, region, None)

    async def create_related_key(
        self,
        shared: SharedState,
        properties: ReplicaProperties,
        materials: Sequence[KeyMaterial],
        now: float,
        request_id: str | None = None,
    ) -> None:
        """See replication.ports.ReplicaTransaction."""
        key = Key(
            account=shared.account,
            region=self._sealer.region,
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
        if await self._keys.deletion(key.key_id) is not None:
            await self._connection.run(_HELD_AGAIN, {"this": key.key_id})
            self._keys.put_deletion(key.key_id, None)
        self.note(events.replica_created(key, request_id), now)

    async def put_shared(
        self,
        shared: SharedState,
        materials: Sequence[KeyMaterial],
        now: float,
        told_by: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """See replication.ports.ReplicaTransaction."""
        key = await self._keys.key(shared.key_id)
        if key is None:
            raise LookupError(f"no key {shared.key_id}")
        await self.add_materials(key.key_id, materials)
        if key.shared is not None:
            await self.delete_materials(key.key_id, dropped(key.shared, shared))
        changed = lifecycle.shared_changed(key, shared, now)
        if changed != key:
            await self.put_key(changed)
        for event in events.shared_changed(key, changed, told_by, request_id):
            self.note(event, now)

    async def add_materials(self, key_id: str, materials: Sequence[KeyMaterial]) -> None:
        """See replication.ports.ReplicaTransaction."""
        if not materials:
            return
        held = await self._keys.held(key_id)
        new = {each.material_id: each for each in materials if each.material_id not in held}
        if new:
            await self._add_materials(key_id, tuple(new.values()))
            self._changed(Subject.KEY, key_id)

    async def delete_materials(self, key_id: str, material_ids: Collection[str]) -> None:
        """See port.Transaction."""
        if not material_ids:
            return
        connection = await self._keys_written()
        these = [{"this": key_id, "material": each} for each in material_ids]
        await connection.run_many(_DELETE_MATERIAL, these)
        self._keys.without_materials(key_id, material_ids)
        self._changed(Subject.KEY, key_id)

    async def held(self, key_id: str) -> frozenset[str]:
        """See replication.ports.ReplicaTransaction."""
        return frozenset(await self._keys.held(key_id))

    async def handed_over(self, key_id: str) -> None:
        """See replication.ports.ReplicaTransaction."""
        key = await self._keys.key(key_id)
        after = None if key is None else lifecycle.handed_over(key)
        if after is not None and after != key:
            await self.put_key(after)

    async def can_lead(self, key_id: str) -> bool:
        """See replication.ports.ReplicaTransaction."""
        key = await self._keys.key(key_id)
        return key is not None and lifecycle.can_lead(key)

    async def related_keys(self, after: str, count: int) -> Sequence[SharedState]:
        """See replication.ports.ReplicaTransaction."""
        bound = {"after": after, "count": count}
        found = await (await self._keys_written()).rows(_RELATED, bound)
        return [unpack_shared(msgpack.unpackb(row.shared)) for row in found]

    async def count_related(self) -> int:
        """See replication.ports.ReplicaTransaction."""
        return int(await (await self._keys_written()).value(_COUNT_RELATED))

    async def holdings(self, prefix: str) -> Sequence[Holding]:
        """See replication.ports.ReplicaTransaction."""
        slice_ = {"first": prefix, "beyond": prefix + _BEYOND_HEXADECIMAL}
        rows = await (await self._keys_written()).rows(_SLICE, slice_)
        return [
            Holding(
                unpack_shared(msgpack.unpackb(packed)),
                frozenset(row.material_id for row in group if row.material_id is not None),
            )
            for packed, group in groupby(rows, key=lambda row: row.shared)
        ]

    async def materials(self, key_id: str) -> Sequence[KeyMaterial]:
        """See replication.ports.ReplicaTransaction."""
        return await read_materials(await self._keys_written(), self._sealer, key_id)

    async def due_deletions(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys whose deletion date has come."""
        return await self._due(_DUE, now, count)

    async def due_rotations(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys that this region is to rotate."""
        return await self._due(_ROTATIONS_DUE, now, count)

    async def due_expiries(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys with imported material that has expired."""
        return await self._due(_EXPIRIES_DUE, now, count)

    async def _due(self, statement: Statement, now: float, count: int) -> Sequence[Key]:
        connection = await self._keys_written()
        found = await connection.rows(statement, {"now": now, "count": count})
        return [self._decoded.key_of(row) for row in found]

    async def _add_materials(self, key_id: str, materials: Sequence[KeyMaterial]) -> None:
        ring, region, randomness = self._sealer.ring, self._sealer.region, self._sealer.randomness
        sealed = [
            (each.material_id, ring.seal_material(each, region, randomness)) for each in materials
        ]
        await self._keys.add_materials(key_id, sealed)


async def read_key(connection: Connection, decoded: DecodedKeys, key_id: str) -> Key | None:
    """A key of any account."""
    row = await connection.first(_KEY, {"this": key_id})
    return None if row is None else decoded.key_of(row)


async def read_materials(
    connection: Connection, sealer: Sealer, key_id: str
) -> Sequence[KeyMaterial]:
    """Every material of a key, oldest first. Raises SealError if the root keys do not open one."""
    rows = await connection.rows(_MATERIALS, {"this": key_id})
    return [_opened(sealer, row) for row in rows]


async def read_unknown(
    connection: Connection, sealer: Sealer, key_id: str, known: Collection[str]
) -> Mapping[str, KeyMaterial | None]:
    """Every material of a key by its ID, oldest first; None in the place of those that are `known`.
    Raises SealError if the root keys do not open one of the others.
    """
    rows = await connection.rows(_MATERIALS, {"this": key_id})
    return {
        row.material_id: None if row.material_id in known else _opened(sealer, row) for row in rows
    }


def _opened(sealer: Sealer, row: Row) -> KeyMaterial:
    return sealer.ring.open_material(
        row.sealed, row.key_id, row.material_id, sealer.region, row.key_spec
    )
