"""One counter that every worker process of a region reads without a system call.

The leader counts a change up after it is committed and before anybody is told that it is done. So a
request that came after the answer finds the counter moved, whichever worker it came to.

The counter is one aligned word of memory that is shared by a file without a name; only the leader
writes it. Its value means nothing, only whether it moved.
"""

from __future__ import annotations

import mmap
import os
import tempfile

_SIZE = mmap.PAGESIZE


class ChangePage:
    """The counter in shared memory. `descriptor` is its file, for worker processes to inherit."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is a file of `new_page`. It stays the caller's."""
        self.descriptor = descriptor
        self._memory = memoryview(mmap.mmap(descriptor, _SIZE)).cast("Q")  # aligned words

    @property
    def changes(self) -> int:
        """Where the counter stands."""
        return self._memory[0]

    def count(self) -> None:
        """Something was changed. For the leader alone."""
        self._memory[0] += 1

    async def follow(self) -> None:
        """The same, as the store calls it after a commit (SqlStore.after_commit)."""
        self.count()


def new_page() -> ChangePage:
    """A counter that stands at nothing."""
    descriptor = nameless_file()
    os.ftruncate(descriptor, _SIZE)
    return ChangePage(descriptor)


def nameless_file() -> int:
    """A file that only this process, and those that inherit its descriptor, can reach."""
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
