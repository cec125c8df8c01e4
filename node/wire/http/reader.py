"""From bytes to requests: HTTP/1.1 read strictly, without a socket and without a clock.

httptools (llhttp) parses. What it leaves to its user is here: limits, a host and only one, no
transfer coding but `chunked`, trailers that change nothing, and the rule that after one refused
request nothing is read, so that no two readers can disagree on where a request begins.

Source: RFC 9112; its section 11.2 on request smuggling.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from node.wire.http.form import FORMS_MOST, Form, form_of, head_of
from node.wire.http.refusal import Refusal
from node.wire.http.target import path_and_query
from node.wire.limits import Limits
from node.wire.messages import WireRequest

_LONGEST_NUMBER: Final = 19  # digits: beyond 64 bits there is no length
_FRAMING: Final = 8  # chunks of one byte weigh six on the wire; extensions and trailers come on top

_spelled: Final = {
    spelling: name.lower()
    for name in (
        "Accept",
        "Accept-Encoding",
        "Amz-Sdk-Invocation-Id",
        "Amz-Sdk-Request",
        "Authorization",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Host",
        "User-Agent",
        "X-Amz-Content-Sha256",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "X-Amz-Target",
    )
    for spelling in (name.encode(), name.lower().encode())
}.get
"""The names that SDKs send, as they spell them; another name takes longer."""


class Stage(Enum):
    """Where in the stream of requests the bytes end that were read so far."""

    __hash__ = object.__hash__  # each is the only one of its kind; Enum's own is interpreted

    BETWEEN = "between two requests"
    HEAD = "in a request line or in headers"
    BODY = "in a body"
    ENDED = "after the last request of the connection"


class _StopError(Exception):
    """Ends the parser's work from within one of its callbacks."""


