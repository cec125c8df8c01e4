"""Stores on files of their own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from crypto.sealing import RootKey, RootKeyRing
from node.store.rows import Sealer
from node.store.sql import SqlStore
from tests.migrated import make_store
from tests.unit.model.keys import HOME

OpenStore = Callable[[], Awaitable[SqlStore]]


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(HOME, RootKeyRing([RootKey.generate(os.urandom)]), os.urandom)


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    file = tmp_path / "keys.sqlite"
    make_store(file)
    return file


@pytest.fixture
async def open_store(store_file: Path, sealer: Sealer) -> AsyncIterator[OpenStore]:
    """Opens stores on one file, as processes of one region do; closes them all in the end."""
    opened: list[SqlStore] = []

    async def open_one() -> SqlStore:
        store = SqlStore(store_file, sealer)
        opened.append(store)
        await store.open()
        return store

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> SqlStore:
    return await open_store()
