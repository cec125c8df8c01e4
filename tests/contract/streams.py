"""The forms of the stream port that the contract is held against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from replication.entries import StreamEntry
from replication.ports import StreamReader, StreamWriter


class Stream(StreamReader, StreamWriter, Protocol):
    """Both sides of the port."""


class Bench(Protocol):
    """One form of the port on the bench: the stream, and what a hostile hand can do to it."""

    stream: Stream

    async def lose(self) -> None:
        """Make the server come back empty."""
        ...


def entries(first: int, count: int) -> list[StreamEntry]:
    """Entries with consecutive IDs, and data that tell them apart."""
    return [
        StreamEntry(f"{number}-0", b"entry %d" % number) for number in range(first, first + count)
    ]


def ids(found: Sequence[StreamEntry]) -> list[str]:
    """The IDs of what was read."""
    return [entry.id for entry in found]


def in_batches(*batches: Sequence[StreamEntry]) -> Batches:
    """A source of batches as replace() takes it."""
    return Batches([*batches, []])


class Batches:
    """Yields one batch a call."""

    def __init__(self, left: list[Sequence[StreamEntry]]) -> None:
        self._left = left

    async def __call__(self) -> Sequence[StreamEntry]:
        return self._left.pop(0)
