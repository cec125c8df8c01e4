"""Rotating a key: on demand by an operation, or when it is due by the schedule."""

from __future__ import annotations

from dataclasses import replace

from crypto.material import KeyMaterial, Randomness
from node.audit import events
from node.model.key import Key
from node.store.port import Transaction
from replication.materials import RotationType
from replication.ports import Clock
from replication.primary import Primary


class Rotator:
    """Rotates the keys of one region."""

    def __init__(self, primary: Primary, clock: Clock, randomness: Randomness) -> None:
        self._primary = primary
        self._clock = clock
        self._randomness = randomness

    async def rotate(self, transaction: Transaction, key: Key, rotation_type: RotationType) -> None:
        """Make new material for the key, and offer it to its related keys (decision D7).

        A key without replicas encrypts with it at once. ValueError if a rotation is pending.
        """
        material = KeyMaterial.generate(key.key_id, self._randomness)
        if key.shared is not None:
            await self._primary.rotate(transaction, key.shared, material, rotation_type)
            return
        now = self._clock.now()
        offered = key.materials.offered(material.material_id, rotation_type, now)
        await transaction.add_materials(key.key_id, [material])
        after = replace(key, own_materials=offered.activated(now))
        await transaction.put_key(after)
        transaction.note(events.rotated(key, after), now)
