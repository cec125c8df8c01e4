"""Requests as values and as bytes, and every way in which bytes may come from a socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from node.wire.http.reader import RequestReader, Stage
from node.wire.http.refusal import Refusal
from node.wire.limits import Limits
from node.wire.messages import WireRequest

LIMITS = Limits(body_bytes=2048, line_bytes=256, header_bytes=256, headers=16)
ADDRESS = "192.0.2.1"
TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
RESERVED = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect"}


@dataclass(frozen=True)
class Sent:
    """One request as a client means it, and how it puts it on the wire."""

    request: WireRequest
    wire: bytes


def read(*parts: bytes, limits: Limits = LIMITS) -> tuple[list[WireRequest | Refusal], Stage]:
    """What arrives when the bytes come in these parts, and where the reader is then."""
    reader = RequestReader(ADDRESS, limits)
    for part in parts:
        reader.feed(part)
    return list(reader.arrived), reader.stage


def parts_of(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """`data` cut at these places."""
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places) if start < end]


def cuts() -> st.SearchStrategy[list[int]]:
    """Where to cut."""
    return st.lists(st.integers(0, 2000), max_size=12)


def _values() -> st.SearchStrategy[bytes]:
    text = st.text(st.characters(min_codepoint=0x21, exclude_characters="\x7f,"), max_size=20)
    return text.map(lambda each: each.encode("utf-8", "replace"))


def _chunked(body: bytes, sizes: Sequence[int], extension: bytes, trailer: bytes) -> bytes:
    chunks = parts_of(body, sizes)
    framed = b"".join(b"%x%b\r\n%b\r\n" % (len(each), extension, each) for each in chunks)
    return framed + b"0\r\n" + trailer + b"\r\n"


@st.composite
def sent_requests(draw: st.DrawFn) -> Sent:
    """Any request that KMS's endpoint could be sent and has to understand."""
    method = draw(st.sampled_from(["POST", "GET", "HEAD", "PUT", "OPTIONS", "DELETE"]))
    path = "/" + draw(st.text("abc/%2e.~-_", max_size=10))
    query = draw(st.text("ab=&%20", max_size=10))
    names = draw(
        st.lists(st.text(TOKEN, min_size=1, max_size=12), max_size=6, unique_by=str.lower).map(
            lambda each: [name for name in each if name.lower() not in RESERVED]
        )
    )
    fields = [(name, draw(_values())) for name in names]
    body = draw(st.binary(max_size=300))
    target = path + (f"?{query}" if query else "")
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: kms.test"]
    blanks = draw(st.sampled_from([b"", b" ", b" \t "]))
    lines += [name.encode() + b":" + blanks + value + blanks for name, value in fields]
    headers = {"host": "kms.test"}
    headers |= {name.lower(): v.decode("utf-8", "surrogateescape") for name, v in fields}
    if draw(st.booleans()):
        extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b c"']))
        trailer = draw(st.sampled_from([b"", b"Host: evil\r\n", b"X-Amz-Target: evil\r\n"]))
        lines.append(b"Transfer-Encoding: chunked")
        headers["transfer-encoding"] = "chunked"
        payload = _chunked(body, draw(cuts()), extension, trailer)
    else:
        lines.append(b"Content-Length: %d" % len(body))
        headers["content-length"] = str(len(body))
        payload = body
    before = draw(st.sampled_from([b"", b"\r\n"]))  # RFC 9112, 2.2: from clients of old
    request = WireRequest(method, path, query, headers, body, ADDRESS)
    return Sent(request, before + b"\r\n".join([*lines, b"", b""]) + payload)
