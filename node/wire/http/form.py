"""The head that a client sends with each request, but for a few values: read in one step.

llhttp calls back for each header, which costs more than all of its own work. A client's next
request has the same head to the byte, but for signature, time, ID and length; so once llhttp has
read a head and the request was served, what varies in it is known, and the next one is matched
(36,000 instructions less, of 452,000). What differs in anything else is llhttp's matter again
(reader.py); a test reads any bytes both ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from node.wire.limits import Limits
from node.wire.messages import WireRequest

_REQUEST_LINE: Final = "POST / HTTP/1.1"
HEAD_MOST: Final = 4096  # bytes of a head that is remembered
FORMS_MOST: Final = 16  # that one connection may have remembered, one after the other
_LENGTH: Final = "content-length"
_VARIED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "amz-sdk-invocation-id": "[!-~]{1,64}",
        "amz-sdk-request": "[!-~](?:[ -~]{0,62}[!-~])?",
        _LENGTH: "0|[1-9][0-9]{0,9}",
        "x-amz-content-sha256": "[0-9a-f]{64}",
        "x-amz-date": "[0-9]{8}T[0-9]{6}Z",
        "x-amz-security-token": "[!-~]+",
        "x-amz-target": "[!-~]{1,128}",
    }
)
"""Headers whose values change from request to request, and what they are then: ASCII without
control characters, with no blank at either end, as llhttp would give them."""

_SIGNED: Final = "authorization"
_SIGNATURE: Final = "[0-9a-f]{64}"
_CHANGES_READING: Final = frozenset({"expect", "transfer-encoding", "upgrade"})


class Form:
    """The heads of one client."""

    __slots__ = ("_headers", "_limits", "_match", "_names")

    def __init__(self, pattern: str, headers: Mapping[str, str], limits: Limits) -> None:
        """`pattern` has a group for each varied header, of the header's name with underscores."""
        compiled = re.compile(pattern)  # which keeps the patterns of other connections, too
        self._match = compiled.match
        self._names = tuple(name.replace("_", "-") for name in compiled.groupindex)
        self._headers = dict(headers)
        self._limits = limits

    def request(self, data: bytes, source_address: str) -> WireRequest | None:
        """The one request that `data` is, if its head has this form and its body is all there."""
        found = self._match(data.decode("latin-1"))
        if found is None:
            return None
        headers, body = self._headers.copy(), data[found.end() :]
        values = found.groups()
        for place, name in enumerate(self._names):
            headers[name] = values[place]
        size, limits = len(body), self._limits
        if headers[_LENGTH] != str(size) or size > limits.body_bytes:
            return None
        if len(data) > limits.header_bytes:  # else no header is too long
            return None
        return WireRequest("POST", "/", "", headers, body, source_address)


def head_of(data: bytes) -> bytes:
    """The head that `data` begins with, its empty line included; none if it is cut, or too long."""
    end = data.find(b"\r\n\r\n", 0, HEAD_MOST)
    return b"" if end < 0 else data[: end + 4]


def form_of(head: bytes, headers: Mapping[str, str], limits: Limits) -> Form | None:
    """The form of a head that llhttp has read as `headers`; None if it is not to be repeated.

    `head` is as `head_of` gives it.
    """
    request_line, *lines = head.decode("latin-1").split("\r\n")
    plain = request_line == _REQUEST_LINE and head.isascii() and _LENGTH in headers
    if not plain or not _CHANGES_READING.isdisjoint(headers):
        return None
    pattern = "\r\n".join([re.escape(request_line), *map(_pattern, lines)])
    try:
        return Form(pattern, headers, limits)
    except re.error:  # a header that came twice
        return None


def _pattern(line: str) -> str:
    """What matches a header line as it is, or with another value if it is one that varies."""
    name, _, value = line.partition(":")
    key = name.lower()
    group = key.replace("-", "_")
    if key in _VARIED:
        return f"{re.escape(name)}: (?P<{group}>{_VARIED[key]})"
    start = value.rpartition("=")[0]
    if key == _SIGNED and start[:1] == " " != start[1:2]:
        return f"{re.escape(name)}: (?P<{group}>{re.escape(start[1:])}={_SIGNATURE})"
    return re.escape(line)
