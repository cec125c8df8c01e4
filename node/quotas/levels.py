"""Where the levels of buckets are kept: in this process, or where several processes share them.

The shared ones lie in a file of rows that is mapped into memory, found by a hash of the bucket's
name. A process takes from a bucket while it holds a lock on the file (fcntl(2), POSIX record
locks), for a microsecond or two; the lock of a process that is killed is gone with it.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
from typing import Final, Protocol

from node.quotas.bucket import Level, taken

BUCKETS_KEPT: Final = 100_000
_ROW: Final = struct.Struct("=16sdd")  # name, tokens, at
_ROWS: Final = 65_536
_LOOKED_AT: Final = 8
_NOBODY: Final = bytes(16)


class Levels(Protocol):
    """The levels of buckets by name."""

    def take(self, name: str, rate: float, now: float) -> bool:
        """Take a token at `now` (seconds) from a bucket that fills with `rate` a second. Whether
        there was one.
        """
        ...


class OwnLevels:
    """Levels of this process alone. The oldest bucket makes room for a new one, if it must."""

    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}

    def take(self, name: str, rate: float, now: float) -> bool:
        """See Levels."""
        level, granted = taken(self._levels.get(name), rate, now)
        if name not in self._levels and len(self._levels) >= BUCKETS_KEPT:
            del self._levels[next(iter(self._levels))]
        self._levels[name] = level
        return granted


class SharedLevels:
    """Levels that every process shares which has this file. A bucket that finds no room takes that
    of the one that was used longest ago.
    """

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is a file of `SharedLevels.size` bytes. It stays the caller's."""
        self.descriptor = descriptor
        self._rows = mmap.mmap(descriptor, self.size())
        self._names: dict[str, bytes] = {}

    @staticmethod
    def size() -> int:
        """How long the file is (bytes). What was never written takes no room on a disk."""
        return _ROWS * _ROW.size

    @classmethod
    def new(cls, descriptor: int) -> SharedLevels:
        """Levels in an empty file: every bucket is full."""
        os.ftruncate(descriptor, cls.size())
        return cls(descriptor)

    def take(self, name: str, rate: float, now: float) -> bool:
        """See Levels."""
        digest = self._digest(name)
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
        try:
            place, level = self._found(digest)
            level, granted = taken(level, rate, now)
            _ROW.pack_into(self._rows, place, digest, level.tokens, level.at)
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN)
        return granted

    def _found(self, digest: bytes) -> tuple[int, Level | None]:
        """A bucket's place, and its level if it is there."""
        first = int.from_bytes(digest[:4], "big")
        oldest, since = 0, float("inf")
        for number in range(first, first + _LOOKED_AT):
            place = number % _ROWS * _ROW.size
            name, tokens, at = _ROW.unpack_from(self._rows, place)
            if name == digest:
                return place, Level(tokens, at)
            if name == _NOBODY:
                return place, None
            if at < since:
                oldest, since = place, at
        return oldest, None

    def _digest(self, name: str) -> bytes:
        digest = self._names.get(name)
        if digest is None:
            if len(self._names) >= BUCKETS_KEPT:
                self._names.clear()
            digest = hashlib.blake2b(name.encode(), digest_size=len(_NOBODY)).digest()
            self._names[name] = digest
        return digest
