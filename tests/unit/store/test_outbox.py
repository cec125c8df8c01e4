"""Reading the outbox while entries are appended."""

from __future__ import annotations

import pytest

from node.store import log_rows, sql
from node.store.sql import SqlStore
from replication.entries import StreamEntry, stream_id
from replication.position import LogHead
from tests.unit.model.keys import HOME


async def append_one(store: SqlStore) -> None:
    async with store.transaction() as transaction:
        head = await transaction.log_head()
        after = LogHead(head.log_id, head.sequence + 1, b"d" * 32)
        await transaction.append(StreamEntry(stream_id(after.sequence), b"entry"), after)


async def test_an_entry_that_is_appended_while_the_first_is_looked_up_is_not_passed_over(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first entry and the head were two reads: an entry committed between them was never
    published, and whoever waited for it waited for ever."""
    async with store.transaction() as transaction:
        await transaction.begin_log(LogHead.begin(HOME, b"l" * 16), "signer")
    read_head = log_rows.read_head

    async def interrupted(connection: object) -> LogHead:
        monkeypatch.setattr(sql, "read_head", read_head)
        await append_one(store)
        return await read_head(connection)  # type: ignore[arg-type]

    monkeypatch.setattr(sql, "read_head", interrupted)
    first = await store.outbox_first()
    assert first == 1
    assert [entry.id for entry in await store.outbox(first, 10)] == ["1-0"]
