"""One connection of a client: requests are answered in the order they came, one at a time.

It bounds what a stranger may take. Time: each stage of the connection has its own limit. Memory:
nothing is read while requests wait to be answered, and nothing is answered while the client does
not read. Who breaks a limit is answered where that is possible, and cut where it is not.
"""

from __future__ import annotations

import asyncio
import logging
import math
import traceback
from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from types import MappingProxyType
from typing import cast

from node.wire.http.deadline import Deadline
from node.wire.http.doors import Doors
from node.wire.http.reader import RequestReader, Stage
from node.wire.http.refusal import Refusal
from node.wire.http.response import CONTINUE, ResponseWriter
from node.wire.http.site import FAULT, Site
from node.wire.http.worker import Worker
from node.wire.limits import Limits
from node.wire.messages import WireRequest, WireResponse
from node.wire.protocol import Answer

log = logging.getLogger("keyspan.wire")


class Doing(Enum):
    """What a connection is doing, where it is not one of the reader's stages."""

    __hash__ = object.__hash__  # each is the only one of its kind; Enum's own is interpreted

    ANSWERING = "answering"
    WRITING = "waiting for the client to read"
    LINGERING = "reading what is refused, so that the refusal can be read (RFC 9112, 9.6)"


class Shared:
    """What the connections of one server have in common."""

    def __init__(
        self,
        site: Site,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        doors: Doors,
        opened: Callable[[Connection], None],
        closed: Callable[[Connection], None],
        make_room: Callable[[], bool],
    ) -> None:
        """`closed` is told when nothing is left of a connection, work under way included;
        `make_room` asks another connection to `give_way`.
        """
        self.site = site
        self.doors = doors
        self.limits = limits
        self.loop = loop
        self.opened = opened
        self.closed = closed
        self.make_room = make_room
        self.writer = ResponseWriter()
        self.seconds: Mapping[Stage | Doing, float] = MappingProxyType(
            {
                Stage.BETWEEN: limits.keep_alive_seconds,
                Stage.HEAD: limits.header_seconds,
                Stage.BODY: limits.body_seconds,
                Stage.ENDED: limits.linger_seconds,
                Doing.ANSWERING: math.inf,
                Doing.WRITING: limits.write_seconds,
                Doing.LINGERING: limits.linger_seconds,
            }
        )