class RequestReader:
    """Reads the requests of one connection. What was read waits in `arrived`, in order.

    At most one refusal comes, and only as the last. The methods `on_…` are called by httptools.
    """

    __slots__ = (
        "_body",
        "_fed",
        "_form",
        "_forms_left",
        "_headers",
        "_incoming",
        "_last",
        "_limits",
        "_parser",
        "_refusal",
        "_size",
        "_target",
        "_weight",
        "arrived",
        "expects_continue",
        "new_head",
        "source_address",
        "stage",
    )

    def __init__(self, source_address: str, limits: Limits) -> None:
        self.arrived: deque[WireRequest | Refusal] = deque()
        self.stage = Stage.BETWEEN
        self.expects_continue = False  # the client waits for leave to send the body
        self.new_head = b""  # of the one request that came last, unless it had a known form
        self.source_address = source_address
        self._limits = limits
        self._refusal: Refusal | None = None
        self._target = b""
        self._headers: dict[str, str] = {}
        self._incoming: dict[str, str] | None = None  # the same, until they are complete
        self._form: Form | None = None
        self._forms_left = FORMS_MOST
        self._body: list[bytes] = []
        self._size = 0  # of the body so far
        self._fed = 0  # bytes of this read
        self._weight = 0  # bytes on the wire since the stage began, of whole reads
        self._last = False  # whether this request is the connection's last
        self._parser = HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Read on. Raises nothing: what is wrong arrives as a refusal."""
        if self._form is not None and self.stage is Stage.BETWEEN:
            request = self._form.request(data, self.source_address)
            if request is not None:  # llhttp need not know: it too is between two requests
                self.arrived.append(request)
                return
        if self.stage is not Stage.ENDED:
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        """Read on with llhttp."""
        stage = self.stage
        head = head_of(data) if stage is Stage.BETWEEN else b""
        self._fed = len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:  # to no protocol that is spoken here, so this was the last
            self.end()
        except HttpParserError:
            if self.stage is not Stage.ENDED:  # else it complains of bytes after the last request
                self.refuse(self._refusal or self._malformed())
        if stage is self.stage and stage is not Stage.BETWEEN:
            self._weigh(len(data))
        whole = len(self.arrived) == 1 and self.stage is Stage.BETWEEN
        self.new_head = head if whole else b""

    def remember(self, request: WireRequest) -> None:
        """Read heads like that of `request` in one step from now on, if it came last and brought
        `new_head`. Only for what was served: no stranger may have anything remembered.
        """
        if self._headers is request.headers and self._forms_left > 0:
            self._forms_left -= 1
            self._form = form_of(self.new_head, request.headers, self._limits) or self._form
        self.new_head = b""

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal at the end of what arrived, and read no more."""
        self.arrived.append(refusal)
        self.end()

    def end(self) -> None:
        """Read no more. A request that has begun is forgotten."""
        self.stage = Stage.ENDED
        self.expects_continue = False

    def on_message_begin(self) -> None:
        if self.stage is Stage.ENDED:
            raise _StopError
        self.stage = Stage.HEAD
        self._target, self._weight = b"", 0
        self._headers = self._incoming = {}

    def on_url(self, part: bytes) -> None:
        self._target += part
        if len(self._target) > self._limits.line_bytes:
            raise self._refused(Refusal.MALFORMED)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Also called for trailers, which are not looked at: no signature covers them."""
        headers = self._incoming
        if headers is None:
            return
        key = _spelled(name) or name.decode("ascii").lower()
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("utf-8", "surrogateescape")
        if text[-1:] in " \t":  # in front llhttp takes them off
            text = text.rstrip(" \t")
        headers[key] = f"{headers[key]},{text}" if key in headers else text

    def on_headers_complete(self) -> None:
        headers, parser = self._headers, self._parser
        self._incoming = None
        self._check_sizes(headers)
        version = parser.get_http_version()
        current = version == "1.1"  # HTTP/1.0 is served one request for each connection
        if not current and version != "1.0":
            raise self._refused(Refusal.MALFORMED)
        if current and ("," in headers.get("host", ",")):  # none, or more than one
            raise self._refused(Refusal.MALFORMED)
        has_body = self._check_length(headers, current)
        if has_body and parser.should_upgrade():  # httptools would skip the body
            raise self._refused(Refusal.UPGRADE_WITH_BODY)
        if "expect" in headers and current:
            if headers["expect"].lower() != "100-continue":
                raise self._refused(Refusal.UNKNOWN_EXPECTATION)
            self.expects_continue = has_body
        self._last = not (current and parser.should_keep_alive())
        self.stage = Stage.BODY
        self._body, self._size, self._weight = [], 0, 0

    def on_body(self, part: bytes) -> None:
        self.expects_continue = False
        self._size += len(part)
        if self._size > self._limits.body_bytes:
            raise self._refused(Refusal.TOO_LARGE)
        self._body.append(part)

    def on_message_complete(self) -> None:
        try:
            path, query = path_and_query(self._target)
        except ValueError:
            raise self._refused(Refusal.MALFORMED) from None
        method, body = self._parser.get_method(), self._body
        self.arrived.append(
            WireRequest(
                "POST" if method == b"POST" else method.decode("ascii"),
                path,
                query,
                self._headers,
                body[0] if len(body) == 1 else b"".join(body),
                self.source_address,
            )
        )
        self.stage = Stage.BETWEEN
        if self._last:
            self.end()

    def _check_sizes(self, headers: dict[str, str]) -> None:
        limits = self._limits
        if len(headers) > limits.headers:
            raise self._refused(Refusal.MALFORMED)
        if self._weight + self._fed <= limits.header_bytes:  # all that came is not too long for one
            return
        if max(len(name) + len(value) for name, value in headers.items()) > limits.header_bytes:
            raise self._refused(Refusal.MALFORMED)

    def _check_length(self, headers: dict[str, str], current: bool) -> bool:
        """Whether a body follows, whose end is beyond doubt and not too far away."""
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if coding is not None:
            if coding.lower() != "chunked" or length is not None or not current:
                raise self._refused(Refusal.MALFORMED)
            return True
        if length is None:
            return False
        if not (length.isascii() and length.isdigit() and len(length) <= _LONGEST_NUMBER):
            raise self._refused(Refusal.MALFORMED)
        if int(length) > self._limits.body_bytes:
            raise self._refused(Refusal.TOO_LARGE)
        return int(length) > 0

    def _weigh(self, size: int) -> None:
        """Bounds what has no end of its own: a header, a chunk's extension, trailers."""
        self._weight += size
        limits = self._limits
        if self.stage is Stage.HEAD:
            if self._weight > limits.line_bytes + limits.headers * limits.header_bytes:
                self.refuse(Refusal.MALFORMED)
        elif self._weight > limits.body_bytes * _FRAMING:
            self.refuse(Refusal.TOO_LARGE)

    def _refused(self, refusal: Refusal) -> _StopError:
        """What to raise in a callback, so that `feed` refuses."""
        self._refusal = refusal
        return _StopError()

    def _malformed(self) -> Refusal:
        return Refusal.MALFORMED_BODY if self.stage is Stage.BODY else Refusal.MALFORMED
