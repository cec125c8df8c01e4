"""Puts a backup back in the place of a region's store, so that it can do no harm.

An old store knows less than its peers. So the restored one begins a new log and asks every peer for
what it missed before its node starts: the peers take nothing old for news, and tell it of keys that
another region leads by now. And no key that was pending deletion is deleted on the strength of
an old schedule, which may have been cancelled since: its window begins anew.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from crypto.backups import BackupHead, open_backup, read_head
from crypto.errors import SealError
from crypto.material import Randomness
from node.backup.store_file import draft_beside, set_aside
from node.backup.take import Progress
from node.durable import sync
from node.settings import NodeSettings
from node.store.rows import Sealer
from node.store.sql import SqlStore
from replication.log import Log
from replication.ports import Clock

__all__ = ["Restored", "WrongBackup", "restore_backup"]

DELETION_WINDOW_SECONDS: Final = 7 * 86400.0  # KMS's shortest (ScheduleKeyDeletion)


class WrongBackup(Exception):
    """A file is no backup of this region, or is damaged; one clause that says which."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done. `aside` is where the store lies that was there before, if there was one."""

    head: BackupHead
    keys: int
    postponed: int
    aside: Path | None


async def restore_backup(
    settings: NodeSettings, source: Path, clock: Clock, randomness: Randomness, progress: Progress
) -> Restored:
    """Put the backup in `source` in the place of the region's store; its node must not run.

    Raises WrongBackup, node.backup.store_file.InUse, or OSError.
    """
    store = settings.store_file
    with draft_beside(store) as draft:
        head = _open_into(draft, source, settings, progress)
        _check(draft)
        keys, postponed = await _prepare(draft, settings, clock, randomness)
        aside = set_aside(store, f"{store.name}.before-restore-{_stamp(clock.now())}")
        draft.rename(store)
        sync(store.parent)
    return Restored(head, keys, postponed, aside)


def _open_into(draft: Path, source: Path, settings: NodeSettings, progress: Progress) -> BackupHead:
    whole = source.stat().st_size
    with source.open("rb") as sealed, draft.open("wb") as database:
        try:
            head = read_head(sealed.read)
            if head.region != settings.region:
                raise WrongBackup(f"is a backup of {head.region}, not of {settings.region}")
            for part in open_backup(head, sealed.read, settings.root_keys):
                database.write(part)
                progress(sealed.tell(), whole)
        except SealError:
            raise WrongBackup(
                "is no backup, is damaged, or was sealed under a root key that is not among "
                f"root_keys of {settings.region}"
            ) from None
        database.flush()
        os.fsync(database.fileno())
    return head


def _check(draft: Path) -> None:
    """The seal proves that these bytes were written; this, that they are a whole database."""
    with closing(sqlite3.connect(draft)) as database:
        try:
            answers = database.execute("PRAGMA quick_check").fetchall()
        except sqlite3.DatabaseError:
            answers = []
    if answers != [("ok",)]:
        raise WrongBackup("opens, and what is in it is no whole SQLite database")


async def _prepare(
    draft: Path, settings: NodeSettings, clock: Clock, randomness: Randomness
) -> tuple[int, int]:
    """Number of keys, and how many deletions were postponed."""
    log = Log(settings.identity, clock, randomness)
    sealer = Sealer(settings.region, settings.root_keys, randomness)
    async with _opened(SqlStore(draft, sealer)) as store:
        async with store.transaction() as transaction:
            await log.begin(transaction)
            for peer in settings.peers:
                await log.request_resync(transaction, peer)
            until = clock.now() + DELETION_WINDOW_SECONDS
            pending = await transaction.due_deletions(until, sys.maxsize)
            for key in pending:
                await transaction.put_key(replace(key, deletion_date=until))
        return sum((await store.count_keys()).values()), len(pending)


@asynccontextmanager
async def _opened(store: SqlStore) -> AsyncIterator[SqlStore]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _stamp(now: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
