"""What an answer looks like on the wire."""

from __future__ import annotations

from node.wire.http.response import ResponseWriter, plain_response
from node.wire.messages import WireResponse

MOMENT = 1_790_000_000.9
OK = WireResponse(200, {"x-amzn-RequestId": "r"}, b"{}")


def test_a_response_to_the_byte() -> None:
    assert ResponseWriter(lambda: MOMENT).encode(OK) == (
        b"HTTP/1.1 200 OK\r\n"
        b"Server: Keyspan\r\n"
        b"Date: Mon, 21 Sep 2026 14:13:20 GMT\r\n"
        b"x-amzn-RequestId: r\r\n"
        b"Content-Length: 2\r\n"
        b"\r\n"
        b"{}"
    )


def test_the_last_response_says_so() -> None:
    wire = ResponseWriter(lambda: MOMENT).encode(OK, last=True)
    assert wire.endswith(b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


def test_the_answer_to_head_has_a_length_and_no_body() -> None:
    wire = ResponseWriter(lambda: MOMENT).encode(OK, bodyless=True)
    assert wire.endswith(b"\r\nContent-Length: 2\r\n\r\n")


def test_the_date_goes_on() -> None:
    moments = iter([MOMENT, MOMENT + 0.05, MOMENT + 1])
    writer = ResponseWriter(lambda: next(moments))
    dates = [writer.encode(OK).split(b"\r\n")[2] for _ in range(3)]
    assert dates[0] == dates[1]
    assert dates[2] == b"Date: Mon, 21 Sep 2026 14:13:21 GMT"


def test_a_plain_response_is_json() -> None:
    response = plain_response(405, "No.", {"Allow": "GET"})
    assert response.body == b'{"message":"No."}'
    assert response.headers == {"Content-Type": "application/json; charset=utf-8", "Allow": "GET"}
