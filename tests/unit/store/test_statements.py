"""Statements as SQLite is told them: what is bound, and what is read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    select,
    update,
)

from node.store.inline_sqlite import Connection
from node.store.own_thread import OwnThread
from node.store.statements import THIS, Statement, among, inserting, putting

THINGS = Table(
    "things",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("number", Integer),
    Column("whole", Boolean),
    Column("body", LargeBinary),
)
COLUMNS = ("name", "number", "whole", "body")
ALL = Statement(select(THINGS).order_by(THINGS.c.name))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))  # SQLite's texts end there
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": TEXTS,
            "number": st.none() | st.integers(-(2**63), 2**63 - 1),
            "whole": st.none() | st.booleans(),
            "body": st.none() | st.binary(),
        }
    ),
    unique_by=lambda row: row["name"],
)


def connection() -> Connection:
    file = sqlite3.connect(":memory:", isolation_level=None)
    file.execute("CREATE TABLE things (name TEXT PRIMARY KEY, number INTEGER, whole, body BLOB)")
    return Connection(file, OwnThread("of a test"))


@pytest.fixture
def things() -> Iterator[Connection]:
    with closing(connection()) as opened:
        yield opened


def thing(name: str, number: int | None = None) -> Mapping[str, Any]:
    return {"name": name, "number": number, "whole": True, "body": b""}


@given(ROWS)
async def test_what_is_put_comes_back(rows: list[dict[str, Any]]) -> None:
    with closing(connection()) as things:
        await things.run_many(inserting(THINGS), rows)
        await things.run_many(putting(THINGS, COLUMNS), rows)
        found = [row._asdict() for row in await things.rows(ALL)]
        assert found == sorted(rows, key=lambda row: row["name"].encode("utf-8", "surrogatepass"))
        assert all(isinstance(each["whole"], bool | None) for each in found)


@given(st.lists(TEXTS), st.lists(TEXTS))
async def test_among_finds_those_that_are_named(there: list[str], asked: list[str]) -> None:
    these = Statement(select(THINGS.c.name).where(among(THINGS.c.name, "these")))
    with closing(connection()) as things:
        await things.run_many(putting(THINGS, COLUMNS), [thing(each) for each in there])
        found = await things.rows(these, {"these": json.dumps(asked)})
        assert {row.name for row in found} == {*there} & {*asked}


async def test_a_statement_has_values_of_its_own(things: Connection) -> None:
    counted = Statement(update(THINGS).where(THINGS.c.name == THIS).values(number=7))
    first = Statement(select(THINGS.c.number).where(THINGS.c.whole, THINGS.c.number > 6).limit(1))
    await things.run_many(inserting(THINGS), [thing("a", 1), thing("b", 2), thing("c", 3)])
    assert await things.first(first) is None
    assert await things.value(first) is None
    await things.run(counted, {"this": "a"})
    await things.run_many(counted, [{"this": "b"}])
    assert await things.value(first) == 7
    assert [row.number for row in await things.rows(ALL)] == [7, 7, 3]


async def test_only_the_columns_that_are_named_are_set(things: Connection) -> None:
    await things.run(inserting(THINGS, "name", "number"), thing("a", 1))
    await things.run(Statement(update(THINGS), ["body"]), {"body": b"b"})
    assert [tuple(row) for row in await things.rows(ALL)] == [("a", 1, None, b"b")]


async def test_what_is_not_bound_is_an_error_and_not_null(things: Connection) -> None:
    this = Statement(select(THINGS).where(THINGS.c.name == THIS))
    with pytest.raises(sqlite3.ProgrammingError, match="this"):
        await things.rows(this)
    with pytest.raises(sqlite3.ProgrammingError, match="number"):
        await things.run(inserting(THINGS, "name", "number"), {"name": "a"})


async def test_a_column_without_a_name_has_a_place(things: Connection) -> None:
    row = await things.first(Statement(select(func.count(THINGS.c.name), func.max(THINGS.c.name))))
    assert row is not None
    assert tuple(row) == (0, None)


def test_a_statement_is_made_once() -> None:
    this = Statement(select(THINGS))
    assert this.made is this.made
    assert putting(THINGS, COLUMNS) is putting(THINGS, COLUMNS)
