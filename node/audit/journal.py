"""Where a group of lines is durable before its file is: in space that the disk has already.

A sync of a file that grew waits for the file system too, which has its new size to keep; one of
space that was written before waits for the data alone (decision 0030). So lines are written to
their file, which others may follow, and again to the journal, which is synced. When the journal is
full, the file is synced instead, and the journal begins anew, over what it held.

It holds lines of a trail and nothing else: from its beginning on, as many as follow each other.
What was there before has lower numbers. After a crash of the machine, the file may lack the last of
them: `lines_after` gives them back, so that nothing is lost for which a reply had left.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from node.audit.chain import Head
from node.audit.folder import PRIVATE_FILE
from node.audit.read_line import BrokenLine, Line, read_line
from node.durable import sync

JOURNAL_BYTES: Final = 1024 * 1024
_NAME: Final = "journal"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class Journal:
    """The journal of one trail. Not for two threads at once."""

    def __init__(self, folder: Path, size: int = JOURNAL_BYTES) -> None:
        """In the trail's folder; made at the first `put`. What it holds is to be read before."""
        self._path = folder / _NAME
        self._size = size
        self._position = 0
        self._descriptor: int | None = None

    def put(self, lines: bytes) -> bool:
        """Make lines durable; False, and nothing done, where there is no room. Raises OSError."""
        if self._position + len(lines) > self._size:
            return False
        if self._descriptor is None:
            self._descriptor = self._opened()
        _write(self._descriptor, lines, self._position)
        os.fdatasync(self._descriptor)
        self._position += len(lines)
        return True

    def restart(self) -> None:
        """Forget what it holds: the file of these lines is durable."""
        self._position = 0

    def close(self) -> None:
        """Let the file go; another `put` opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        """The journal's file, all of its space written."""
        descriptor = os.open(self._path, _FLAGS, PRIVATE_FILE)
        try:
            there = os.fstat(descriptor).st_size
            if there < self._size:
                _write(descriptor, bytes(self._size - there), there)
                os.fsync(descriptor)
                sync(self._path.parent)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def _write(descriptor: int, data: bytes, position: int) -> None:
    """All of it: the system may take less at once."""
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, data[written:], position + written)


def lines_after(folder: Path, head: Head) -> list[tuple[Line, bytes]]:
    """The lines that a trail's journal holds with higher numbers than `head`, with their bytes."""
    return [each for each in _held(folder / _NAME) if each[0].sequence > head.sequence]


def _held(path: Path) -> list[tuple[Line, bytes]]:
    """The lines from the beginning of a journal that follow each other."""
    if not path.is_file():
        return []
    found: list[tuple[Line, bytes]] = []
    for data in path.read_bytes().splitlines(keepends=True):
        try:
            line = read_line(data)
        except BrokenLine:
            break
        if found and not line.follows(found[-1][0].head):
            break
        found.append((line, data))
    return found
