"""A channel whose two ends are in one process."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from node.workers.channel import Answers, Channel, open_channel


@asynccontextmanager
async def joined(ours: Answers, theirs: Answers) -> AsyncIterator[tuple[Channel, Channel]]:
    """Two ends of a channel, and what each answers."""
    one, other = socket.socketpair()
    first, second = await open_channel(one, ours), await open_channel(other, theirs)
    try:
        yield first, second
    finally:
        first.close()
        second.close()
        await first.closed.wait()
        await second.closed.wait()
