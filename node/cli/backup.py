"""`keyspan backup FILE` and `keyspan restore FILE`: a region's key store, sealed in one file."""

from __future__ import annotations

import asyncio
import os
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from node.backup.restore import Restored, WrongBackup, restore_backup
from node.backup.store_file import InUse, NoStore
from node.backup.take import Progress as Told
from node.backup.take import take_backup
from node.cli.command import Command, CommandError
from node.cli.node_file import add_node_file, node_file
from node.cli.screen import output, remarks
from node.clock import SystemClock
from node.settings import NodeSettings, read_node_settings

__all__ = ["BACKUP", "RESTORE"]

_BACKUP = """\
Write a backup of one region's key store to FILE, while its node serves or not: all of
its keys, aliases, policies and its place in replication, as they were at one moment.
The file opens under the region's root keys alone. They are not in it, nor is the
region's identity: keep those files elsewhere, for without them a backup is worthless.
"""

_RESTORE = """\
Put a backup in the place of a region's key store. The region's node must not run. The
store that was there is kept under another name.

The region begins a new log and catches up with its peers when its node starts: a primary
that was moved since the backup is not led twice, and related keys get what they missed.
What is of this region alone (single-Region keys, aliases, policies, tags) is as it was
at the backup. Keys that were pending deletion then wait another 7 days at least.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path)
    add_node_file(parser)


def _settings(arguments: Namespace) -> NodeSettings:
    return read_node_settings(node_file(arguments), os.environ)


def _back_up(arguments: Namespace) -> int:
    settings, target = _settings(arguments), arguments.file
    try:
        with _shown(f"sealing {settings.region}") as told:
            taken = take_backup(settings, target, time.time(), os.urandom, told)
    except FileExistsError:
        raise CommandError(
            f"{target} exists already, and a backup replaces nothing; name a new file."
        ) from None
    except NoStore:
        raise CommandError(
            f"{settings.region} has no key store yet; its node makes one when it first starts."
        ) from None
    sealed_by = settings.root_keys.root_key_ids[0]
    screen = output()
    screen.print(
        f"The key store of {settings.region} as of {_utc(taken.head.taken)} is in {target} "
        f"({taken.size:,} bytes).",
        soft_wrap=True,
    )
    screen.print(f"It opens under root key {sealed_by} alone; keep that file elsewhere.")
    return 0


def _restore(arguments: Namespace) -> int:
    settings, source = _settings(arguments), arguments.file
    try:
        with _shown(f"opening {source.name}") as told:
            restored = asyncio.run(
                restore_backup(settings, source, SystemClock(), os.urandom, told)
            )
    except WrongBackup as mistake:
        raise CommandError(f"{source} {mistake}; nothing was changed.") from None
    except InUse:
        raise CommandError(
            f"the key store of {settings.region} is in use, and nothing was changed; stop its node "
            "and try again."
        ) from None
    _tell(settings.region, restored)
    return 0


def _tell(region: str, restored: Restored) -> None:
    screen = output()
    taken = _utc(restored.head.taken)
    screen.print(f"{region} is restored as of {taken}, with {restored.keys} key(s).")
    if restored.postponed:
        screen.print(f"{restored.postponed} key(s) pending deletion wait another 7 days.")
    if restored.aside is not None:
        screen.print(f"The store that was there is now {restored.aside}.", soft_wrap=True)
    screen.print("Start its node; it catches up with its peers, as `keyspan status` shows.")


@contextmanager
def _shown(what: str) -> Iterator[Told]:
    """A progress bar on standard error for as long as the block runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = remarks()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def _utc(seconds: float) -> str:
    return time.strftime("%F %T UTC", time.gmtime(seconds))


BACKUP = Command(
    "backup", "seal a region's key store in one file", _BACKUP, _add_arguments, _back_up
)
RESTORE = Command(
    "restore", "put a backup in the place of a key store", _RESTORE, _add_arguments, _restore
)
