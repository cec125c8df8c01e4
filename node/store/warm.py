"""Has the operating system read the store's file before its pages are asked for.

Statements run on the event loop (docs/decisions/0003), so that a page that has to come from the
disk stops every call: with a million keys and nothing of the file in memory, the first use of a key
took 1.8 ms, of a hundred one 34. The memory is the operating system's page cache: no process has
it, and it is taken for something else where it is short.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

Advise = Callable[[int, int, int, int], None]
"""posix_fadvise(2): of a descriptor, from an offset on, so many bytes, what is going to be done."""

_AT_ONCE: Final = 128 * 1024  # bytes; Linux reads no more for one advice than its read-ahead
_STEP: Final = 16 * 1024 * 1024  # bytes, between which it can be cancelled


def memory_of_the_machine() -> int:
    """In bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


async def warm(file: Path, most: int, advise: Advise = os.posix_fadvise) -> None:
    """Have the file read, or its first `most` bytes; a thread waits for the disk.

    Raises OSError.
    """
    descriptor = await asyncio.to_thread(os.open, file, os.O_RDONLY | os.O_CLOEXEC)
    # It is never closed: with any descriptor of the file, this process would let go of all SQLite's
    # locks on it, and another one remove what was written (sqlite.org/howtocorrupt.html, 2.2).
    end = min(os.fstat(descriptor).st_size, most)
    for start in range(0, end, _STEP):
        await asyncio.to_thread(_read_soon, descriptor, start, min(start + _STEP, end), advise)


def _read_soon(descriptor: int, start: int, end: int, advise: Advise) -> None:
    for offset in range(start, end, _AT_ONCE):
        advise(descriptor, offset, min(_AT_ONCE, end - offset), os.POSIX_FADV_WILLNEED)
