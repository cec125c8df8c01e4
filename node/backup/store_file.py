"""The SQLite file of a key store, as a backup sees it: copied whole, or replaced while it rests."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

__all__ = ["InUse", "NoStore", "copied", "draft_beside", "set_aside"]

_PRIVATE = 0o600


class InUse(Exception):
    """A process has the store open."""


class NoStore(Exception):
    """There is no store."""


@contextmanager
def draft_beside(path: Path) -> Iterator[Path]:
    """A new private file of a hidden name in the same folder; removed again unless it was moved."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
    try:
        yield draft
    finally:
        for each in _files_of(draft):
            each.unlink(missing_ok=True)


def copied(store: Path, copy: Path) -> None:
    """Write the store's state of one moment into `copy`, an empty file; its node goes on serving.

    VACUUM INTO is one read transaction (sqlite.org/lang_vacuum.html), and leaves behind what lies
    in free pages: deleted keys do not travel. Raises NoStore.
    """
    if not store.is_file():
        raise NoStore
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=rw", uri=True, timeout=30)) as source:
        source.execute("VACUUM INTO ?", (str(copy),))


def set_aside(store: Path, name: str) -> Path | None:
    """Give the store another name in its folder, and return it; None if there is no store.

    Raises InUse if any process has it open. Leaving WAL mode needs the file for oneself alone
    (sqlite.org/wal.html), and takes what the write-ahead log holds into the file.
    """
    if not store.exists():
        return None
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=rw", uri=True, timeout=0)) as database:
        try:
            database.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise
            raise InUse from None
    place = store.with_name(name)
    store.rename(place)
    return place


def _files_of(path: Path) -> Iterator[Path]:
    yield path
    for ending in ("-wal", "-shm", "-journal"):
        with suppress(ValueError):
            yield path.with_name(path.name + ending)
