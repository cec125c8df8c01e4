"""Runs Alembic's migrations. Imported by a start that has some to run, and by no other: Alembic
and its templates take longer to import than a node takes to open its store.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Run every migration that the store has not seen, in the connection's transaction."""
    command.upgrade(alembic_config(connection), "head")
