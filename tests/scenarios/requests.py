"""Requests of every kind for a region under test: right, wrong, and wrong in ways that go deep.

Built from botocore's model (tests/wire/model.py) with values that exist in the region mixed in, so
that a request gets past the checks of its form and into the operation.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from botocore.model import StructureShape
from hypothesis import strategies as st

from tests.wire.model import anything, input_shape, valid

Values = Mapping[str, Sequence[Any]]

ODD_TEXT = st.text(
    st.characters() | st.sampled_from("\ud800\udfff\x00\u2028\uffff\U0001f511'\"\\/"), max_size=12
)
"""Any code point, lone surrogates among them: JSON can write those, Unicode cannot hold them."""

ANYTHING = anything() | ODD_TEXT

ODD_REFERENCES = (
    "",
    "alias/",
    "alias/\n",
    "alias/aws/ebs",
    "arn:aws:kms:us-east-1:111122223333:alias/a\nb",
    "arn:aws:kms:us-east-1:11\n22:key/x",
    "arn:aws:kms:us-east-1::key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws-cn:kms:us-east-1:111122223333:key/x",
    "arn:aws:s3:::bucket",
    "arn:" + ":" * 2000,
    "1234ABCD-12AB-34CD-56EF-1234567890AB",
    "mrk-" + "f" * 32,
    "\x00" * 36,
    "ключ",
    "\U0001f511" * 36,
    "k" * 2048,
    "../../etc/passwd",
    "' OR 1=1 --",
)
ODD_MARKERS = (
    "!",
    "====",
    "ÿ" * 1024,
    "MQo=",
    *(
        base64.urlsafe_b64encode(text).decode()
        for text in (
            b"1\nListKeys\n",
            b"1\nListKeys\n\xff",
            b"1\nListAliases\nalias/\x00",
            b"1\nListResourceTags\nz\n",
            b"2\nListKeys\nx",
        )
    ),
)
ODD_POLICIES = (
    "{}",
    "[]",
    "null",
    '{"Statement":[]}',
    '{"Statement":"\\ud800"}',
    '{"Statement":' + "[" * 30_000 + "}",
    '{"Statement":{},"n":' + "9" * 5000 + "}",
    '{"Statement":[NaN]}',
    " " * 40_000,
)
ODD_CONTEXTS = ({"\ud800": "x"}, {"x": "\udfff"}, {"": ""}, {"a" * 9000: "b" * 90_000})
ODD_VALUES: Values = {
    "KeyId": ODD_REFERENCES,
    "TargetKeyId": ODD_REFERENCES,
    "SourceKeyId": ODD_REFERENCES,
    "DestinationKeyId": ODD_REFERENCES,
    "AliasName": ODD_REFERENCES,
    "Marker": ODD_MARKERS,
    "Policy": ODD_POLICIES,
    "ReplicaRegion": ("us-east-1", "eu-west-1", "xx-nowhere-9", "us-east-\u0661"),
    "EncryptionContext": ODD_CONTEXTS,
    "SourceEncryptionContext": ODD_CONTEXTS,
    "DestinationEncryptionContext": ODD_CONTEXTS,
    "Tags": ([{"TagKey": "\ud800", "TagValue": ""}], [{"TagKey": "a\nb", "TagValue": "\x00"}]),
    "TagKeys": (["\udfff"], ["aws:x"], ["x"] * 3000),
    "PendingWindowInDays": (0, 6, 7, 30, 31, 365, 2**63, -1, 7.0, True),
    "NumberOfBytes": (0, 1, 1024, 1025, 2**64, 1e308, "32"),
    "Limit": (0, 1, 50, 51, 100, 101, 1000, 1001),
}


class Requests:
    """Requests for every operation, with the values that are `real` mixed in.

    The strategies of an operation are made once: making them costs more than drawing from them.
    """

    def __init__(self, real: Values) -> None:
        self._real = real
        self.documents = cache(self._documents)
        self.bodies = cache(self._bodies)

    def _documents(self, operation: str) -> st.SearchStrategy[dict[str, Any]]:
        """The members of a request: each valid, real, odd, anything at all, or missing."""
        shape = input_shape(operation)
        members = {
            name: (_presence(required=name in shape.required_members), self._member(shape, name))
            for name in shape.members
        }

        @st.composite
        def document(draw: st.DrawFn) -> dict[str, Any]:
            drawn = {name: draw(member) for name, (there, member) in members.items() if draw(there)}
            if draw(st.integers(0, 9)) == 0:
                drawn[draw(ODD_TEXT)] = draw(ANYTHING)
            return drawn

        return document()

    def _bodies(self, operation: str) -> st.SearchStrategy[bytes]:
        """A request's body: as JSON should be, and in the ways in which it should not."""
        document = self.documents(operation)
        return st.one_of(
            document.map(lambda each: json.dumps(each).encode()),
            document.map(
                lambda each: json.dumps(each, ensure_ascii=False).encode("utf-8", "replace")
            ),
            document.map(_not_utf8),
            document.map(lambda each: json.dumps(each).encode("utf-16")),
            st.builds(_cut, document, st.floats(0, 1)),
            st.builds(_spoiled, document, st.floats(0, 1), st.binary(max_size=4)),
            st.builds(_twice, document, document),
            st.sampled_from(NOT_REQUESTS),
        )

    def _member(self, shape: StructureShape, name: str) -> st.SearchStrategy[Any]:
        """Mostly what makes sense, so that the whole request often does."""
        sensible = valid(shape.members[name])
        if name in self._real:
            sensible = st.sampled_from(self._real[name])
        odd = st.sampled_from(ODD_VALUES[name]) if name in ODD_VALUES else ANYTHING
        return st.integers(0, 4).flatmap(lambda number: odd if number == 0 else sensible)


NOT_REQUESTS = (
    b"",
    b" ",
    b"null",
    b"[]",
    b'"KeyId"',
    b"\xef\xbb\xbf{}",
    b"\x00" * 100,
    b"{}{}",
    b"[" * 100_000,
    b'{"KeyId":' * 50_000,
    b'{"KeyId":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"EncryptionContext":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}",
    b'{"KeyId":"' + b"x" * 900_000 + b'"}',
    b'{"NumberOfBytes":' + b"9" * 100_000 + b"}",
    b'{"Limit":1e999999}',
    b'{"Limit":NaN,"NumberOfBytes":-Infinity}',
    b'{"KeyId":"\\ud800"}',
    b'{"\\ud800":"\\udc00"}',
    b'{"KeyId":"\\u0000"}',
    b"KeyId=alias%2Fx&Action=Encrypt",
    b"<xml/>",
)


def _presence(*, required: bool) -> st.SearchStrategy[bool]:
    return st.integers(0, 15).map(lambda number: number > 0 if required else number > 7)


def _not_utf8(document: dict[str, Any]) -> bytes:
    """Lone surrogates as three bytes each, which no UTF-8 decoder may take (RFC 3629, 3)."""
    return json.dumps({**document, "\ud800": 1}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def _cut(document: dict[str, Any], part: float) -> bytes:
    body = json.dumps(document).encode()
    return body[: int(len(body) * part)]


def _spoiled(document: dict[str, Any], part: float, bad: bytes) -> bytes:
    body = json.dumps(document).encode()
    place = int(len(body) * part)
    return body[:place] + bad + body[place + len(bad) :]


def _twice(first: dict[str, Any], second: dict[str, Any]) -> bytes:
    """An object with every member twice, or more."""
    return (json.dumps(first)[:-1] + "," + json.dumps(second)[1:]).encode()
