"""Heads that a client sends again: read in one step, and never otherwise than llhttp reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.wire.http.reader import RequestReader, Stage
from node.wire.http.refusal import Refusal
from node.wire.limits import Limits
from node.wire.messages import WireRequest
from tests.unit.wire.http.requests import ADDRESS, parts_of

LIMITS = Limits(body_bytes=300, header_bytes=2048, headers=16)
SIGNATURE = "0123456789abcdef" * 4
HEAD = (
    "POST / HTTP/1.1\r\n"
    "Host: kms.test\r\n"
    "X-Amz-Target: TrentService.Decrypt\r\n"
    "Content-Type: application/x-amz-json-1.1\r\n"
    "X-Amz-Date: 20260102T030405Z\r\n"
    "X-Amz-Security-Token: abc/+=\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/kms/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={SIGNATURE}\r\n"
    "amz-sdk-request: attempt=1; max=3\r\n"
    "Connection: keep-alive\r\n"
    "X-Other:  of no importance \r\n"
    "Content-Length: 5\r\n"
    "\r\n"
).encode()
FIRST = HEAD + b"hello"


def served(first: bytes = FIRST) -> RequestReader:
    """A reader of a connection on which a request was read and served."""
    reader = RequestReader(ADDRESS, LIMITS)
    reader.feed(first)
    request = reader.arrived.popleft()
    assert isinstance(request, WireRequest)
    assert reader.new_head
    reader.remember(request)
    return reader


def outcome(reader: RequestReader, *parts: bytes) -> tuple[list[WireRequest | Refusal], Stage]:
    for part in parts:
        reader.feed(part)
    return list(reader.arrived), reader.stage


def by_llhttp(*parts: bytes) -> tuple[list[WireRequest | Refusal], Stage]:
    return outcome(RequestReader(ADDRESS, LIMITS), *parts)


SECOND = (
    FIRST.replace(b"hello", b"other bytes")
    .replace(b"Length: 5", b"Length: 11")
    .replace(b"T030405Z", b"T030406Z")
    .replace(SIGNATURE.encode(), SIGNATURE[::-1].encode())
    .replace(b"attempt=1", b"attempt=2")
    .replace(b"Decrypt", b"GenerateDataKey")
    .replace(b"abc/+=", b"another")
)


def test_what_varies_is_read_anew() -> None:
    reader = served()
    reader.feed(SECOND)
    assert not reader.new_head  # it was read in one step
    assert outcome(reader) == by_llhttp(SECOND)
    (request,) = reader.arrived
    assert isinstance(request, WireRequest)
    assert request.body == b"other bytes"
    assert request.headers["x-amz-date"] == "20260102T030406Z"
    assert request.headers["x-other"] == "of no importance"


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """A second request with some bytes put in place of others."""
    wire = draw(st.sampled_from([FIRST, SECOND]))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(wire)))
        taken = draw(st.sampled_from([0, 0, 1, 1, 2, 9]))
        put = draw(
            st.sampled_from(
                [b"", b" ", b"\t", b"\r", b"\n", b"\r\n", b"\0", b"\x7f", b"\xe9", b",", b"0", b"1"]
            )
            | st.binary(max_size=3)
            | st.sampled_from([b"\r\n\r\n", b"\r\nX: y\r\n", b"\r\nContent-Length: 5\r\n", FIRST])
        )
        wire = wire[:at] + put + wire[at + taken :]
    return wire


@given(altered(), st.lists(st.integers(0, 1500), max_size=2))
def test_it_is_read_as_llhttp_reads_it(wire: bytes, cuts: list[int]) -> None:
    parts = parts_of(wire, cuts)
    assert outcome(served(), *parts) == by_llhttp(*parts)


@given(st.lists(st.sampled_from([FIRST, SECOND]), max_size=4), altered())
def test_between_others_too(around: list[bytes], wire: bytes) -> None:
    assert outcome(served(), *around, wire, FIRST) == by_llhttp(*around, wire, FIRST)


@pytest.mark.parametrize(
    ("length", "body"),
    [(b"05", b"hello"), (b"4", b"hello"), (b"6", b"hello"), (b"0", b""), (b"301", b"a" * 301)],
)
def test_the_length_must_be_true(length: bytes, body: bytes) -> None:
    wire = HEAD.replace(b"Length: 5", b"Length: " + length) + body
    assert outcome(served(), wire) == by_llhttp(wire)


def test_a_head_that_is_too_long_is_llhttps_matter() -> None:
    wire = SECOND.replace(b"another", b"a" * 2040)
    assert by_llhttp(wire)[0] == [Refusal.MALFORMED]
    assert outcome(served(), wire) == by_llhttp(wire)


@pytest.mark.parametrize(
    "first",
    [
        FIRST.replace(b"POST", b"GET"),
        FIRST.replace(b"POST /", b"POST /x"),
        FIRST.replace(b"Connection", b"Upgrade: h2c\r\nConnection")
        .replace(b"hello", b"")
        .replace(b"Length: 5", b"Length: 0"),
        HEAD.replace(b"Content-Length: 5", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
        FIRST.replace(b"no importance", b"n\xc3\xb6 importance"),
        FIRST.replace(b"X-Other", b"X-Amz-Date: 20260102T030405Z\r\nX-Other"),
    ],
)
def test_what_is_not_remembered_is_read_as_before(first: bytes) -> None:
    reader = served(first)
    assert outcome(reader, first) == by_llhttp(first)
    assert reader.new_head  # llhttp read it again


def test_of_two_at_once_none_is_remembered() -> None:
    reader = RequestReader(ADDRESS, LIMITS)
    reader.feed(FIRST + SECOND)
    assert len(reader.arrived) == 2
    assert not reader.new_head


def test_a_request_that_is_not_the_last_is_not_remembered() -> None:
    reader = RequestReader(ADDRESS, LIMITS)
    reader.feed(FIRST)
    reader.feed(SECOND)
    first = reader.arrived.popleft()
    assert isinstance(first, WireRequest)
    reader.remember(first)
    assert outcome(reader, SECOND)[0][-1] == by_llhttp(SECOND)[0][0]


def test_after_some_forms_a_connection_learns_no_more() -> None:
    reader = served()
    for number in range(40):
        wire = FIRST.replace(b"no importance", b"importance %d" % number)
        reader.arrived.clear()
        reader.feed(wire)
        request = reader.arrived.popleft()
        assert isinstance(request, WireRequest)
        learns = bool(reader.new_head)
        reader.remember(request)
    reader.feed(wire)
    assert learns
    assert reader.new_head
