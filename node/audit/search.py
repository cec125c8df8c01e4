"""Finding records in the files of a trail, newest first or oldest first.

What is looked for stands in a record's line as it is, so that lines without it are passed over
without being decoded. Times bound the files that are opened at all. Nothing is verified here.

LookupEvents, `keyspan audit search` and `keyspan audit tail` all read here.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from node.audit import lines as kinds
from node.audit.folder import first_sequence
from node.audit.lines import Opened
from node.audit.read_line import BrokenLine, read_line
from node.audit.times import epoch_seconds

Record = Mapping[str, Any]
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_LINE_FEED: Final = b"\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are looked for: those that hold all of this. Times are epoch seconds.

    `matches` are conditions on the decoded record, `texts` what its line has if it meets them.
    """

    texts: tuple[bytes, ...] = ()
    matches: tuple[Callable[[Record], bool], ...] = ()
    since: float | None = None
    until: float | None = None

    def fits(self, record: Record) -> bool:
        """Whether a record is one of them."""
        moment = epoch_seconds(record["eventTime"])
        if self.since is not None and moment < self.since:
            return False
        if self.until is not None and moment > self.until:
            return False
        return all(match(record) for match in self.matches)


class Found(NamedTuple):
    """One record: the number of its line, its JSON, and what it says."""

    sequence: int
    body: bytes
    record: Record


def quoted(name: str, value: str) -> bytes:
    """How a member of a record stands in its line."""
    return b'"%b":%b' % (name.encode(), msgspec.json.encode(value))


def newest_first(
    files: Sequence[Path], wanted: Wanted, before: int | None = None
) -> Iterator[Found]:
    """The records that are wanted, from the end on; only those before line `before`.

    A file that retention removes meanwhile ends the search.
    """
    ends: float | None = None  # when the file behind began: nothing in this one is newer
    for path in reversed(files):
        if before is not None and first_sequence(path) >= before:
            continue
        if wanted.since is not None and ends is not None and ends < wanted.since:
            return
        try:
            with _mapped(path) as data:
                yield from _in_file(data, wanted, before, _backwards)
                ends = _opened(data)
        except FileNotFoundError:
            return


def oldest_first(files: Sequence[Path], wanted: Wanted, behind: int = 0) -> Iterator[Found]:
    """The records that are wanted, from the beginning on; only those behind line `behind`."""
    for number, path in enumerate(files):
        following = files[number + 1] if number + 1 < len(files) else None
        if following is not None and first_sequence(following) <= behind + 1:
            continue
        with _mapped(path) as data:
            for found in _in_file(data, wanted, None, _forwards):
                if found.sequence > behind:
                    yield found


def _in_file(
    data: mmap.mmap | bytes,
    wanted: Wanted,
    before: int | None,
    walk: Callable[[mmap.mmap | bytes, bytes], Iterator[bytes]],
) -> Iterator[Found]:
    needle = max(wanted.texts, key=len, default=b'"record":')
    for raw in walk(data, needle):
        if not all(text in raw for text in wanted.texts):
            continue
        try:
            line = read_line(raw)
        except BrokenLine:  # torn, or damaged: `keyspan audit verify` tells
            continue
        if line.kind != kinds.RECORD or (before is not None and line.sequence >= before):
            continue
        record = _decode(line.body)
        if wanted.fits(record):
            yield Found(line.sequence, line.body, MappingProxyType(record))


def _backwards(data: mmap.mmap | bytes, needle: bytes) -> Iterator[bytes]:
    """The lines that have `needle`, from the last one on."""
    end = len(data)
    while (at := data.rfind(needle, 0, end)) >= 0:
        begin = data.rfind(_LINE_FEED, 0, at) + 1
        line_end = data.find(_LINE_FEED, at) + 1 or len(data)
        yield data[begin:line_end]
        end = begin


def _forwards(data: mmap.mmap | bytes, needle: bytes) -> Iterator[bytes]:
    at = 0
    while (at := data.find(needle, at)) >= 0:
        begin = data.rfind(_LINE_FEED, 0, at) + 1
        line_end = data.find(_LINE_FEED, at) + 1 or len(data)
        yield data[begin:line_end]
        at = line_end


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap | bytes]:
    """A file's bytes as they are now, without reading what is not looked at."""
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


def _opened(data: mmap.mmap | bytes) -> float | None:
    """When a file began (epoch seconds); None if its first line does not tell."""
    try:
        line = read_line(data[: data.find(_LINE_FEED) + 1])
        return float(epoch_seconds(msgspec.json.decode(line.body, type=Opened).time))
    except (BrokenLine, msgspec.MsgspecError, ValueError):
        return None
