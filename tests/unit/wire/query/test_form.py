"""Forms that no SDK sends: what is refused, in AWS's words, and what is let through."""

from __future__ import annotations

import contextlib
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.model import errors
from node.wire.query.decoding import FormDecoder
from node.wire.shapes import types
from node.wire.shapes.base import ModelShape
from tests.unit.wire.query.kinds import All, Inner

DECODE = FormDecoder(All).decode
PATTERN = r"[\w+=,.@-]*"


class Limited(ModelShape, frozen=True, kw_only=True):
    role: Annotated[str, types.length(2, 4), types.matching(PATTERN)]
    seconds: Annotated[int, msgspec.Meta(ge=900, le=43200)] | None = None
    tags: list[Inner] | None = None


LIMITED = FormDecoder(Limited).decode


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("", All()),
        ("Unknown=1&Unknown.member.1=2", All()),
        ("Text=a&Text=b", All(text="a")),
        ("Text=a+b%20c%2B", All(text="a b c+")),
        ("Text", All(text="")),
        ("&&Text=a&", All(text="a")),
        ("Text=a&Text.member.1=b", All(text="a")),
        ("Count=%2B900", All(count=900)),
        ("Count=0900", All(count=900)),
        ("On=1", All(on=True)),
        ("On=0", All(on=False)),
        ("Names=", All(names=[])),
        ("Names.member.10=c&Names.member.2=b&Names.member.1=a", All(names=["a", "b", "c"])),
        ("Names.member.1=a&Names.member.1=b", All(names=["a"])),
        ("Inner.Key=a&Inner.Unknown=b", All(inner=Inner(key="a"))),
        ("Inner.Lists.member.1=a", All(inner=Inner(lists=["a"]))),
        ("At=2026-01-02T03:04:05Z", All(at=1767323045.0)),
        ("At=2026-01-02T03:04:05", All(at=1767323045.0)),
        ("At=2026-01-02T05:04:05%2B02:00", All(at=1767323045.0)),
        ("Text=%FF", All(text="\ufffd")),
        (f"Text.{'a.' * 400}b=1&Count=7", All(count=7)),
    ],
)
def test_what_is_let_through(form: str, expected: All) -> None:
    assert DECODE(form) == expected


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("Count=", "missing value for decimal type"),
        ("Count=abc", ""),
        ("Count=900.0", ""),
        ("Count=2147483648", ""),
        ("Count=-2147483649", ""),
        (f"Count={'9' * 10_000}", ""),
        ("On=TRUE", "boolean must follow xsd1.1 definition"),
        ("On=", "missing value for boolean type"),
        ("At=yesterday", "timestamp must follow ISO8601"),
        ("At=", "missing value for timestamp type"),
        ("Data=!", "Blob is not encoded in base64"),
        ("Text.member.1=a", "Start of list found where not expected"),
        ("Text.Key=a", "Start of structure or map found where not expected."),
        ("Names=a", "Unexpected field type"),
        ("Names.member.x=a", "Unexpected list element termination"),
        ("Names.member=a", "Unexpected list element termination"),
        ("Names.member.1.Key=a", "Start of structure or map found where not expected."),
        ("Inner=a", "Unexpected field type"),
        ("Pairs=a", "Unexpected field type"),
        ("Pairs.entry.1.value=a", "Unexpected field type"),
        ("Pairs.entry.1=a", "Unexpected field type"),
    ],
)
def test_what_is_not_of_its_type(form: str, message: str) -> None:
    with pytest.raises(errors.Serialization) as caught:
        DECODE(form)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("", "1 validation error detected: Value null at 'role' failed to satisfy constraint: "
             "Member must not be null"),
        ("Role=a", "1 validation error detected: Value 'a' at 'role' failed to satisfy "
                   "constraint: Member must have length greater than or equal to 2"),
        ("Role=%2F", "2 validation errors detected: Value '/' at 'role' failed to satisfy "
                     f"constraint: Member must satisfy regular expression pattern: {PATTERN}; "
                     "Value '/' at 'role' failed to satisfy constraint: Member must have length "
                     "greater than or equal to 2"),
        ("Role=abc&Seconds=899", "1 validation error detected: Value '899' at 'seconds' failed to "
                                 "satisfy constraint: Member must have value greater than or "
                                 "equal to 900"),
    ],
)  # fmt: skip
def test_constraints_are_told_as_sts_tells_them(form: str, message: str) -> None:
    with pytest.raises(errors.Validation) as caught:
        LIMITED(form)
    assert caught.value.message == message


@given(st.text(max_size=200) | st.from_regex(r"((Text|Names|Inner|Pairs|Count)[.=&a-z1]*)+"))
def test_no_form_is_a_fault(form: str) -> None:
    with contextlib.suppress(errors.Serialization, errors.Validation):
        assert isinstance(DECODE(form), All)
