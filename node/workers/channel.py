"""Questions and answers between two processes over one socket, as many at once as there are.

A frame is its length (four bytes, big-endian) and a MessagePack array: number, kind, body. A
question has a kind of its own and gets one frame back with its number: ANSWER with the body, or
FAULT. Both ends may ask. The socket is a pair that a parent gave its child (socketpair(2)): nobody
else can write to it, so a frame that makes no sense is a fault of ours and ends the channel.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, cast

import msgspec

ANSWER: Final = ""
FAULT: Final = "!"
_LENGTH_BYTES: Final = 4
logger = logging.getLogger("keyspan.workers")

Answers = Mapping[str, Callable[[bytes], Awaitable[bytes]]]
"""What answers a question, by its kind: from the question's body to the answer's."""


class Lost(Exception):
    """The other end is gone, or could not answer."""


class Frame(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One message."""

    number: int
    kind: str
    body: bytes


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Frame).decode


class Channel(asyncio.Protocol):
    """One end. `closed` is set once the other end is gone."""

    def __init__(self, answers: Answers) -> None:
        self.closed = asyncio.Event()
        self._answers = answers
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, kind: str, body: bytes = b"") -> bytes:
        """The other end's answer. Raises Lost."""
        if self.closed.is_set():
            raise Lost("the other process is gone")
        self._number += 1
        number = self._number
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self._send(Frame(number, kind, body))
        try:
            return await answer
        finally:
            self._asked.pop(number, None)

    def close(self) -> None:
        """Let the socket go."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        while len(received) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(received[:_LENGTH_BYTES], "big")
            if len(received) < end:
                return
            frame = _decode(bytes(received[_LENGTH_BYTES:end]))
            del received[:end]
            self._take(frame)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.closed.set()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(Lost("the other process is gone"))

    def _take(self, frame: Frame) -> None:
        if frame.kind not in (ANSWER, FAULT):
            task = asyncio.create_task(self._answer(frame))
            self._tasks.add(task)  # the event loop keeps none (asyncio.create_task)
            task.add_done_callback(self._tasks.discard)
            return
        asked = self._asked.get(frame.number)
        if asked is None or asked.done():
            return  # whoever asked was cancelled
        if frame.kind == ANSWER:
            asked.set_result(frame.body)
        else:
            asked.set_exception(Lost("the other process could not answer"))

    async def _answer(self, frame: Frame) -> None:
        try:
            body = await self._answers[frame.kind](frame.body)
        except Exception:
            logger.exception("a question of another worker process could not be answered")
            self._send(Frame(frame.number, FAULT, b""))
        else:
            self._send(Frame(frame.number, ANSWER, body))

    def _send(self, frame: Frame) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        data = _encode(frame)
        self._transport.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)


async def open_channel(end: socket.socket, answers: Answers) -> Channel:
    """A channel over one end of a pair of sockets, which is then the channel's."""
    end.setblocking(False)
    channel = Channel(answers)
    await asyncio.get_running_loop().create_unix_connection(lambda: channel, sock=end)
    return channel
