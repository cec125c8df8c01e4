"""Copies a region's outbox to its stream, keeps the two equal, and trims both (decision D5).

The Redis server is transport. It may lose its tail or everything, and whoever controls it may add,
alter or remove entries: the publisher compares the stream with the outbox wherever a peer is about
to read, and at the end, and writes the stream anew if they differ. The outbox is the truth.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from replication.entries import StreamEntry, stream_id
from replication.errors import StreamConflict, StreamUnavailable
from replication.ports import Outbox, StreamWriter
from replication.progress import first_retained

BATCH_ENTRIES = 128
WINDOW_ENTRIES = (
    512  # compared wherever a peer reads on: more than it can be ahead of what it acknowledged
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublisherStatus:
    """What the publisher knows; for display."""

    connected: bool = False
    problem: str = "not connected yet"
    published: int = 0
    rewrites: int = 0


class Publisher:
    """Publishes one region's log. One step at a time; the caller decides when (see run loops in
    node).
    """

    def __init__(
        self, outbox: Outbox, stream: StreamWriter, peers: Sequence[str], *, retention: int
    ) -> None:
        self._outbox = outbox
        self._stream = stream
        self._peers = tuple(peers)
        self._retention = retention
        self._published: int | None = None  # None: unknown until the stream was compared
        self._patrolled = 0  # what lies between is compared in turn, up to here so far
        self.status = PublisherStatus()

    async def step(self, *, compare: bool) -> None:
        """Publish what is new; before that, if `compare` or if in doubt, compare stream and outbox.

        Never raises for a stream that is away or was tampered with: the status says so, and the
        next step tries again.
        """
        try:
            if compare or self._published is None:
                await self._compare()
            await self._publish()
        except StreamConflict:
            await self._recover(self._rewrite)
        except StreamUnavailable as error:
            self._lost(error)
        else:
            self._connected()

    async def trim(self) -> None:
        """Let go, in the outbox and then in the stream, of what every peer has acknowledged."""
        head = await self._outbox.log_head()
        known = await self._outbox.acknowledgements()
        acknowledged = {peer: known.get(peer, 0) for peer in self._peers}
        unread = head.sequence - min(acknowledged.values(), default=head.sequence)
        first = first_retained(head.sequence, acknowledged, await self._kept(unread))
        if first > await self._outbox.outbox_first():
            await self._outbox.trim_outbox(first)
        await self._recover(lambda: self._stream.trim(stream_id(first)))

    async def _kept(self, unread: int) -> int:
        """How many entries are kept, if one peer has not acknowledged so many.

        Who reads an answer to its resync request acknowledges nothing before the end of it: an
        answer longer than the retention would be trimmed under its reader, which would ask again,
        for ever. So the answers to all peers come on top.
        """
        if unread <= self._retention:
            return self._retention
        return self._retention + len(self._peers) * await self._outbox.answer_entries()

    async def _publish(self) -> None:
        assert self._published is not None  # noqa: S101 - _compare() has set it, or raised
        full = True
        while full:  # what comes after less than a batch rings for another step
            entries = await self._outbox.outbox(self._published + 1, BATCH_ENTRIES)
            if entries:
                await self._stream.append(entries)
                self._published = _number(entries[-1])
            full = len(entries) == BATCH_ENTRIES

    async def _compare(self) -> None:
        if await self._differs():
            await self._rewrite()

    async def _differs(self) -> bool:
        """Whether the stream is anything but a prefix of the outbox; sets what is published."""
        first = await self._outbox.outbox_first()
        head = await self._outbox.log_head()
        await self._stream.trim(stream_id(first))
        shape = await self._stream.shape()
        published = max(first - 1, 0) + shape.length
        last = _sequence(shape.last_id)
        if published > head.sequence or last is None or (shape.length and last != published):
            return True
        if not shape.length and last > first - 1:
            return True
        for start in await self._places(first, published):
            if await self._window_differs(start, published):
                return True
        self._published = published
        return False

    async def _places(self, first: int, published: int) -> list[int]:
        """Where to compare: at the start, where each peer goes on reading, and somewhere else each
        time: a peer that resyncs may read anywhere, and has not acknowledged what it read.
        """
        known = await self._outbox.acknowledgements()
        starts = {max(known.get(peer, 0) + 1, first) for peer in self._peers}
        begin = max(self._patrolled + 1, first)
        patrol = begin if begin <= published else first
        self._patrolled = patrol + WINDOW_ENTRIES - 1
        return sorted({first, *starts, patrol})

    async def _window_differs(self, start: int, published: int) -> bool:
        expected = [
            entry
            for entry in await self._outbox.outbox(start, WINDOW_ENTRIES)
            if _number(entry) <= published
        ]
        observed = await self._stream.range(stream_id(start), WINDOW_ENTRIES)
        return list(observed) != expected

    async def _rewrite(self) -> None:
        """Put the outbox in the place of the stream."""
        first = await self._outbox.outbox_first()
        position = first

        async def batches() -> Sequence[StreamEntry]:
            nonlocal position
            entries = await self._outbox.outbox(position, BATCH_ENTRIES)
            if entries:
                position = _number(entries[-1]) + 1
            return entries

        await self._stream.replace(batches)
        self._published = position - 1
        rewrites = self.status.rewrites + 1
        self.status = replace(self.status, rewrites=rewrites)
        logger.warning(
            "the stream differed from the outbox; rewrote entries %d to %d", first, self._published
        )

    async def _recover(self, action: Callable[[], Awaitable[None]]) -> None:
        try:
            await action()
        except (StreamUnavailable, StreamConflict) as error:
            self._lost(error)
        else:
            self._connected()

    def _lost(self, error: Exception) -> None:
        if self.status.connected:
            logger.warning("the stream is away: %s", error)
        self._published = None
        self.status = replace(self.status, connected=False, problem=str(error))

    def _connected(self) -> None:
        if not self.status.connected:
            logger.info("the stream answers")
        published = self._published if self._published is not None else self.status.published
        self.status = replace(self.status, connected=True, problem="", published=published)


def _number(entry: StreamEntry) -> int:
    return int(entry.id.split("-")[0])


def _sequence(identifier: str) -> int | None:
    """The sequence number of a stream ID of ours; None for an ID that no region writes."""
    number, _, rest = identifier.partition("-")
    return int(number) if rest == "0" else None
