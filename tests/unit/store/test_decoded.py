"""Keys that are remembered by their rows: what is given is what the row says, whoever wrote it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from node.model.key import Key, KeyState
from node.store import decoded
from node.store.sql import SqlStore
from tests.unit.model.keys import ACCOUNT
from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import add_key


async def read(store: SqlStore, key_id: str) -> Key:
    found = await store.read_key(key_id)
    assert found is not None
    return found[0]


async def test_a_key_that_was_written_is_not_decoded(store: SqlStore) -> None:
    added = await add_key(store)
    assert await read(store, added.key_id) is await read(store, added.key_id)
    async with store.transaction() as transaction:
        known = await transaction.key(ACCOUNT, added.key_id)
        assert known is await read(store, added.key_id)
        await transaction.put_key(replace(added, state=KeyState.DISABLED))
    assert await read(store, added.key_id) == replace(added, state=KeyState.DISABLED)


async def test_what_was_undone_is_not_remembered(store: SqlStore) -> None:
    added = await add_key(store)
    try:
        async with store.transaction() as transaction:
            await transaction.put_key(replace(added, description="never"))
            assert await transaction.count_related() == 0  # writes what was gathered
            raise KeyError
    except KeyError:
        pass
    assert await read(store, added.key_id) == added


async def test_what_others_wrote_is_read(open_store: OpenStore, store_file: Path) -> None:
    one, other = await open_store(), await open_store()
    added = await add_key(one)
    async with other.transaction() as transaction:
        await transaction.put_key(replace(added, description="of another process"))
    assert (await read(one, added.key_id)).description == "of another process"
    with sqlite3.connect(store_file) as file:
        file.execute("UPDATE keys SET description = 'by hand'")
    file.close()
    assert (await read(one, added.key_id)).description == "by hand"


async def test_no_more_keys_are_remembered_than_are_used_at_once(store: SqlStore) -> None:
    first = await add_key(store)
    remembered = await read(store, first.key_id)
    for _ in range(decoded.REMEMBERED):
        await add_key(store)
    assert await read(store, first.key_id) is not remembered
    assert await read(store, first.key_id) == remembered
