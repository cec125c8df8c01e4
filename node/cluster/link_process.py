"""A slow link between containers: a process in the network namespace of the reader's node.

    python -m node.cluster.link_process ORIGIN PID SHAPE

Rules of iptables (compose.py) lead the node's connections to ORIGIN's stream server here; they are
carried on to where they were going, at the pace of SHAPE (JSON). What this process sends is marked,
so that it is not led here again. It prints its port, closes its output, and ends on SIGTERM, or
when process PID, the node's, has ended: the namespace is not kept alive by it.

Source: iptables-extensions(8), REDIRECT and mark; socket(7), SO_MARK; pidfd_open(2).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Final

import msgspec

from node.cluster.acts import Shape
from node.cluster.link_carrier import CHUNK_BYTES, Carrier, Streams

__all__ = ["MARK", "end_links", "link_command"]

MARK: Final = 0x4B53
_SO_MARK: Final = 36
_SOL_IP, _SO_ORIGINAL_DST = 0, 80  # linux/netfilter_ipv4.h
_ADDRESS: Final = struct.Struct("!2xH4s8x")  # sockaddr_in: port and address
_MODULE: Final = "node.cluster.link_process"
_PROCESSES: Final = Path("/proc")


def link_command(origin: str, pid: int, shape: Shape) -> list[str]:
    """The command that carries a link, to be run in the namespace of process `pid`."""
    words = [origin, str(pid), msgspec.json.encode(shape).decode()]
    return [sys.executable, "-P", "-m", _MODULE, *words]


def end_links(origin: str, pid: int) -> int:
    """End what carries ORIGIN's link to process `pid`; returns how many processes that were."""
    found = [each for each in _PROCESSES.glob("[0-9]*") if each.name.isdecimal()]
    ended = 0
    for each in found:
        if _carries(each, origin, str(pid)):
            os.kill(int(each.name), signal.SIGTERM)
            ended += 1
    return ended


def _carries(process: Path, origin: str, pid: str) -> bool:
    try:
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # it has ended meanwhile
        return False
    return _MODULE in words and words[words.index(_MODULE) + 1 :][:2] == [origin, pid]


async def _connect(accepted: asyncio.StreamWriter) -> Streams:
    """To where the connection was going before it was led here."""
    found = accepted.get_extra_info("socket").getsockopt(_SOL_IP, _SO_ORIGINAL_DST, _ADDRESS.size)
    port, address = _ADDRESS.unpack(found)
    connection = socket.socket()
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, _SO_MARK, MARK)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (socket.inet_ntoa(address), port))
        return await asyncio.open_connection(sock=connection, limit=CHUNK_BYTES)
    except BaseException:
        connection.close()
        raise


async def _carry(pid: int, shape: Shape) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_reader(os.pidfd_open(pid), ended.set)  # readable when the process has ended
    carrier = Carrier(_connect, shape)
    sys.stdout.write(f"{await carrier.open()}\n")
    sys.stdout.flush()
    _let_go_of_the_terminal()
    await ended.wait()
    await carrier.close()


def _let_go_of_the_terminal() -> None:
    """So that whoever started this reads the port to its end, and need not stay."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


def main(words: list[str]) -> None:
    """Carry a link until it is to end."""
    _origin, pid, shape = words
    asyncio.run(_carry(int(pid), msgspec.json.decode(shape, type=Shape)))


if __name__ == "__main__":
    main(sys.argv[1:])
