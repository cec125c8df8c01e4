"""A store with every migration run, to be copied: running them takes longer than most tests."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from node.store.migrate import migrate


def make_store(file: Path) -> None:
    """Make the file of an empty store with today's schema, unless there is a file."""
    if not file.exists():
        file.write_bytes(_empty())


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.sqlite"
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        return file.read_bytes()
