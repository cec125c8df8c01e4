"""Brings a store's schema up to date, at every start of a node."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, NullPool, create_engine, event, inspect, text

from node.store.inline_sqlite import connected

NEWEST: Final = "0010"
"""The revision of the newest migration in migrations/versions; a test holds it to them."""

_VERSIONS: Final = "alembic_version"  # Alembic's table: one row, the revision that the store has


def migrate_file(file: Path) -> None:
    """Run every migration that the store in this file has not seen; one process at a time.

    Raises as migrate().
    """
    engine = create_engine("sqlite://", creator=partial(connected, file), poolclass=NullPool)
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Run every migration that the store has not seen, in the connection's transaction.

    Raises alembic.util.CommandError for a store that a newer version of Keyspan has migrated.
    """
    if _revision(connection) == NEWEST:
        return
    from node.store.upgrade import upgrade  # Alembic is needed by a new or an older store alone

    upgrade(connection)


def _revision(connection: Connection) -> str | None:
    """The revision that the store has; None for an empty one."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608
    return found
