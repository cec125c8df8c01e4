"""A key file that is refused tells an operator what kind of file it is, and what is wrong."""

import pytest

from crypto.errors import SealError
from crypto.keyfile import decode_fields, decode_secret, encode_fields

TITLE = "a title"
FIELDS = {"one": "1", "two": "2"}
TEXT = encode_fields(TITLE, FIELDS)


def test_fields_read_back() -> None:
    assert decode_fields(TITLE, list(FIELDS), TEXT) == FIELDS
    assert decode_fields(TITLE, list(FIELDS), TEXT.removesuffix("\n")) == FIELDS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "this is no 'a title' file"),
        (TEXT.replace("title", "table"), "this is no 'a title' file"),
        (TEXT.replace("one", "on\u00e9"), "this is no 'a title' file"),
        (TEXT + "x" * 5000, "this is no 'a title' file"),
        (TEXT.replace("1", "3", 1), "the 'a title' file is damaged"),
        (TEXT[:-3], "the 'a title' file is damaged"),
        (TEXT + "more\n", "the 'a title' file is damaged"),
        (encode_fields(TITLE, {"one": "1"}), "has the fields one, two"),
        (encode_fields(TITLE, {"two": "2", "one": "1"}), "has the fields one, two"),
        (encode_fields(TITLE, FIELDS | {"three": "3"}), "has the fields one, two"),
        (encode_fields(TITLE, {"one": "1\ntwo: 2", "two": "2"}), "has the fields one, two"),
    ],
)
def test_the_reason_is_told(text: str, reason: str) -> None:
    with pytest.raises(SealError, match=reason):
        decode_fields(TITLE, list(FIELDS), text)


@pytest.mark.parametrize(
    "value", ["", "0", "000", "00 00", "AAAA", "g000", "000000", "0x00", " 0000"]
)
def test_a_secret_has_one_spelling(value: str) -> None:
    assert decode_secret(TITLE, "00ff", 2) == b"\x00\xff"
    with pytest.raises(SealError, match="2 bytes in lower-case hexadecimal"):
        decode_secret(TITLE, value, 2)
