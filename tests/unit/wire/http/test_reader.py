"""The reader, without a socket: what is sent arrives, however it is cut, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.wire.http.reader import Stage
from node.wire.http.refusal import Refusal
from node.wire.limits import Limits
from node.wire.messages import WireRequest
from tests.unit.wire.http.requests import LIMITS, Sent, cuts, parts_of, read, sent_requests

HEAD = b"POST / HTTP/1.1\r\nHost: h\r\n"
HIDDEN = b"POST /hidden HTTP/1.1\r\nHost: h\r\n\r\n"


# What is right


@given(st.lists(sent_requests(), min_size=1, max_size=4), cuts())
def test_what_was_sent_is_what_arrives_however_it_was_cut(
    sent: list[Sent], places: list[int]
) -> None:
    wire = b"".join(each.wire for each in sent)
    arrived, stage = read(*parts_of(wire, places))
    assert arrived == [each.request for each in sent]
    assert stage is Stage.BETWEEN


@given(sent_requests())
def test_a_request_may_come_byte_by_byte(sent: Sent) -> None:
    arrived, _ = read(*(bytes([byte]) for byte in sent.wire))
    assert arrived == [sent.request]


@given(sent_requests(), st.data())
def test_a_request_that_is_not_whole_does_not_arrive(sent: Sent, data: st.DataObject) -> None:
    end = data.draw(st.integers(1, len(sent.wire) - 1))
    arrived, stage = read(sent.wire[:end])
    assert arrived == []
    assert stage in (Stage.BETWEEN, Stage.HEAD, Stage.BODY)


def test_a_repeated_header_is_joined() -> None:
    [request], _ = read(HEAD + b"X-A: 1\r\nx-a: 2\r\n\r\n")
    assert isinstance(request, WireRequest)
    assert request.headers["x-a"] == "1,2"


def test_bytes_that_are_not_utf8_can_be_had_back() -> None:
    [request], _ = read(HEAD + b"X: a\xff\r\n\r\n")
    assert isinstance(request, WireRequest)
    assert request.headers["x"].encode("utf-8", "surrogateescape") == b"a\xff"


def test_an_empty_header_is_empty_and_does_not_touch_its_neighbour() -> None:
    for parts in ([HEAD + b"X:\r\nY: y\r\n\r\n"], [HEAD + b"X:", b"\r", b"\nY", b": y\r\n\r\n"]):
        [request], _ = read(*parts)
        assert isinstance(request, WireRequest)
        assert (request.headers["x"], request.headers["y"]) == ("", "y")


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", "/", ""),
        (b"/?", "/", ""),
        (b"/?a=b?c", "/", "a=b?c"),
        (b"//h/x", "//h/x", ""),
        (b"/a://b", "/a://b", ""),
        (b"http://h", "/", ""),
        (b"http://h:80/", "/", ""),
        (b"https://u@h:443/a?b", "/a", "b"),
        (b"http://h?b", "/", "b"),
        (b"http://[::1]:4601/", "/", ""),
    ],
)
def test_where_a_target_points(target: bytes, path: str, query: str) -> None:
    [request], _ = read(b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n")
    assert isinstance(request, WireRequest)
    assert (request.path, request.query) == (path, query)


# What is not


@given(st.binary(max_size=400), cuts())
def test_whatever_comes_nothing_is_raised(data: bytes, places: list[int]) -> None:
    arrived, _ = read(*parts_of(data, places))
    assert all(isinstance(each, WireRequest) for each in arrived[:-1])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A few requests with a few bytes changed, cut out or put in."""
    wire = bytearray(b"".join(draw(st.lists(sent_requests(), min_size=1, max_size=3).map(wires))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(wire)))
        gone = draw(st.integers(0, 3))
        put = draw(st.sampled_from([b"", b"\r", b"\n", b"\r\n", b" ", b"\t", b"\0", b":", b"0"]))
        wire[at : at + gone] = put or draw(st.binary(max_size=3))
    return bytes(wire)


def wires(sent: list[Sent]) -> list[bytes]:
    return [each.wire for each in sent]


@given(damaged(), cuts())
def test_damage_is_seen_alike_however_it_was_cut(wire: bytes, places: list[int]) -> None:
    whole, cut = read(wire), read(*parts_of(wire, places))
    assert whole[0] == cut[0]
    assert whole[1] is cut[1]


@given(sent_requests(), damaged(), cuts())
def test_after_a_refusal_nothing_arrives(sent: Sent, wire: bytes, places: list[int]) -> None:
    arrived, stage = read(*parts_of(wire, places), sent.wire)
    refusals = [each for each in arrived if isinstance(each, Refusal)]
    assert refusals in ([], arrived[-1:])
    if refusals:
        assert stage is Stage.ENDED


