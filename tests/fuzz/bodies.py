"""A request's members as bytes: JSON as it should be, and in the ways in which it should not."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.scenarios.requests import NOT_REQUESTS

Document = dict[str, Any]


def plain(document: Document) -> bytes:
    """As an SDK writes it."""
    return json.dumps(document).encode()


def damaged(document: Document, random: Random) -> bytes:
    """As no SDK writes it."""
    return random.choice(_DAMAGES)(document, random)


def _unescaped(document: Document, random: Random) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _surrogates(document: Document, random: Random) -> bytes:
    """Lone surrogates as three bytes each, which is not UTF-8 (RFC 3629, 3)."""
    whole = {**document, "\ud800": 1}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _encoded(document: Document, random: Random) -> bytes:
    return json.dumps(document).encode(random.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7")))


def _cut(document: Document, random: Random) -> bytes:
    body = plain(document)
    return body[: random.randint(0, len(body))]


def _overwritten(document: Document, random: Random) -> bytes:
    body = plain(document)
    bad = random.randbytes(random.randint(1, 4))
    place = random.randint(0, len(body))
    return body[:place] + bad + body[place + random.randint(0, len(bad)) :]


def _twice(document: Document, random: Random) -> bytes:
    """Every member twice, which JSON does not forbid (RFC 8259, 4)."""
    body = plain(document)
    return body[:-1] + b"," + body[1:] if document else body


def _nested(document: Document, random: Random) -> bytes:
    depth = random.choice((50, 900, 1100, 20_000))
    opened, closed = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return b'{"KeyId":' + opened * depth + b"1" + closed * depth + b"}"


def _numbers(document: Document, random: Random) -> bytes:
    number = random.choice((b"1" * 5000, b"1e400", b"-0", b"01", b"NaN", b"1e-9999", b"0x10"))
    return b'{"Limit":' + number + b',"NumberOfBytes":' + number + b"}"


def _long(document: Document, random: Random) -> bytes:
    """Up to, and beyond, the most that a node reads."""
    size = random.choice((100_000, 1_048_576 - 30, 1_048_577, 1_500_000))
    return b'{"KeyId":"' + b"k" * size + b'"}'


def _blank(document: Document, random: Random) -> bytes:
    return b" \r\n\t" * random.randint(1, 2000) + plain(document) + b"\n" * random.randint(0, 9)


def _none(document: Document, random: Random) -> bytes:
    return random.choice(NOT_REQUESTS)


_DAMAGES: tuple[Callable[[Document, Random], bytes], ...] = (
    _unescaped,
    _surrogates,
    _encoded,
    _cut,
    _overwritten,
    _twice,
    _nested,
    _numbers,
    _long,
    _blank,
    _none,
)
