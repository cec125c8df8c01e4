"""Statements as SQLite is told them: written in SQLAlchemy Core, made into text once.

A statement that SQLAlchemy runs costs ten times what SQLite takes for it: looking its text up,
binding, wrapping the result (docs/decisions/0024-statements-without-a-layer.md). So SQLAlchemy
stays the language of the schema and of statements, and does no more than make the text.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    Table,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

Row: TypeAlias = Any
"""A named tuple: a value for each column that was asked for, by the column's name."""

_SQLITE: Final[Any] = sqlite.dialect(paramstyle="named")
_named: Final[Any] = namedtuple  # of names that are known when a statement is made
THIS: Final[BindParameter[str]] = bindparam("this")


@dataclass(frozen=True, slots=True)
class Made:
    """What SQLite is told. In `text`, `:name` is for a value to be bound; `constants` are the
    values that the statement itself has, by the names that SQLAlchemy gave them; `read` makes a row
    of what SQLite gives.
    """

    text: str
    constants: Mapping[str, Any]
    read: Callable[[Iterable[Any]], Row]


class Statement:
    """A statement that is made when it is first run: making all of them would hold up a start."""

    def __init__(self, said: ClauseElement, columns: Collection[str] = ()) -> None:
        """`columns` are those that an INSERT or UPDATE sets; without any, all of the table."""
        self._said = said
        self._columns = list(columns) or None

    @cached_property
    def made(self) -> Made:
        """What SQLite is told."""
        compiled: Any = self._said.compile(dialect=_SQLITE, column_keys=self._columns)
        constants = {
            name: bound.value for bound, name in compiled.bind_names.items() if not bound.required
        }
        return Made(str(compiled), constants, _reader(self._said))


def inserting(table: Table, *columns: str) -> Statement:
    """INSERT of these columns, by default of all."""
    return Statement(insert(table), columns)


def among(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether a column is one of some texts, however many: they are bound as one JSON list
    (sqlite.org/json1.html#jeach), so that the statement has one text.
    """
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


@cache
def putting(table: Table, columns: tuple[str, ...]) -> Statement:
    """The statement of upsert()."""
    return Statement(upsert(table, columns, "sqlite"), columns)


def upsert(table: Table, columns: Sequence[str], dialect: str) -> Any:
    """INSERT … ON CONFLICT DO UPDATE of these columns, as both engines have it."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def _reader(said: ClauseElement) -> Callable[[Iterable[Any]], Row]:
    """Makes named tuples of what a SELECT gives. SQLite has no booleans, but 0 and 1."""
    if not isinstance(said, Select):
        return tuple
    columns = list(said.selected_columns)
    names = [getattr(column, "name", "") for column in columns]
    make: Callable[[Iterable[Any]], Row] = _named("Row", names, rename=True)._make
    booleans = [isinstance(column.type, Boolean) for column in columns]
    if not any(booleans):
        return make

    def read(values: Iterable[Any]) -> Row:
        pairs = zip(values, booleans, strict=True)
        return make(
            value if value is None or not boolean else bool(value) for value, boolean in pairs
        )

    return read
