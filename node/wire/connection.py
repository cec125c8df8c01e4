"""One HTTP/1.1 connection: aiohttp's, with two things of ours.

Malformed HTTP is answered in JSON and logged in one line, never with a traceback and never with
what was sent. And headers have their own time limit: aiohttp alone would let a client who sends a
byte now and then (slow loris) stay for the whole keep-alive time.

Follows RFC 9112; reads a few underscored attributes of aiohttp's handler, held by tests/wire.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

from aiohttp import StreamReader, hdrs, web

SERVER_NAME = "Keyspan"  # without a version: strangers need not know it

log = logging.getLogger("keyspan.wire")


class Connection(web.RequestHandler):
    """`header_seconds`: how long the headers of one request may take to arrive."""

    __slots__ = ("_body", "_deadline", "_header_seconds")

    def __init__(self, manager: web.Server, *, header_seconds: float, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._header_seconds = header_seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._body: StreamReader | None = None  # of the request whose headers came last

    def data_received(self, data: bytes) -> None:
        """Passes `data` on, and starts the clock where it begins headers but does not end them."""
        requests = self._request_count
        inside_body = self._body is not None and not self._body.is_eof()
        super().data_received(data)
        if self._request_count != requests:
            self._body = self._messages[-1][1]
            self._stop_clock()
        elif not inside_body and self._deadline is None:
            self._deadline = self._loop.call_later(self._header_seconds, self._cut)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut(self) -> None:
        log.info("a client took too long over its headers")
        self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is not HTTP (400), or to a fault of our own (500). Closes."""
        if status < 500:
            log.info("malformed HTTP from %s: %s", request.remote, type(exc).__name__)
        else:
            where = "".join(traceback.format_tb(exc.__traceback__)) if exc is not None else ""
            log.error("fault while answering: %s\n%s", type(exc).__name__, where)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way; it cannot be replaced by an error")
        text = "The request is not valid HTTP." if status < 500 else "Internal error."
        response = plain_response(status, text)
        response.force_close()
        return response


def plain_response(status: int, message: str) -> web.Response:
    """An answer that is HTTP's, not KMS's: `{"message": …}`."""
    headers = {hdrs.SERVER: SERVER_NAME}
    return web.json_response({"message": message}, status=status, headers=headers)
