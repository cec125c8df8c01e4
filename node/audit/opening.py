"""Where a trail ended, read from its last file when a node starts.

A crash may leave a last line without its end, or pages that were never written. What the journal
has of it is put back (journal.py); for the rest no reply had left, so it is removed, and the trail
says so. Other damage before the end is left as it is for `keyspan audit verify`, and the trail goes
on in a new file behind it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from node.audit import lines as kinds
from node.audit.chain import Head
from node.audit.lines import Opened
from node.audit.read_line import BrokenLine, Line, read_line


class ForeignTrail(Exception):
    """The folder holds the trail of another region, or something that is no trail."""


@dataclass(slots=True)
class Ending:
    """The end of a trail: in which file, behind how many good bytes, and where the chain stands.

    `torn` is what follows those bytes. `damaged` says that good lines follow bad ones: then `head`
    is of the last good line, and the file is not to be written again. `sound` is the head at the
    end of the good bytes; `unwritten` is whether what follows them has zeros, which no line has.
    """

    trail: str
    path: Path
    size: int
    head: Head
    sound: Head
    opened: str
    torn: bytes = b""
    damaged: bool = False
    unwritten: bool = False
    lines: list[Line] = field(default_factory=list)

    @property
    def torn_digest(self) -> str:
        """SHA-256 of what was torn, for who wants to compare."""
        return hashlib.sha256(self.torn).hexdigest()

    def restored(self, missing: Sequence[Line]) -> bool:
        """Put lines back, which follow the good bytes, if a crash alone can have taken them; tell
        whether that is so. They are to be written again, from `size` on.
        """
        if not missing or not missing[0].follows(self.sound):
            return False
        if self.damaged and not self.unwritten:
            return False
        if missing[-1].sequence < self.head.sequence:
            return False
        self.lines = [each for each in self.lines if each.sequence <= self.sound.sequence]
        self.lines += missing
        self.head, self.torn, self.damaged = missing[-1].head, b"", False
        return True

    @property
    def signed(self) -> int:
        """The last line that a checkpoint of this file is, 0 if there is none."""
        checkpoints = (each.sequence for each in self.lines if each.kind == kinds.CHECKPOINT)
        return max(checkpoints, default=0)


def read_ending(files: Sequence[Path], region: str) -> tuple[Ending | None, list[Path]]:
    """The end of the trail in `files`, and the files behind it that hold no whole line.

    The latter are what a crash left of beginning a file. Raises ForeignTrail.
    """
    empty: list[Path] = []
    for path in reversed(files):
        data = path.read_bytes()
        ending = _ending(path, data, region)
        if ending is not None:
            return ending, empty
        if any(_line(each) for each in data.splitlines(keepends=True)):
            raise ForeignTrail(f"{path} does not begin as a file of a trail does")
        empty.append(path)
    return None, empty


def _ending(path: Path, data: bytes, region: str) -> Ending | None:
    """The end of one file; None if it has no first line."""
    lines = data.splitlines(keepends=True)
    first = _line(lines[0]) if lines else None
    if first is None or first.kind != kinds.OPENED:
        return None
    opened = msgspec.json.decode(first.body, type=Opened)
    if opened.region != region:
        raise ForeignTrail(f"{path} belongs to the trail of {opened.region}")
    head, size = first.head, len(lines[0])
    ending = Ending(opened.trail, path, size, head, head, opened.time, lines=[first])
    for number, each in enumerate(lines[1:], start=1):
        line = _line(each)
        if line is None or not line.follows(ending.head):
            _judge(ending, data, lines[number:])
            break
        ending.head = ending.sound = line.head
        ending.size += len(each)
        ending.lines.append(line)
    return ending


def _judge(ending: Ending, data: bytes, rest: Sequence[bytes]) -> None:
    """Whether what follows is a torn end, or damage with good lines behind it."""
    good = [line for line in map(_line, rest) if line is not None]
    ending.unwritten = b"\0" in rest[0]
    if good:
        ending.damaged = True
        ending.head = good[-1].head
        ending.lines += good
    else:
        ending.torn = data[ending.size :]


def _line(data: bytes) -> Line | None:
    try:
        return read_line(data)
    except BrokenLine:
        return None
