"""Puts batches of lines into the files of a trail: durable as a whole, or not there at all.

After any failure the file is cut back to what is known to be durable, and opened anew: the kernel
may take pages for clean whose write-back failed, so that only writing them again makes another
fdatasync mean something (LWN, "PostgreSQL's fsync() surprise", 2018).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from node.audit.folder import PRIVATE_FILE, file_name, sync_folder

_FLAGS: Final = os.O_WRONLY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class NewFile:
    """From here on, lines go into a new file; its first line has this number."""

    sequence: int


Piece: TypeAlias = bytes | NewFile


class Writer:
    """Writes one trail. Not for two threads at once."""

    def __init__(self, folder: Path, path: Path | None, size: int) -> None:
        """`path` is the file to go on with, of which `size` bytes are durable; or none yet."""
        self._folder = folder
        self._path = path
        self._size = size
        self._descriptor: int | None = None

    def write(self, pieces: Sequence[Piece]) -> None:
        """Make the pieces durable, in order. Raises OSError; then nothing of them is there."""
        created: list[Path] = []
        path, size = self._path, self._size
        try:
            for piece in _runs(pieces):
                if isinstance(piece, NewFile):
                    self._finish()
                    path, size = self._create(piece.sequence), 0
                    created.append(path)
                else:
                    self._append(path, size, piece)
                    size += len(piece)
            self._sync()
        except OSError:
            self._undo(created)
            raise
        self._path, self._size = path, size

    def close(self) -> None:
        """Let the file go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _append(self, path: Path | None, size: int, data: bytes) -> None:
        if self._descriptor is None:
            if path is None:
                raise ValueError("a trail begins with a new file")
            self._descriptor = os.open(path, _FLAGS)
            os.ftruncate(self._descriptor, size)
            os.lseek(self._descriptor, size, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _create(self, sequence: int) -> Path:
        path = self._folder / file_name(sequence)
        self._descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        sync_folder(self._folder)
        return path

    def _finish(self) -> None:
        self._sync()
        self.close()

    def _sync(self) -> None:
        if self._descriptor is not None:
            os.fdatasync(self._descriptor)

    def _undo(self, created: Sequence[Path]) -> None:
        """Cut back to what is durable; what cannot be cut back now is when it is opened again."""
        with contextlib.suppress(OSError):
            self.close()
        for path in created:
            with contextlib.suppress(OSError):
                path.unlink()
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.truncate(self._path, self._size)


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
