"""Where a trail's files lie, and in which order.

FOLDER/audit-000000000001.jsonl     named by the number of its first line
FOLDER/audit-000000067120.jsonl     … the last one is being written
FOLDER/journal                      its last lines, durable before the file is (journal.py)
FOLDER/usage.sqlite                 how keys were used, counted from the trail (usage_file.py)
FOLDER/lock                         held by the process that writes
FOLDER/worker-2/…                   the trail of a region's second worker process, and so on
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"audit-(\d{12,})\.jsonl")
_LOCK: Final = "lock"
_OF_WORKER: Final = re.compile(r"worker-([1-9]\d*)")
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600


class FolderInUse(Exception):
    """Another process writes this trail."""


def file_name(sequence: int) -> str:
    """The name of the file whose first line has this number."""
    return f"audit-{sequence:012}.jsonl"


def first_sequence(path: Path) -> int:
    """The number in a file's name."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        raise ValueError(f"{path} is not a file of a trail")
    return int(found[1])


def trail_files(folder: Path) -> list[Path]:
    """The files of the trail in `folder`, oldest first. None if there is no such folder."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(found, key=first_sequence)


def worker_folder(folder: Path, number: int) -> Path:
    """Where a region's worker process has its trail; the first one's, the leader's, is `folder`."""
    return folder if number == 1 else folder / f"worker-{number}"


def trail_folders(folder: Path) -> dict[int, Path]:
    """The folders of a region's trails by the number of the worker process; the leader's first."""
    found = {1: folder}
    if folder.is_dir():
        matches = (_OF_WORKER.fullmatch(each.name) for each in folder.iterdir())
        numbers = sorted(int(match[1]) for match in matches if match is not None)
        found |= {number: worker_folder(folder, number) for number in numbers if number > 1}
    return found


def trail_lines(
    files: Sequence[Path], seen: Callable[[int], object] = lambda size: None
) -> Iterator[tuple[str, bytes]]:
    """Every line with the name of its file. `seen` is told how many bytes each one has."""
    for path in files:
        with path.open("rb") as file:
            for line in file:
                seen(len(line))
                yield path.name, line


def prepare_folder(folder: Path) -> None:
    """Make the folder, for its owner alone, if it does not exist."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def hold(folder: Path) -> int:
    """Keep every other process from writing this trail, until the descriptor is closed.

    Raises FolderInUse.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise FolderInUse(f"{folder} is written by another process") from None
    return descriptor