AMBIGUOUS = {
    "a length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
    "one length twice": b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": b"Content-Length: 0, 0\r\n\r\n",
    "a length in hexadecimal": b"Content-Length: 0x0\r\n\r\n",
    "a length with an underscore": b"Content-Length: 0_0\r\n\r\n",
    "a length with a blank within": b"Content-Length: 0 0\r\n\r\n",
    "a length in other digits": b"Content-Length: \xd9\xa0\r\n\r\n",
    "an empty length": b"Content-Length:\r\n\r\n",
    "a blank before the colon": b"Content-Length : 4\r\n\r\n",
    "a blank before the name": b" Content-Length: 4\r\n\r\n",
    "a tab in the name": b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "another coding": b"Transfer-Encoding: identity\r\n\r\n",
    "a coding before chunks": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding after chunks": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunks in two headers": (
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "an empty coding": b"Transfer-Encoding:\r\n\r\n",
    "a coding in quotes": b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "a parameter on chunked": b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    "a vertical tab before chunked": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a bare line feed ends a header": b"X: a\nContent-Length: 4\r\n\r\n",
    "a bare carriage return ends one": b"X: a\rContent-Length: 4\r\n\r\n",
    "a bare line feed ends the head": b"X: a\r\n\n",
    "a folded header": b"X: a\r\n Content-Length: 4\r\n\r\n",
    "a chunk size with a sign": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "a chunk size with 0x": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
    "a blank after a chunk size": b"Transfer-Encoding: chunked\r\n\r\n0 \r\n\r\n",
    "a bare line feed after a size": b"Transfer-Encoding: chunked\r\n\r\n0\n\r\n",
    "a line feed in an extension": b"Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n",
    "a chunk longer than its size": b"Transfer-Encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n",
    "a chunk size beyond 64 bits": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 17 + b"\r\n",
    "an upgrade with a body": (
        b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN)
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_what_two_readers_could_read_differently_is_refused(name: str, byte_by_byte: bool) -> None:
    wire = HEAD + AMBIGUOUS[name] + HIDDEN
    parts = [bytes([byte]) for byte in wire] if byte_by_byte else [wire]
    arrived, stage = read(*parts)
    assert len(arrived) == 1
    assert isinstance(arrived[0], Refusal)
    assert stage is Stage.ENDED


def test_chunks_are_not_for_http_1_0() -> None:
    old = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert read(old) == ([Refusal.MALFORMED], Stage.ENDED)


# What ends a connection


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Connection: close\r\n\r\n",
        HEAD + b"Connection: keep-alive, close\r\n\r\n",
        HEAD + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"POST / HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n",
    ],
)
def test_nothing_is_read_after_the_last_request(head: bytes) -> None:
    for parts in ([head + HIDDEN], [head, HIDDEN]):
        arrived, stage = read(*parts)
        assert [type(each) for each in arrived] == [WireRequest]
        assert stage is Stage.ENDED


# What is too much


def test_a_header_without_end_is_refused_before_it_fills_the_memory() -> None:
    bound = LIMITS.line_bytes + LIMITS.headers * LIMITS.header_bytes
    for start in (b"POST /", HEAD + b"X", HEAD + b"X: "):
        parts = [start, *([b"a" * 64] * (bound // 64 + 2))]
        assert read(*parts) == ([Refusal.MALFORMED], Stage.ENDED)


@pytest.mark.parametrize("endless", [b"1;a=" + b"b" * 4096, b"0\r\nX: " + b"b" * 4096])
def test_an_extension_or_trailer_without_end_is_refused(endless: bytes) -> None:
    parts = [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", endless, *([b"b" * 4096] * 8)]
    arrived, stage = read(*parts)
    assert len(arrived) == 1
    assert isinstance(arrived[0], Refusal)
    assert stage is Stage.ENDED


def test_the_smallest_chunks_may_carry_the_largest_body() -> None:
    limits = Limits(body_bytes=512)
    wire = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 512 + b"0\r\n\r\n"
    [request], _ = read(*(bytes([byte]) for byte in wire), limits=limits)
    assert isinstance(request, WireRequest)
    assert request.body == b"a" * 512


def test_trailers_are_not_kept() -> None:
    trailers = b"".join(b"X%d: a\r\n" % number for number in range(LIMITS.headers + 1))
    wire = HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + trailers + b"\r\n"
    [request], _ = read(wire)
    assert isinstance(request, WireRequest)
    assert request.headers.keys() == {"host", "transfer-encoding"}


def test_a_length_that_is_too_long_is_refused_with_the_head() -> None:
    assert read(HEAD + b"Content-Length: 2049\r\n\r\n") == ([Refusal.TOO_LARGE], Stage.ENDED)


def test_what_may_be_expected() -> None:
    assert read(HEAD + b"Expect: 200-ok\r\n\r\n")[0] == [Refusal.UNKNOWN_EXPECTATION]
    [request], _ = read(HEAD + b"Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na")
    assert isinstance(request, WireRequest)
