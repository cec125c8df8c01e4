"""Removing old files of a trail so that what is left still proves itself.

First the trail says which line will be its first, and what that follows, and signs it; only when
that is durable are the files before it removed. Without that word, verification calls them cut.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from node.audit import lines as kinds
from node.audit.folder import trail_files
from node.audit.lines import Opened, Retired
from node.audit.read_line import Line, read_line
from node.audit.sink import Sink
from node.audit.times import epoch_seconds, iso_time

logger = logging.getLogger("keyspan.audit")


async def retire(sink: Sink, folder: Path, oldest: float, now: float) -> int:
    """Remove the files whose every line is older than `oldest` (epoch seconds). Returns how many.

    Raises Unwritable, or OSError; then the files are there, and the next time is soon enough.
    """
    files = trail_files(folder)
    kept = await asyncio.to_thread(_first_kept, files, oldest)
    if kept is None:
        return 0
    number, first = kept
    told = Retired(first.sequence, first.previous.decode(), iso_time(now))
    sink.append(kinds.RETIRED, msgspec.json.encode(told))
    await sink.checkpoint()
    for path in files[:number]:
        path.unlink()
    logger.info("removed %d files of the audit trail, older than retention keeps", number)
    return number


def _first_kept(files: Sequence[Path], oldest: float) -> tuple[int, Line] | None:
    """How many files may go, and the first line that stays; None if none may.

    A file is as old as the beginning of the next one. The last one stays.
    """
    kept = None
    for number, path in enumerate(files[1:], start=1):
        with path.open("rb") as file:
            line = read_line(file.readline())
        opened = msgspec.json.decode(line.body, type=Opened)
        if epoch_seconds(opened.time) > oldest:
            break
        kept = number, line
    return kept
