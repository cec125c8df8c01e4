"""Keys and their material in the store."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import msgpack
from sqlalchemy import BindParameter, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.material import KeyMaterial
from node.audit import events
from node.model import lifecycle
from node.model.imports import expiry_due, settled
from node.model.key import ImportedMaterial, Key, KeyManager, KeyState
from node.model.policy import default_key_policy
from node.store import schema
from node.store.alias_rows import alias_subject
from node.store.audit_rows import AuditRows
from node.store.rows import Sealer, Subject
from replication.digests import Holding
from replication.imports import dropped
from replication.offers import ReplicaProperties
from replication.packing import pack_materials, unpack_materials
from replication.position import Position
from replication.shared import EXTERNAL, SharedState, pack_shared, unpack_shared

_THIS: Final[BindParameter[str]] = bindparam("this")
_KEYS: Final = schema.keys.c
_KEY: Final = select(schema.keys).where(_KEYS.key_id == _THIS)
_SHARED: Final = select(_KEYS.shared).where(_KEYS.key_id == _THIS)
_ADD_KEY: Final = insert(schema.keys)
_PUT_KEY: Final = update(schema.keys).where(_KEYS.key_id == _THIS)
_ALIASES: Final = select(schema.aliases.c.account, schema.aliases.c.name).where(
    schema.aliases.c.key_id == _THIS
)
_DELETE_KEY: Final = tuple(
    delete(table).where(table.c.key_id == _THIS)
    for table in (
        schema.aliases,
        schema.grants,
        schema.gone_replicas,
        schema.materials,
        schema.keys,
    )
)
_RELATED: Final = (
    select(_KEYS.shared)
    .where(_KEYS.shared.is_not(None), _KEYS.key_id > bindparam("after"))
    .order_by(_KEYS.key_id)
    .limit(bindparam("count"))
)
_COUNTS: Final = schema.key_counts.c
_COUNT_CUSTOMERS: Final = select(func.sum(_COUNTS.number)).where(
    _COUNTS.account == bindparam("account"), _COUNTS.manager == KeyManager.CUSTOMER.value
)
COUNT_RELATED: Final = select(func.coalesce(func.sum(_COUNTS.number), 0)).where(_COUNTS.related)
_SLICE: Final = (
    select(_KEYS.shared, schema.materials.c.material_id)
    .select_from(schema.keys.outerjoin(schema.materials))
    .where(_KEYS.shared.is_not(None))
    .where(_KEYS.key_id >= bindparam("first"), _KEYS.key_id < bindparam("beyond"))
    .order_by(_KEYS.key_id)
)
_DUE: Final = (
    select(schema.keys)
    .where(_KEYS.deletion_date <= bindparam("now"))
    .order_by(_KEYS.deletion_date)
    .limit(bindparam("count"))
)
_MATERIALS: Final = (
    select(schema.materials, _KEYS.key_spec)
    .join(schema.keys)
    .where(schema.materials.c.key_id == _THIS)
    .order_by(schema.materials.c.position)
)
_DELETE_MATERIAL: Final = delete(schema.materials).where(
    schema.materials.c.key_id == _THIS,
    schema.materials.c.material_id == bindparam("material"),
)
_ADD_MATERIALS: Final = insert(schema.materials)
_HELD: Final = select(schema.materials.c.material_id).where(schema.materials.c.key_id == _THIS)
_ROTATIONS_DUE: Final = (
    select(schema.keys)
    .where(_KEYS.rotation_due <= bindparam("now"))
    .order_by(_KEYS.rotation_due)
    .limit(bindparam("count"))
)
_EXPIRIES_DUE: Final = (
    select(schema.keys)
    .where(_KEYS.expiry_due <= bindparam("now"))
    .order_by(_KEYS.expiry_due)
    .limit(bindparam("count"))
)
_DERIVED: Final = ("rotation_due", "expiry_due")  # columns that are no field of a key
_GONE: Final = select(schema.gone_replicas).where(schema.gone_replicas.c.key_id == _THIS)
_NOT_GONE: Final = delete(schema.gone_replicas).where(
    schema.gone_replicas.c.key_id == _THIS,
    schema.gone_replicas.c.region == bindparam("there"),
)
_HELD_AGAIN: Final = delete(schema.deleted_replicas).where(
    schema.deleted_replicas.c.key_id == _THIS
)


_BEYOND_HEXADECIMAL: Final = "~"


class KeyRows(AuditRows):
    """The transaction's verbs for keys."""

    async def has_keys(self, account: str, number: int) -> bool:
        """See port.Transaction."""
        found = await self._connection.execute(_COUNT_CUSTOMERS, {"account": account})
        return (found.scalar() or 0) >= number

    async def key(self, account: str, key_id: str) -> Key | None:
        """See port.Transaction."""
        key = await self._key(key_id)
        return key if key is not None and key.account == account else None

    async def add_key(self, key: Key, materials: Sequence[KeyMaterial]) -> None:
        """See port.Transaction."""
        await self.add_keys([(key, materials)])

    async def add_keys(self, added: Sequence[tuple[Key, Sequence[KeyMaterial]]]) -> None:
        """Keys with their materials, in two statements whatever their number. One at least."""
        await self._connection.execute(_ADD_KEY, [_values(key) for key, _ in added])
        rows = [row for key, each in added for row in self._material_rows(key.key_id, each, held=0)]
        if rows:
            await self._connection.execute(_ADD_MATERIALS, rows)
        for key, _ in added:
            self._changed(Subject.KEY, key.key_id)

    async def put_key(self, key: Key) -> None:
        """See port.Transaction."""
        values = _values(key)
        this = values.pop("key_id")
        await self._connection.execute(_PUT_KEY, {"this": this, **values})
        self._changed(Subject.KEY, key.key_id)

    async def delete_key(self, key: Key) -> None:
        """See port.Transaction."""
        this = {"this": key.key_id}
        for account, name in await self._connection.execute(_ALIASES, this):
            self._changed(Subject.ALIAS, alias_subject(account, name))
        for statement in _DELETE_KEY:
            await self._connection.execute(statement, this)
        self._changed(Subject.KEY, key.key_id)

    async def shared(self, key_id: str) -> SharedState | None:
        """See replication.ports.ReplicaTransaction."""
        packed = (await self._connection.execute(_SHARED, {"this": key_id})).scalar()
        return None if packed is None else unpack_shared(msgpack.unpackb(packed))

    async def gone(self, key_id: str) -> Mapping[str, Position]:
        """See replication.ports.ReplicaTransaction."""
        rows = await self._connection.execute(_GONE, {"this": key_id})
        return {row.region: Position(row.log_id, row.sequence) for row in rows}

    async def put_gone(self, key_id: str, region: str, at: Position) -> None:
        """See replication.ports.ReplicaTransaction."""
        await self._put(
            schema.gone_replicas,
            {
                "key_id": key_id,
                "region": region,
                "log_id": at.log_id,
                "sequence": at.sequence,
            },
        )

    async def delete_gone(self, key_id: str, region: str) -> None:
        """See replication.ports.ReplicaTransaction."""
        await self._connection.execute(_NOT_GONE, {"this": key_id, "there": region})

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
        await self._connection.execute(_HELD_AGAIN, {"this": key.key_id})
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
        key = await self._key(shared.key_id)
        if key is None:
            raise LookupError(f"no key {shared.key_id}")
        await self.add_materials(key.key_id, materials)
        if key.shared is not None:
            await self.delete_materials(key.key_id, dropped(key.shared, shared))
        changed = lifecycle.shared_changed(key, shared, now)
        await self.put_key(changed)
        for event in events.shared_changed(key, changed, told_by, request_id):
            self.note(event, now)

    async def add_materials(self, key_id: str, materials: Sequence[KeyMaterial]) -> None:
        """See replication.ports.ReplicaTransaction."""
        if not materials:
            return
        held = await self.held(key_id)
        new = [each for each in materials if each.material_id not in held]
        await self._add_materials(key_id, new, held=len(held))
        self._changed(Subject.KEY, key_id)

    async def delete_materials(self, key_id: str, material_ids: Collection[str]) -> None:
        """See port.Transaction."""
        for material_id in material_ids:
            bound = {"this": key_id, "material": material_id}
            await self._connection.execute(_DELETE_MATERIAL, bound)
            self._changed(Subject.KEY, key_id)

    async def held(self, key_id: str) -> frozenset[str]:
        """See replication.ports.ReplicaTransaction."""
        return frozenset((await self._connection.execute(_HELD, {"this": key_id})).scalars())

    async def handed_over(self, key_id: str) -> None:
        """See replication.ports.ReplicaTransaction."""
        key = await self._key(key_id)
        if key is not None:
            await self.put_key(lifecycle.handed_over(key))

    async def can_lead(self, key_id: str) -> bool:
        """See replication.ports.ReplicaTransaction."""
        key = await self._key(key_id)
        return key is not None and lifecycle.can_lead(key)

    async def related_keys(self, after: str, count: int) -> Sequence[SharedState]:
        """See replication.ports.ReplicaTransaction."""
        bound = {"after": after, "count": count}
        found = (await self._connection.execute(_RELATED, bound)).scalars()
        return [unpack_shared(msgpack.unpackb(packed)) for packed in found]

    async def count_related(self) -> int:
        """See replication.ports.ReplicaTransaction."""
        return int((await self._connection.execute(COUNT_RELATED)).scalar_one())

    async def holdings(self, prefix: str) -> Sequence[Holding]:
        """See replication.ports.ReplicaTransaction."""
        slice_ = {"first": prefix, "beyond": prefix + _BEYOND_HEXADECIMAL}
        rows = await self._connection.execute(_SLICE, slice_)
        return [
            Holding(
                unpack_shared(msgpack.unpackb(packed)),
                frozenset(row.material_id for row in group if row.material_id is not None),
            )
            for packed, group in groupby(rows, key=lambda row: row.shared)
        ]

    async def materials(self, key_id: str) -> Sequence[KeyMaterial]:
        """See replication.ports.ReplicaTransaction."""
        return await read_materials(self._connection, self._sealer, key_id)

    async def due_deletions(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys whose deletion date has come."""
        found = await self._connection.execute(_DUE, {"now": now, "count": count})
        return [key_of(row, self._sealer.region) for row in found]

    async def due_rotations(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys that this region is to rotate."""
        found = await self._connection.execute(_ROTATIONS_DUE, {"now": now, "count": count})
        return [key_of(row, self._sealer.region) for row in found]

    async def due_expiries(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys with imported material that has expired."""
        found = await self._connection.execute(_EXPIRIES_DUE, {"now": now, "count": count})
        return [key_of(row, self._sealer.region) for row in found]

    async def _key(self, key_id: str) -> Key | None:
        return await read_key(self._connection, self._sealer, key_id)

    async def _add_materials(
        self, key_id: str, materials: Sequence[KeyMaterial], *, held: int
    ) -> None:
        rows = self._material_rows(key_id, materials, held=held)
        if rows:
            await self._connection.execute(_ADD_MATERIALS, rows)

    def _material_rows(
        self, key_id: str, materials: Sequence[KeyMaterial], *, held: int
    ) -> list[dict[str, Any]]:
        sealer = self._sealer
        return [
            {
                "key_id": key_id,
                "material_id": each.material_id,
                "position": held + number,
                "sealed": sealer.ring.seal_material(each, sealer.region, sealer.randomness),
            }
            for number, each in enumerate(materials)
        ]


async def read_key(connection: AsyncConnection, sealer: Sealer, key_id: str) -> Key | None:
    """A key of any account."""
    row = (await connection.execute(_KEY, {"this": key_id})).first()
    return None if row is None else key_of(row, sealer.region)


async def read_materials(
    connection: AsyncConnection, sealer: Sealer, key_id: str
) -> Sequence[KeyMaterial]:
    """Every material of a key, oldest first. Raises SealError if the root keys do not open one."""
    return [
        sealer.ring.open_material(
            row.sealed, row.key_id, row.material_id, sealer.region, row.key_spec
        )
        for row in await connection.execute(_MATERIALS, {"this": key_id})
    ]


def key_of(row: Row[Any], region: str) -> Key:
    """The key that a row holds."""
    fields = dict(row._mapping)
    for name in _DERIVED:
        fields.pop(name)
    own, shared = fields["own_materials"], fields["shared"]
    imported = json.loads(fields["imported"] or "[]")
    tags = tuple((key, value) for key, value in json.loads(fields["tags"]))
    return Key(
        **{
            **fields,
            "region": region,
            "manager": KeyManager(fields["manager"]),
            "state": KeyState(fields["state"]),
            "tags": tags,
            "own_materials": None if own is None else unpack_materials(msgpack.unpackb(own)),
            "shared": None if shared is None else unpack_shared(msgpack.unpackb(shared)),
            "imported": tuple(ImportedMaterial(*each) for each in imported),
        }
    )


def _values(key: Key) -> dict[str, Any]:
    own = key.own_materials
    columns = (column.name for column in schema.keys.columns if column.name not in _DERIVED)
    values = {name: getattr(key, name) for name in columns}
    values["rotation_due"] = lifecycle.rotation_due(key)
    values["expiry_due"] = expiry_due(key)
    imported = [[each.material_id, each.valid_to] for each in key.imported]
    values["imported"] = json.dumps(imported) if key.origin == EXTERNAL else None
    values["own_materials"] = None if own is None else msgpack.packb(pack_materials(own))
    values["manager"] = key.manager.value
    values["state"] = key.state.value
    values["tags"] = json.dumps([list(pair) for pair in key.tags])
    values["shared"] = None if key.shared is None else msgpack.packb(pack_shared(key.shared))
    return values
