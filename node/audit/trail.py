"""Opens a trail for writing: finds its end, repairs what a crash tore, begins or goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from crypto.identity import RegionIdentity
from crypto.material import Randomness
from node.audit import lines as kinds
from node.audit.chain import genesis
from node.audit.folder import (
    first_sequence,
    hold,
    prepare_folder,
    trail_files,
    trail_lines,
)
from node.audit.journal import lines_after
from node.audit.lines import Opened, Repaired
from node.audit.opening import Ending, read_ending
from node.audit.read_line import BrokenLine, Line, read_line
from node.audit.sink import Clock, Rules, Sink
from node.audit.times import epoch_seconds, iso_time
from node.audit.writer import Writer
from node.durable import sync

logger = logging.getLogger("keyspan.audit")
TRAIL_ID_BYTES: Final = 16


@dataclass(slots=True)
class OpenTrail:
    """A trail that this process writes, and the lines that its last file held before."""

    sink: Sink
    lines: list[Line]
    lock: int
    began: float | None = None  # when the oldest file that is there began

    def lines_behind(self, sequence: int, files: Sequence[Path]) -> Iterator[Line]:
        """Every good line behind `sequence`; only those of the last file are at hand, and files
        whose lines are all before it are not read.
        """
        if not self.lines or self.lines[0].sequence <= sequence + 1:
            yield from (each for each in self.lines if each.sequence > sequence)
            return
        first = max(bisect_right(files, sequence + 1, key=first_sequence) - 1, 0)
        for _, data in trail_lines(files[first:]):
            with contextlib.suppress(BrokenLine):
                line = read_line(data)
                if line.sequence > sequence:
                    yield line

    async def close(self) -> None:
        """Sign and write what is left, and let others write."""
        await self.sink.close()
        os.close(self.lock)


async def open_trail(
    folder: Path, identity: RegionIdentity, randomness: Randomness, clock: Clock, rules: Rules
) -> OpenTrail:
    """Open the trail in `folder`, which is made if there is none.

    Raises FolderInUse, ForeignTrail, OSError, or Unwritable.
    """
    prepare_folder(folder)
    lock = hold(folder)
    try:
        ending, empty = await asyncio.to_thread(read_ending, trail_files(folder), identity.region)
        for path in empty:
            logger.warning("removed %s, which a crash left without a whole line", path)
            path.unlink()
        if ending is None:
            trail = randomness(TRAIL_ID_BYTES).hex()
            head = genesis(identity.region, trail)
            return OpenTrail(
                Sink(identity, trail, Writer(folder, None, 0), head, clock, rules), [], lock
            )
        sink = _continued(folder, ending, identity, clock, rules)
        await sink.flush()
    except BaseException:
        os.close(lock)
        raise
    return OpenTrail(sink, ending.lines, lock, _began(trail_files(folder)))


def _began(files: Sequence[Path]) -> float | None:
    """When the first of these files began (epoch seconds)."""
    if not files:
        return None
    with files[0].open("rb") as file, contextlib.suppress(BrokenLine, msgspec.MsgspecError):
        opened = msgspec.json.decode(read_line(file.readline()).body, type=Opened)
        return float(epoch_seconds(opened.time))
    return None


def _put_back(folder: Path, ending: Ending) -> bytes:
    """The lines that a crash took from the file and the journal has: to be written again. None
    where there are no such lines, or where they are not the file's.
    """
    missing = lines_after(folder, ending.sound)
    if not missing:
        return b""
    if not ending.restored([line for line, _ in missing]):
        logger.error(
            "the journal of %s holds lines %d to %d, which do not follow it: were it or its files "
            "changed? `keyspan audit verify` tells more",
            ending.path,
            missing[0][0].sequence,
            missing[-1][0].sequence,
        )
        return b""
    logger.warning(
        "%s lacked %d lines after a crash of the machine; its journal had them",
        ending.path,
        len(missing),
    )
    return b"".join(data for _, data in missing)


def _continued(
    folder: Path, ending: Ending, identity: RegionIdentity, clock: Clock, rules: Rules
) -> Sink:
    missing = _put_back(folder, ending)
    if ending.damaged:
        sync(ending.path)  # as the journal, which may have it for certain, begins anew
        logger.error(
            "%s was changed behind line %d; the trail goes on in a new file: "
            "`keyspan audit verify` tells more",
            ending.path,
            ending.lines[0].sequence,
        )
        writer = Writer(folder, None, 0)
        return Sink(identity, ending.trail, writer, ending.head, clock, rules)
    writer = Writer(folder, ending.path, ending.size)
    sink = Sink(identity, ending.trail, writer, ending.head, clock, rules)
    sink.resume(ending.size, float(epoch_seconds(ending.opened)), ending.signed)
    if missing:
        sink.restore(missing)
    if ending.torn:
        logger.warning(
            "removed %d bytes of a torn last line from %s: a crash, and no reply had left for it",
            len(ending.torn),
            ending.path,
        )
        told = Repaired(iso_time(clock.now()), len(ending.torn), ending.torn_digest)
        sink.append(kinds.REPAIRED, msgspec.json.encode(told))
    return sink
