"""Takes imported material into a key, and lets it go: by an operation, or when it expires.

The region's own part (what is held here) and the shared part (which materials the key has) change
in one transaction; a replica's region tells the primary's what it holds (replication/imports.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from crypto.material import KeyMaterial
from node.model import imports
from node.model.imports import Terms
from node.model.key import Key
from node.store.port import Transaction
from replication.imports import report_due
from replication.log import Log
from replication.materials import Materials
from replication.ports import Clock
from replication.primary import Primary


class Importer:
    """The imported materials of one region's keys."""

    def __init__(self, primary: Primary, log: Log, clock: Clock) -> None:
        self._primary = primary
        self._log = log
        self._clock = clock

    async def take(
        self, transaction: Transaction, key: Key, material: KeyMaterial, terms: Terms
    ) -> None:
        """Import material into a key whose state was checked.

        Raises IncorrectKeyMaterial or InvalidState for material that is not for it now.
        """
        now = self._clock.now()
        after = imports.imported(key, material.material_id, terms, now)
        materials = key.materials
        if not key.is_replica:
            materials = imports.materials_after(key, material.material_id, terms, now)
        await transaction.add_materials(key.key_id, [material])
        await self._put(transaction, after, materials)

    async def let_go(
        self, transaction: Transaction, key: Key, material_ids: Collection[str]
    ) -> None:
        """Delete imported materials of a key."""
        materials = key.materials
        if not key.is_replica:
            materials = imports.materials_without(key, material_ids)
        await transaction.delete_materials(key.key_id, material_ids)
        await self._put(transaction, imports.without(key, material_ids), materials)

    async def _put(self, transaction: Transaction, key: Key, materials: Materials) -> None:
        if key.shared is None:
            await transaction.put_key(imports.settled(replace(key, own_materials=materials)))
            return
        await transaction.put_key(imports.settled(key))
        if materials != key.materials:
            await self._primary.change_materials(transaction, key.shared, materials)
        report = report_due(key.region, key.shared, imports.held(key))
        if report is not None:
            await self._log.append(transaction, report)
