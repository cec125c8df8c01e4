"""Rows to put into a store."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence

from crypto.material import KeyMaterial
from node.model.key import Alias, Key
from node.store.sql import SqlStore
from tests.unit.model.keys import ACCOUNT, NOW, key

OTHER_ACCOUNT = "444455556666"


def material_of(key_id: str) -> KeyMaterial:
    """Fresh key material."""
    return KeyMaterial.generate(key_id, os.urandom)


def by_id(materials: Sequence[KeyMaterial]) -> dict[str, KeyMaterial]:
    """Materials as SqlStore.read_key gives them."""
    return {each.material_id: each for each in materials}


def alias(name: str, key_id: str, account: str = ACCOUNT) -> Alias:
    """An alias of a key."""
    return Alias(account, name, key_id, NOW, NOW)


async def add_key(store: SqlStore, key_id: str | None = None, account: str = ACCOUNT) -> Key:
    """A new key with one material, stored."""
    added = key(key_id=key_id or str(uuid.uuid4()), account=account)
    async with store.transaction() as transaction:
        await transaction.add_key(added, [material_of(added.key_id)])
    return added