class Connection(asyncio.Protocol):
    """Reads, answers, writes."""

    def __init__(self, shared: Shared) -> None:
        self._site = shared.site
        self._writer = shared.writer
        self._shared = shared
        self._transport: asyncio.Transport
        self._reader: RequestReader
        self._deadline = Deadline(shared.loop, self._too_late)
        self._doing: Stage | Doing | None = None  # what the deadline was set for
        self._worker: Worker[Answer] | None = None
        self._at_work: WireRequest | None = None  # the request that is being answered
        self._writable = True
        self._paused = False
        self._entered = False
        self._finishing = False
        self._lingering = False
        self._closing = False
        self._lost = False

    # What the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of no common class
        peer = transport.get_extra_info("peername")
        self._reader = RequestReader(peer[0] if peer else "", self._shared.limits)
        shared = self._shared
        self._entered = shared.doors.enter(self._reader.source_address, shared.make_room)
        shared.opened(self)
        if self._entered:
            self._settle()
        else:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        self._go_on()

    def eof_received(self) -> bool:
        """A client may close its side and still wait for the answers to what it asked."""
        self._reader.end()
        waiting = self._at_work is not None or bool(self._reader.arrived)
        return waiting and self._transport.get_extra_info("sslcontext") is None

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._go_on()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._lost = True
        self._deadline.cancel()
        self._depart()
        self._reader.end()
        self._reader.arrived.clear()
        if self._at_work is None:
            self._leave()

    # What the server tells

    def finish(self) -> None:
        """Answer what is under way, then close."""
        self._finishing = True
        if self._reader.stage is Stage.BETWEEN and not self._pending():
            self._close()

    def abort(self) -> None:
        """Close now, whatever is under way."""
        self._transport.abort()
        self._at_work = None
        self._leave()

    def give_way(self) -> bool:
        """Close if the client has asked for nothing, or not even to the end of its headers; tell
        whether it is so. SDKs connect again.
        """
        idle = self._reader.stage in (Stage.BETWEEN, Stage.HEAD) and not self._pending()
        if not idle or self._closing or not self._entered:
            return False
        self._depart()
        self._transport.abort()
        return True

    def _depart(self) -> None:
        if self._entered:
            self._entered = False
            self._shared.doors.leave(self._reader.source_address)

    # From request to answer

    def _go_on(self) -> None:
        """Answer what has arrived until one has to wait."""
        arrived = self._reader.arrived
        while arrived and self._at_work is None and self._writable and not self._lost:
            self._answer(arrived.popleft())
        if not self._lost:
            self._settle()

    def _answer(self, arrived: WireRequest | Refusal) -> None:
        if not isinstance(arrived, WireRequest):
            self._refuse(arrived)
            return
        response = self._site.place(arrived)
        doors = self._shared.doors
        if response is None and doors.counts_requests and not doors.call(arrived.source_address):
            response = self._site.too_many(arrived)
        if response is None:
            self._at_work = arrived
            response = self._called(arrived)
            if response is None:
                return
            self._at_work = None
        self._write(response, arrived)

    def _called(self, request: WireRequest) -> WireResponse | None:
        """KMS's answer, or None where it takes longer; then `_leaves` is told."""
        if self._worker is None:
            self._worker = Worker(self._shared.loop, self._done)
        try:
            answer = self._worker.run(self._site.call(request))
            return None if answer is None else self._site.recorded(answer, self._leaves)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  never a traceback
            return self._fault(error)

    def _done(self, outcome: Answer | BaseException) -> None:
        """After work that had to wait. Its record may have to wait too."""
        response = (
            self._fault(outcome)
            if isinstance(outcome, BaseException)
            else self._site.recorded(outcome, self._leaves)
        )
        if response is not None:
            self._leaves(response)

    def _leaves(self, response: WireResponse) -> None:
        """The answer to what is at work may leave."""
        request, self._at_work = self._at_work, None
        if self._lost or request is None:
            self._leave()
            return
        self._write(response, request)
        self._go_on()

    def _fault(self, error: BaseException) -> WireResponse:
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("fault while answering: %s\n%s", type(error).__name__, where)
        self._reader.end()
        self._reader.arrived.clear()
        return FAULT

    def _write(self, response: WireResponse, request: WireRequest) -> None:
        reader = self._reader
        last = (self._finishing or reader.stage is Stage.ENDED) and self._nothing_follows(reader)
        bodyless = request.method == "HEAD"
        self._transport.write(self._writer.encode(response, last=last, bodyless=bodyless))
        self._doing = None  # what comes next has its time anew
        if reader.new_head and response.status == HTTPStatus.OK:
            reader.remember(request)
        if last:
            self._close()

    def _nothing_follows(self, reader: RequestReader) -> bool:
        return not reader.arrived and reader.stage in (Stage.ENDED, Stage.BETWEEN)

    def _close(self) -> None:
        """Once what was written has left."""
        self._closing = True
        self._transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        self._shared.doors.refused(refusal, self._reader.source_address)
        self._transport.write(self._writer.encode(self._site.refused(refusal), last=True))
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._lingering = True

    # Time and pressure

    def _settle(self) -> None:
        """After anything that happened: read on or not, and until when."""
        reader = self._reader
        if reader.expects_continue and not self._pending():
            reader.expects_continue = False
            self._transport.write(CONTINUE)
        if bool(reader.arrived) is not self._paused:
            self._read_on()
        doing = self._now_doing()
        if doing is not self._doing:
            self._doing = doing
            self._deadline.move(self._shared.seconds[doing])

    def _read_on(self) -> None:
        """Read, unless something waits to be answered."""
        if not self._transport.is_closing():
            self._paused = not self._paused
            (self._transport.pause_reading if self._paused else self._transport.resume_reading)()

    def _pending(self) -> bool:
        return self._at_work is not None or bool(self._reader.arrived)

    def _now_doing(self) -> Stage | Doing:
        if self._lingering:
            return Doing.LINGERING
        if not self._writable or self._closing:
            return Doing.WRITING
        if self._at_work is not None or self._reader.arrived:
            return Doing.ANSWERING
        return self._reader.stage

    def _too_late(self) -> None:
        doing = self._now_doing()
        if doing is Stage.BODY:
            self._reader.refuse(Refusal.TOO_SLOW)
            self._go_on()
            return
        if doing is Stage.HEAD:
            self._shared.doors.refused(Refusal.TOO_SLOW_HEAD, self._reader.source_address)
        self._transport.abort()

    def _leave(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
        self._shared.closed(self)
