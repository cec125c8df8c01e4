"""Puts batches of lines into the files of a trail: durable as a whole, or not there at all.

A group that goes on in a file is durable by the journal (journal.py); the file itself is synced
when the journal is full, when another file begins, and at the first write after it was opened.

After any failure the file is cut back to what is known to be durable, and opened anew: the kernel
may take pages for clean whose write-back failed, so that only writing them again makes another
fdatasync mean something (LWN, "PostgreSQL's fsync() surprise", 2018). So what only the journal has
is kept in memory, and written again too.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from node.audit.folder import PRIVATE_FILE, file_name
from node.audit.journal import JOURNAL_BYTES, Journal
from node.durable import sync

_FLAGS: Final = os.O_WRONLY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class NewFile:
    """From here on, lines go into a new file; its first line has this number."""

    sequence: int


Piece: TypeAlias = bytes | NewFile


class Writer:
    """Writes one trail. Not for two threads at once."""

    def __init__(
        self, folder: Path, path: Path | None, size: int, journal_bytes: int = JOURNAL_BYTES
    ) -> None:
        """`path` is the file to go on with, of which `size` bytes are good; or none yet."""
        self._folder = folder
        self._path = path
        self._size = size
        self._descriptor: int | None = None
        self._synced = False  # whether the file is durable, but for what is `_ahead`
        self._ahead: list[bytes] = []  # that only the journal has for certain
        self._journal = Journal(folder, journal_bytes)

    def write(self, pieces: Sequence[Piece]) -> None:
        """Make the pieces durable, in order. Raises OSError; then nothing of them is there."""
        created: list[Path] = []
        path, size = self._path, self._size
        runs = _runs(pieces)
        try:
            for piece in runs:
                if isinstance(piece, NewFile):
                    self._finish(path, size)
                    path, size = self._create(piece.sequence), 0
                    created.append(path)
                else:
                    self._append(path, size, piece)
                    size += len(piece)
            self._make_durable(runs)
        except OSError:
            self._undo(created)
            raise
        self._path, self._size = path, size

    def close(self) -> None:
        """Let the files go. A trail that was ended needs no journal, as far as the disk allows."""
        with contextlib.suppress(OSError):
            self._sync()
        self._journal.close()
        self._let_go()

    def _append(self, path: Path | None, size: int, data: bytes) -> None:
        if path is None:
            raise ValueError("a trail begins with a new file")
        _write(self._opened(path, size), data)

    def _opened(self, path: Path, size: int) -> int:
        """The file, cut to its good bytes, with what only the journal has written again."""
        if self._descriptor is None:
            ahead = b"".join(self._ahead)
            self._descriptor = os.open(path, _FLAGS)
            os.ftruncate(self._descriptor, size)
            os.lseek(self._descriptor, size - len(ahead), os.SEEK_SET)
            _write(self._descriptor, ahead)
        return self._descriptor

    def _create(self, sequence: int) -> Path:
        path = self._folder / file_name(sequence)
        self._descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        sync(self._folder)
        return path

    def _make_durable(self, runs: Sequence[Piece]) -> None:
        """What was written: by the journal where it goes on in a file that is durable."""
        if self._synced and len(runs) == 1:
            [only] = runs
            if isinstance(only, bytes) and self._journal.put(only):
                self._ahead.append(only)
                return
        self._sync()
        self._synced = True
        self._ahead.clear()
        self._journal.restart()

    def _finish(self, path: Path | None, size: int) -> None:
        if path is not None:
            self._opened(path, size)
        self._sync()
        self._let_go()

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _sync(self) -> None:
        if self._descriptor is not None:
            os.fdatasync(self._descriptor)

    def _undo(self, created: Sequence[Path]) -> None:
        """Cut back to what is durable; what cannot be cut back now is when it is opened again."""
        self._synced = False
        with contextlib.suppress(OSError):
            self._journal.close()
            self._let_go()
        for path in created:
            with contextlib.suppress(OSError):
                path.unlink()
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.truncate(self._path, self._size)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _runs(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with neighbouring lines joined: one write for each run."""
    runs: list[Piece] = []
    lines: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, NewFile):
            if lines:
                runs.append(b"".join(lines))
            runs.append(piece)
            lines = []
        else:
            lines.append(piece)
    if lines:
        runs.append(b"".join(lines))
    return runs
