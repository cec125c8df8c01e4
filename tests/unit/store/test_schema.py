"""The schema: its migrations, its engines, and what SQLite was told (decision D11)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, Table

from node.store import schema
from node.store.migrate import NEWEST, migrate
from node.store.statements import upsert
from node.store.upgrade import alembic_config
from tests.unit.store.conftest import OpenStore

POSTGRESQL: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
SQLITE: Any = sqlite.dialect()
TABLES = schema.metadata.sorted_tables
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite'}")
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """What Alembic would still have to do to make the tables equal to the metadata."""
    options = {"compare_type": True, "compare_server_default": True}
    found: list[Any] = compare_metadata(
        MigrationContext.configure(connection, opts=options), schema.metadata
    )
    return found


def test_the_migrations_make_the_schema(connection: Connection) -> None:
    migrate(connection)
    assert differences(connection) == []


def test_a_missing_migration_would_be_noticed(connection: Connection) -> None:
    migrate(connection)
    connection.exec_driver_sql("ALTER TABLE keys DROP COLUMN description")
    assert [kind for kind, *_ in differences(connection)] == ["add_column"]


def test_every_migration_can_be_taken_back(connection: Connection) -> None:
    migrate(connection)
    command.downgrade(alembic_config(connection), "base")
    assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(connection)
    assert differences(connection) == []


def test_migrating_twice_changes_nothing(connection: Connection) -> None:
    migrate(connection)
    before = connection.exec_driver_sql("SELECT sql FROM sqlite_master").all()
    migrate(connection)
    assert connection.exec_driver_sql("SELECT sql FROM sqlite_master").all() == before


def test_a_store_with_the_newest_migration_is_known_without_alembic(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(connection)
    assert ScriptDirectory.from_config(alembic_config(connection)).get_heads() == [NEWEST]
    monkeypatch.setattr("node.store.upgrade.upgrade", pytest.fail)
    migrate(connection)


def test_an_older_store_is_migrated(connection: Connection) -> None:
    migrate(connection)
    command.downgrade(alembic_config(connection), "-1")
    migrate(connection)
    assert differences(connection) == []


def test_a_deletion_of_before_is_of_the_log_that_there_is(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "0007")
    log = "INSERT INTO log (id, log_id, signer, sequence, digest) VALUES (1, x'0a', 's', 9, x'')"
    connection.exec_driver_sql(log)
    connection.exec_driver_sql("INSERT INTO deleted_replicas (key_id, sequence) VALUES ('k', 7)")
    migrate(connection)
    rows = connection.exec_driver_sql(
        "SELECT key_id, log_id, sequence, epoch, led_by FROM deleted_replicas"
    )
    assert [tuple(row) for row in rows] == [("k", b"\x0a", 7, 0, "")]


def test_a_store_of_a_newer_version_is_refused(connection: Connection) -> None:
    migrate(connection)
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CommandError, match="9999"):
        migrate(connection)


@each_table
@pytest.mark.parametrize("dialect", [POSTGRESQL, SQLITE], ids=["pg", "sqlite"])
def test_every_table_compiles_on_both_engines(table: Table, dialect: Any) -> None:
    text = str(CreateTable(table).compile(dialect=dialect))
    assert f"CREATE TABLE {table.name}" in text
    for index in table.indexes:
        assert f"ON {table.name}" in str(CreateIndex(index).compile(dialect=dialect))


def test_the_change_counter_counts_by_itself_on_postgresql() -> None:
    text = str(CreateTable(schema.changes).compile(dialect=POSTGRESQL))
    assert "counter BIGSERIAL NOT NULL" in text


@each_table
@pytest.mark.parametrize("dialect", [POSTGRESQL, SQLITE], ids=["pg", "sqlite"])
def test_putting_a_row_compiles_on_both_engines(table: Table, dialect: Any) -> None:
    names = tuple(column.name for column in table.columns)
    keys = ", ".join(column.name for column in table.primary_key)
    text = str(upsert(table, names, dialect.name).compile(dialect=dialect))
    assert text.startswith(f"INSERT INTO {table.name} (")
    assert f"ON CONFLICT ({keys}) DO UPDATE SET" in text


async def test_sqlite_is_told_to_keep_what_was_committed(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WAL and synchronous=FULL (2), asked of the very connections that the store uses."""
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    store, opened = await open_store(), list[sqlite3.Connection]()
    connect = sqlite3.connect

    def noted(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    await store.last_change()
    await store.trim_changes()
    for connection in opened:
        told = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
        patience = 5000 if connection is opened[0] else 0  # who writes is patient in a thread
        assert told == ["wal", 2, 1, patience]
    assert len(opened) == 2  # one for reads, one for transactions


async def test_a_write_ahead_log_stays_one_for_others(
    open_store: OpenStore, store_file: Path
) -> None:
    await open_store()
    with sqlite3.connect(store_file) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_store_can_be_opened_again_and_twice(open_store: OpenStore) -> None:
    first, second = await open_store(), await open_store()
    await first.open()
    assert await first.last_change() == await second.last_change() == 0
