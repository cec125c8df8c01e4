"""The port that the worker processes of a node share, taken by their leader before any listens.

Sockets that share a port (SO_REUSEPORT, socket(7)) would also share it with those of another node
of the same user, which was given the same port by mistake: each would get some of the other's
requests. So the port is first asked for alone. A worker that dies with its killed leader may hold
it for a moment still.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

DYING_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 0.05


@asynccontextmanager
async def held(host: str, port: int) -> AsyncIterator[int]:
    """A port for this node's processes, which may share it while the block runs; 0 takes a free
    one. Raises OSError if somebody else listens there.
    """
    now = asyncio.get_running_loop().time
    until = now() + DYING_SECONDS
    while True:
        try:
            _bound(host, port, shared=False).close()
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE or now() >= until:
                raise
        await asyncio.sleep(LOOK_SECONDS)
    with _bound(host, port, shared=True) as held:
        yield held.getsockname()[1]


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    one = socket.socket(family, kind, protocol)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
        one.bind(address)
    except BaseException:
        one.close()
        raise
    return one
