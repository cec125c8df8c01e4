"""The HTTP server of a node: `POST /` is KMS, `GET /health` says that it answers, nothing else.

Stands on aiohttp's low-level server, without its Application, router and access log, which cost
more than the cryptography (performance.md). Bodies are never decompressed: a signature covers the
bytes that were sent. Limits are in limits.py; who breaks one is answered where that is possible
and cut where it is not.
"""

from __future__ import annotations

import asyncio
from functools import partial

from aiohttp import StreamReader, hdrs, web

from node.model import errors
from node.wire.connection import SERVER_NAME, Connection, plain_response
from node.wire.limits import DEFAULT_LIMITS, Limits
from node.wire.messages import WireRequest, WireResponse
from node.wire.protocol import WireProtocol

ALLOWED = {"/": "POST", "/health": "GET"}
BACKLOG = 1024


class WireServer:
    """Serves one protocol on one address."""

    def __init__(
        self, protocol: WireProtocol, host: str, port: int, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """`port` 0 takes a free one; `port` tells which after `start`."""
        self._protocol = protocol
        self._host = host
        self._port = port
        self._limits = limits
        self._manager: web.Server | None = None
        self._listener: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port served, or to be served."""
        if self._listener is None:
            return self._port
        return int(self._listener.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begins to answer. Raises OSError where the address cannot be had."""
        loop = asyncio.get_running_loop()
        limits = self._limits
        self._manager = web.Server(self._answer)
        connection = partial(
            Connection,
            self._manager,
            loop=loop,
            header_seconds=limits.header_seconds,
            keepalive_timeout=limits.keep_alive_seconds,
            lingering_time=limits.linger_seconds,
            max_line_size=limits.line_bytes,
            max_field_size=limits.header_bytes,
            max_headers=limits.headers,
            auto_decompress=False,
            access_log=None,
        )
        self._listener = await loop.create_server(
            connection, self._host, self._port, backlog=BACKLOG
        )

    async def stop(self) -> None:
        """Takes no new connection, lets the requests under way finish, and closes."""
        if self._listener is None or self._manager is None:
            return
        self._listener.close()
        self._manager.pre_shutdown()
        await self._manager.shutdown(self._limits.shutdown_seconds)
        self._listener = self._manager = None

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        path, _, query = request.raw_path.partition("?")
        if "://" in path:  # absolute form (RFC 9112, 3.2.2): from a client that sees a proxy
            path, query = request.rel_url.raw_path, request.rel_url.raw_query_string
        allowed = ALLOWED.get(path)
        if allowed is None:
            return plain_response(404, "Keyspan answers POST / and GET /health.")
        if request.method != allowed:
            response = plain_response(405, f"{path} answers {allowed} only.")
            response.headers[hdrs.ALLOW] = allowed
            return response
        if path == "/health":
            return self._health()
        return await self._answer_call(request, path, query)

    def _health(self) -> web.Response:
        """503 and the reason while every call is refused."""
        headers = {hdrs.SERVER: SERVER_NAME}
        problem = self._protocol.problem
        if problem is None:
            return web.json_response({"status": "ok"}, headers=headers)
        body = {"status": "unavailable", "reason": problem}
        return web.json_response(body, status=503, headers=headers)

    async def _answer_call(self, request: web.BaseRequest, path: str, query: str) -> web.Response:
        try:
            body = await self._read_body(request)
        except errors.KmsError as error:
            return _closing(_http(self._protocol.refusal(error)))
        except (web.RequestPayloadError, ConnectionError):
            return _closing(plain_response(400, "The request body is not valid HTTP."))
        return _http(
            await self._protocol.handle(
                WireRequest(
                    request.method, path, query, _headers(request), body, request.remote or ""
                )
            )
        )

    async def _read_body(self, request: web.BaseRequest) -> bytes:
        """The whole body. Raises RequestEntityTooLarge, RequestTimeout, or what broke it."""
        if (request.content_length or 0) > self._limits.body_bytes:
            raise self._too_large()
        if request.content.is_eof():  # it came with the headers, as nearly every body of KMS does
            body = request.content.read_nowait()
            if len(body) > self._limits.body_bytes:
                raise self._too_large()
            return body
        if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0  # as aiohttp's own handler: this was no answer yet
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                return await self._read_parts(request.content)
        except TimeoutError:
            raise errors.RequestTimeout from None

    async def _read_parts(self, content: StreamReader) -> bytes:
        parts, size = [], 0
        while part := await content.readany():
            parts.append(part)
            size += len(part)
            if size > self._limits.body_bytes:
                raise self._too_large()
        return b"".join(parts)

    def _too_large(self) -> errors.RequestEntityTooLarge:
        return errors.RequestEntityTooLarge(
            f"The request body exceeds {self._limits.body_bytes} bytes."
        )


def _headers(request: web.BaseRequest) -> dict[str, str]:
    """Headers as Signature Version 4 sees them (WireRequest.headers)."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        name = name.lower()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _http(response: WireResponse) -> web.Response:
    answer = web.Response(status=response.status, headers=response.headers, body=response.body)
    answer.headers[hdrs.SERVER] = SERVER_NAME
    return answer


def _closing(response: web.Response) -> web.Response:
    response.force_close()
    return response
