"""The search for secrets finds what it is for, and nothing else."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.leaks import Secret, leaks

VALUE = bytes(range(0xA0, 0xC0))
SECRET = Secret("the key", VALUE)

SPELLED = {
    "raw": VALUE,
    "hexadecimal": VALUE.hex().encode(),
    "upper case": VALUE.hex().upper().encode(),
    "an escaped text": repr(VALUE).encode(),
    "a list": json.dumps(list(VALUE)).encode(),
}


@pytest.mark.parametrize("spelled", SPELLED.values(), ids=SPELLED)
def test_a_spelled_secret_is_found(spelled: bytes) -> None:
    assert leaks([SECRET], {"a file": b"before" + spelled + b"after"})


@given(st.binary(max_size=9), st.binary(min_size=16, max_size=64), st.binary(max_size=9))
def test_a_secret_is_found_in_base64_wherever_it_stands(
    before: bytes, value: bytes, after: bytes
) -> None:
    text = before + value + after
    secret = Secret("the key", value)
    assert leaks([secret], {"a file": base64.b64encode(text)})
    assert leaks([secret], {"a file": base64.urlsafe_b64encode(text)})


def test_another_secret_is_not_found() -> None:
    other = VALUE[:16] + bytes([VALUE[16] ^ 1]) + VALUE[17:]
    places = SPELLED | {"base64": base64.b64encode(VALUE)}
    assert not leaks([Secret("another", other)], places)


def test_a_secret_may_be_at_home_and_nowhere_else() -> None:
    secret = Secret("the key", VALUE, home="root.key")
    assert not leaks([secret], {"us-east-1/root.key": VALUE})
    assert leaks([secret], {"us-east-1/node.log": VALUE}) == ["the key in us-east-1/node.log, raw"]


def test_what_is_reported_has_nothing_of_the_secret() -> None:
    assert not leaks([SECRET], {"reports": repr((SECRET, leaks([SECRET], SPELLED))).encode()})
