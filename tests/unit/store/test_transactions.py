"""A transaction happens as a whole or not at all, one at a time, also between processes."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from node.store import inline_sqlite, sql
from node.store.rows import Subject
from node.store.sql import SqlStore
from replication.entries import StreamEntry, stream_id
from replication.position import Cursor, LogHead
from tests.unit.model.keys import ACCOUNT, HOME, key
from tests.unit.store.conftest import OpenStore
from tests.unit.store.support import add_key, alias, material_of

LOG_ID = b"l" * 16


class Mishap(Exception):
    """What goes wrong in the middle."""


async def begin_log(store: SqlStore) -> None:
    async with store.transaction() as transaction:
        await transaction.begin_log(LogHead.begin(HOME, LOG_ID), "a fingerprint")


async def everything(store: SqlStore, failure: Exception | None) -> None:
    """One transaction that touches every kind of row, and fails at its end if it is to."""
    async with store.transaction() as transaction:
        added = key()
        await transaction.add_key(added, [material_of(added.key_id)])
        await transaction.put_alias(alias("alias/a", added.key_id))
        head = await transaction.log_head()
        after = LogHead(head.log_id, head.sequence + 1, b"d" * 32)
        await transaction.append(StreamEntry(stream_id(after.sequence), b"entry"), after)
        assert await transaction.log_head() == after
        await transaction.put_cursor(Cursor.unread("eu-west-1").resyncing(b"r" * 32))
        await transaction.put_acknowledged("eu-west-1", 1)
        if failure is not None:
            raise failure


async def snapshot(store: SqlStore) -> tuple[object, ...]:
    return (
        await store.count_keys(),
        await store.read_alias(ACCOUNT, "alias/a"),
        await store.log_head(),
        await store.outbox(0, 9),
        await store.cursor("eu-west-1"),
        await store.acknowledgements(),
        await store.last_change(),
    )


@pytest.mark.parametrize("failure", [Mishap(), KeyboardInterrupt(), asyncio.CancelledError()])
async def test_a_transaction_that_fails_does_nothing_at_all(
    store: SqlStore, failure: BaseException
) -> None:
    await begin_log(store)
    before = await snapshot(store)
    followed: list[int] = []

    async def follow() -> None:
        followed.append(1)

    store.after_commit(follow)
    with pytest.raises(type(failure)):
        await everything(store, failure)  # type: ignore[arg-type]
    assert await snapshot(store) == before
    assert followed == []
    await everything(store, None)
    assert await snapshot(store) != before
    assert followed == [1]


async def test_what_follows_a_commit_sees_it(store: SqlStore) -> None:
    seen: list[dict[str, int]] = []

    async def follow() -> None:
        seen.append(await store.count_keys())

    store.after_commit(follow)
    await add_key(store)
    await add_key(store)
    assert seen == [{"Enabled": 1}, {"Enabled": 2}]


async def test_what_follows_a_commit_comes_first_and_then_whoever_publishes(
    store: SqlStore,
) -> None:
    await begin_log(store)
    order: list[str] = []
    entries = asyncio.Event()

    async def publish() -> None:
        await entries.wait()
        order.append(f"{len(await store.outbox(1, 9))} published")

    async def follow() -> None:
        order.append("followed")

    publisher = asyncio.create_task(publish())
    await asyncio.sleep(0)
    store.when_appended(entries.set)
    store.after_commit(follow)
    await add_key(store)
    assert order == ["followed"]
    with pytest.raises(Mishap):
        await everything(store, Mishap())
    assert not entries.is_set()
    await everything(store, None)
    assert order == ["followed", "followed", "1 published"]
    await publisher


async def test_the_outbox_and_the_head_move_together(store: SqlStore) -> None:
    await begin_log(store)
    assert await store.outbox_first() == 1
    await everything(store, None)
    assert await store.outbox(1, 9) == [StreamEntry("1-0", b"entry")]
    assert (await store.log_head()).sequence == 1
    await store.trim_outbox(2)
    assert await store.outbox(1, 9) == []
    assert await store.outbox_first() == 2


async def test_a_new_log_forgets_the_old_one(store: SqlStore) -> None:
    await begin_log(store)
    await everything(store, None)
    head = LogHead.begin(HOME, b"m" * 16)
    async with store.transaction() as transaction:
        await transaction.begin_log(head, "another fingerprint")
        assert await transaction.log_head() == head
    assert await store.log_head() == head
    assert await store.outbox(0, 9) == []
    assert await store.acknowledgements() == {}


async def test_writers_of_one_process_take_turns(store: SqlStore) -> None:
    await begin_log(store)

    async def append() -> None:
        async with store.transaction() as transaction:
            head = await transaction.log_head()
            await asyncio.sleep(0)
            after = LogHead(head.log_id, head.sequence + 1, b"d" * 32)
            await transaction.append(StreamEntry(stream_id(after.sequence), b"e"), after)

    await asyncio.gather(*(append() for _ in range(20)))
    assert [each.id for each in await store.outbox(1, 99)] == [f"{n}-0" for n in range(1, 21)]


async def test_writers_of_two_processes_take_turns(open_store: OpenStore) -> None:
    stores = [await open_store(), await open_store()]
    await asyncio.gather(*(add_key(store) for store in stores * 10))
    for store in stores:
        assert await store.count_keys() == {"Enabled": 20}
        counter, changes = await store.read_changes(0)
        assert counter == 20
        assert changes is not None
        assert len(set(changes)) == 20


async def test_a_lock_that_is_never_let_go_is_an_error_and_not_a_wait_for_ever(
    open_store: OpenStore, store_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = [pragma for pragma in inline_sqlite.PRAGMAS if "busy" not in pragma]
    monkeypatch.setattr(inline_sqlite, "PRAGMAS", (*impatient, "PRAGMA busy_timeout=1"))
    store = await open_store()
    other = sqlite3.connect(store_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        await add_key(store)
    assert await store.count_keys() == {}
    other.execute("ROLLBACK")
    other.close()
    await add_key(store)


async def test_changes_are_told_in_order_with_their_subjects(store: SqlStore) -> None:
    added = await add_key(store)
    async with store.transaction() as transaction:
        await transaction.put_alias(alias("alias/a", added.key_id))
    expected = [
        (Subject.KEY, added.key_id),
        (Subject.ALIAS, f"{ACCOUNT}\nalias/a"),
        (Subject.KEY_ALIASES, added.key_id),
    ]
    assert await store.read_changes(0) == (3, expected)
    assert await store.read_changes(1) == (3, expected[1:])
    assert await store.read_changes(3) == (3, ())


async def test_who_is_further_behind_than_the_changes_kept_is_told_so(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "CHANGES_KEPT", 3)
    for _ in range(5):
        await add_key(store)
    await store.trim_changes()
    assert await store.last_change() == 5
    counter, changes = await store.read_changes(1)
    assert (counter, changes) == (5, None)
    counter, changes = await store.read_changes(2)
    assert changes is not None
    assert (counter, len(changes)) == (5, 3)
    await add_key(store)
    assert (await store.read_changes(5))[0] == 6  # the counter never goes back
