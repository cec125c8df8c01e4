"""What botocore sends is read as it was meant, and what we answer botocore reads as we meant it."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from botocore.parsers import QueryParser
from botocore.serialize import QuerySerializer
from hypothesis import given

from node.wire.query.decoding import FormDecoder
from node.wire.query.xml import Encoder, error_body
from tests.unit.wire.query.kinds import ASK, NAMESPACE, VALUES, All, members

DECODE = FormDecoder(All).decode
ENCODE = Encoder("Ask", NAMESPACE).encode
PARSER = QueryParser()


def sent(value: All) -> str:
    """The form that botocore makes of members."""
    named = members(value)
    if "At" in named:
        named["At"] = datetime.datetime.fromtimestamp(named["At"], datetime.UTC)
    serialized: dict[str, Any] = QuerySerializer().serialize_to_request(named, ASK)
    return urlencode(serialized["body"])


def read(body: bytes) -> dict[str, Any]:
    """What botocore makes of an answer."""
    answer: dict[str, Any] = PARSER.parse(
        {"headers": {}, "body": body, "status_code": 200}, ASK.output_shape
    )
    assert answer.pop("ResponseMetadata")["RequestId"] == "request-1"
    if "At" in answer:
        answer["At"] = answer["At"].timestamp()
    return answer


@given(VALUES)
def test_what_botocore_sends_is_read(value: All) -> None:
    assert DECODE(sent(value)) == value


@given(VALUES)
def test_what_is_answered_botocore_reads(value: All) -> None:
    expected = {name: each for name, each in members(value).items() if each != ""}
    found = {name: each for name, each in read(ENCODE(value, "request-1")).items() if each != ""}
    assert found == expected


def test_an_answer_without_a_result() -> None:
    assert ENCODE(None, "request-1") == (
        b'<AskResponse xmlns="https://kinds.test/doc/2026-01-01/"><ResponseMetadata>'
        b"<RequestId>request-1</RequestId></ResponseMetadata></AskResponse>\n"
    )


def test_an_error_botocore_reads() -> None:
    body = error_body(
        "AccessDenied", "a <b> & c \x01", sender=True, namespace=NAMESPACE, request_id="request-1"
    )
    answer = PARSER.parse({"headers": {}, "body": body, "status_code": 403}, ASK.output_shape)
    assert answer["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": "a <b> & c ?",
    }
