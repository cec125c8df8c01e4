"""Pages of keys and aliases: in order, complete, and of one account."""

from __future__ import annotations

import uuid

import pytest

from node.store.sql import SqlStore
from tests.unit.model.keys import ACCOUNT
from tests.unit.store.support import OTHER_ACCOUNT, add_key, alias

SIZES = (1, 2, 3, 7, 8, 100)


@pytest.fixture
async def filled(store: SqlStore) -> SqlStore:
    """Seven keys, and seven aliases of the first of them; another account has some too."""
    keys = [await add_key(store, str(uuid.UUID(int=number))) for number in (3, 1, 7, 5, 2, 6, 4)]
    other = await add_key(store, str(uuid.UUID(int=8)), OTHER_ACCOUNT)
    async with store.transaction() as transaction:
        for number, name in enumerate("gbcAe_9"):
            await transaction.put_alias(alias(f"alias/{name}", keys[number // 5].key_id))
        await transaction.put_alias(alias("alias/b", other.key_id, OTHER_ACCOUNT))
    return store


@pytest.mark.parametrize("size", SIZES)
async def test_pages_of_keys(filled: SqlStore, size: int) -> None:
    found: list[str] = []
    after = ""
    while page := await filled.list_keys(ACCOUNT, after, size):
        assert len(page) <= size
        found += page
        after = found[-1]
    assert found == [str(uuid.UUID(int=number)) for number in range(1, 8)]


@pytest.mark.parametrize("size", SIZES)
async def test_pages_of_aliases(filled: SqlStore, size: int) -> None:
    found, after = [], ""
    while page := await filled.list_aliases(ACCOUNT, None, after, size):
        assert len(page) <= size
        found += [each.name for each in page]
        after = found[-1]
    assert found == [f"alias/{name}" for name in "9A_bceg"]


async def test_aliases_of_one_key(filled: SqlStore) -> None:
    key_id = str(uuid.UUID(int=1))
    found = await filled.list_aliases(ACCOUNT, key_id, "", 100)
    assert [each.name for each in found] == ["alias/9", "alias/_"]
    assert await filled.list_aliases(OTHER_ACCOUNT, key_id, "", 100) == []


async def test_a_page_goes_on_where_an_item_was_taken_out(filled: SqlStore) -> None:
    first = await filled.list_keys(ACCOUNT, "", 3)
    async with filled.transaction() as transaction:
        last = await transaction.key(ACCOUNT, first[-1])
        assert last is not None
        await transaction.delete_key(last)
    rest = await filled.list_keys(ACCOUNT, first[-1], 100)
    assert rest == [str(uuid.UUID(int=n)) for n in range(4, 8)]


async def test_keys_are_counted_by_state(filled: SqlStore) -> None:
    assert await filled.count_keys() == {"Enabled": 8}
