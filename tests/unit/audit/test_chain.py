"""Lines of a chain: what is written is read back, and nothing else is read."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.audit.chain import Head, genesis, sealed
from node.audit.read_line import BrokenLine, read_line

HEAD = genesis("us-east-1", "ab" * 16)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.integers(0, 10**15), st.sampled_from(["record", "checkpoint"]), json_values)
def test_a_line_is_read_as_it_was_written(number: int, kind: str, value: object) -> None:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    data, head = sealed(Head(number, HEAD.hash), kind.encode(), body)
    line = read_line(data)
    assert (line.sequence, line.previous, line.kind, line.body) == (
        number + 1,
        HEAD.hash,
        kind,
        body,
    )
    assert line.head == head


def test_a_line_is_json_with_its_hash_over_the_rest() -> None:
    data, head = sealed(HEAD, b"record", b'{"eventName":"Encrypt"}')
    document = json.loads(data)
    assert document["record"] == {"eventName": "Encrypt"}
    assert document["sequence"] == 1
    assert document["previous"] == HEAD.hash.decode()
    rest = data[data.index(b'"previous"') : -1]  # what docs/audit.md tells to hash
    assert document["hash"] == hashlib.sha256(rest).hexdigest() == head.hash.decode()


def test_the_genesis_is_of_one_region_and_one_trail() -> None:
    others = {genesis("us-east-1", "cd" * 16), genesis("eu-west-1", "ab" * 16), HEAD}
    assert len(others) == 3


@given(st.binary(max_size=300))
def test_what_is_no_line_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenLine):
        read_line(data)


@pytest.mark.parametrize(
    "rest",
    [
        b'"previous":"%b","sequence":x1,"record":{}}' % (b"0" * 64),
        b'"previous":"%b","sequence":1}' % (b"0" * 64),
        b'"previous":"%b","sequence":,"record":{}}' % (b"0" * 64),
        b'"previous":"00","sequence":1,"record":{}}',
    ],
)
def test_a_right_hash_over_something_else_is_refused(rest: bytes) -> None:
    digest = hashlib.sha256(rest).hexdigest().encode()
    with pytest.raises(BrokenLine):
        read_line(b'{"hash":"%b",%b\n' % (digest, rest))
