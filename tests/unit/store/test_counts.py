"""How many keys there are is known without reading them (migration 0009)."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from node.model.key import Key, KeyManager, KeyState
from node.store.migrate import migrate
from node.store.sql import SqlStore
from node.store.upgrade import alembic_config
from replication.position import Version
from tests.unit.model.keys import ACCOUNT, shared_state
from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import OTHER_ACCOUNT, add_key

COUNTED = """
SELECT account, manager, state, shared IS NOT NULL, count(*) FROM keys
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
KEPT = "SELECT * FROM key_counts WHERE number <> 0 ORDER BY 1, 2, 3, 4"
ACTS = ("add", "add", "state", "state", "manager", "same", "share", "delete")
STATES = (KeyState.ENABLED, KeyState.DISABLED, KeyState.PENDING_DELETION)


def rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(statement).fetchall()


async def change_one(store: SqlStore, held: list[Key], choice: random.Random) -> None:
    """Add a key, or change or delete one of those that are held."""
    act = choice.choice(ACTS)
    if act == "add" or not held:
        held.append(await add_key(store, account=choice.choice((ACCOUNT, OTHER_ACCOUNT))))
        return
    key = held.pop(choice.randrange(len(held)))
    async with store.transaction() as transaction:
        if act == "delete":
            await transaction.delete_key(key)
            return
        changed = {
            "state": lambda: replace(key, state=choice.choice(STATES)),
            "manager": lambda: replace(key, manager=choice.choice(list(KeyManager))),
            "same": lambda: replace(key, description="another"),
            "share": lambda: replace(key, shared=None if key.shared else shared_state()),
        }[act]()
        await transaction.put_key(changed)
        held.append(changed)


async def test_the_counts_are_those_of_the_keys(store: SqlStore, store_file: Path) -> None:
    choice, held = random.Random(8), list[Key]()
    for _ in range(120):
        await change_one(store, held, choice)
        assert rows(store_file, KEPT) == rows(store_file, COUNTED)
    assert len(rows(store_file, KEPT)) > 8
    assert sum((await store.count_keys()).values()) == len(held)


async def test_what_is_undone_is_not_counted(store: SqlStore) -> None:
    added = await add_key(store)
    try:
        async with store.transaction() as transaction:
            await transaction.put_key(replace(added, state=KeyState.DISABLED))
            raise InterruptedError
    except InterruptedError:
        pass
    assert await store.count_keys() == {"Enabled": 1}


async def test_what_another_hand_deletes_is_counted_too(store: SqlStore, store_file: Path) -> None:
    gone, _ = await add_key(store), await add_key(store)
    with closing(sqlite3.connect(store_file)) as database, database:
        database.execute("DELETE FROM materials WHERE key_id = ?", (gone.key_id,))
        database.execute("DELETE FROM keys WHERE key_id = ?", (gone.key_id,))
    assert await store.count_keys() == {"Enabled": 1}


async def test_the_keys_of_an_older_store_are_counted(
    open_store: OpenStore, store_file: Path
) -> None:
    store = await open_store()
    for _ in range(3):
        await add_key(store)
    related = replace(await add_key(store), shared=replace(shared_state(), version=Version(1, 1)))
    async with store.transaction() as transaction:
        await transaction.put_key(related)
    await store.close()
    engine = create_engine(f"sqlite:///{store_file}")
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0008")
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
    assert rows(store_file, KEPT) == rows(store_file, COUNTED)
    again = await open_store()
    assert await again.count_keys() == {"Enabled": 4}
    async with again.transaction() as transaction:
        assert await transaction.count_related() == 1


async def test_an_account_has_as_many_keys_as_its_customers_made(store: SqlStore) -> None:
    mine = [await add_key(store) for _ in range(2)]
    await add_key(store, account=OTHER_ACCOUNT)
    async with store.transaction() as transaction:
        await transaction.put_key(replace(mine[0], manager=KeyManager.AWS))
        assert await transaction.has_keys(ACCOUNT, 1)
        assert not await transaction.has_keys(ACCOUNT, 2)
        assert not await transaction.has_keys("000000000000", 1)
        assert await transaction.has_keys("000000000000", 0)
