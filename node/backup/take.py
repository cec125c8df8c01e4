"""Takes a backup: the store's state of one moment, sealed under the region's root keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crypto.backups import BACKUP_ID_SIZE, PIECE_LIMIT, BackupHead, seal_backup
from crypto.material import Randomness
from node.backup.store_file import copied, draft_beside
from node.durable import sync
from node.settings import NodeSettings

__all__ = ["Progress", "Taken", "take_backup"]

Progress = Callable[[int, int], None]
"""Told how many bytes are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written, in bytes."""

    head: BackupHead
    size: int


def take_backup(
    settings: NodeSettings, target: Path, now: float, randomness: Randomness, progress: Progress
) -> Taken:
    """Write a backup of the region's store to `target`, which must not exist; it appears whole.

    `now` in epoch seconds. Raises FileExistsError, node.backup.store_file.NoStore, or
    OSError.
    """
    store = settings.store_file
    if target.exists():
        raise FileExistsError(str(target))
    head = BackupHead(settings.region, randomness(BACKUP_ID_SIZE), int(now))
    with draft_beside(store) as copy, draft_beside(target) as draft:
        copied(store, copy)
        whole = copy.stat().st_size
        with copy.open("rb") as source, draft.open("wb") as sealed:
            parts = _parts(source, whole, progress)
            for piece in seal_backup(head, parts, settings.root_keys, randomness):
                sealed.write(piece)
            sealed.flush()
            os.fsync(sealed.fileno())
            size = sealed.tell()
        os.link(draft, target)  # unlike a rename, it never takes another file's place
        sync(target.parent)
    return Taken(head, size)


def _parts(source: BinaryIO, whole: int, progress: Progress) -> Iterator[bytes]:
    done = 0
    while part := source.read(PIECE_LIMIT):
        yield part
        done += len(part)
        progress(done, whole)
