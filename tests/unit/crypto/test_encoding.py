"""Context and binding read back in one way only: shown by readers that turn bytes into values."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.context import canonical_context
from crypto.encoding import binding, prefixed
from tests.unit.crypto.strategies import contexts

fields = st.text(max_size=12) | st.binary(max_size=12) | st.integers(0, 2**64 - 1)


def _read_context(encoded: bytes) -> list[tuple[str, str]]:
    texts = []
    while encoded:
        (size,) = struct.unpack_from(">I", encoded)
        texts.append(encoded[4 : 4 + size].decode())
        encoded = encoded[4 + size :]
    return list(zip(texts[::2], texts[1::2], strict=True))


_READERS: dict[bytes, Callable[[bytes], str | bytes | int]] = {
    b"s": bytes.decode,
    b"b": bytes,
    b"i": lambda raw: int.from_bytes(raw, "big"),
}


def _read_binding(encoded: bytes) -> list[str | bytes | int]:
    values: list[str | bytes | int] = []
    while encoded:
        kind, size = struct.unpack_from(">cI", encoded)
        raw, encoded = encoded[5 : 5 + size], encoded[5 + size :]
        values.append(_READERS[kind](raw))
    return values


@given(contexts)
def test_a_context_reads_back(context: dict[str, str]) -> None:
    assert dict(_read_context(canonical_context(context))) == context


@given(contexts)
def test_context_keys_are_sorted_by_their_bytes(context: dict[str, str]) -> None:
    keys = [key.encode() for key, _ in _read_context(canonical_context(context))]
    assert keys == sorted(keys)


@given(contexts, st.randoms())
def test_the_order_of_a_context_does_not_count(context: dict[str, str], random: object) -> None:
    pairs = list(context.items())
    random.shuffle(pairs)  # type: ignore[attr-defined]
    assert canonical_context(dict(pairs)) == canonical_context(context)


@given(contexts, contexts)
def test_two_contexts_have_the_same_bytes_only_if_equal(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (canonical_context(one) == canonical_context(other)) == (one == other)


@given(st.lists(fields, max_size=6))
def test_a_binding_reads_back_with_its_types(values: list[str | bytes | int]) -> None:
    read = _read_binding(binding(*values))
    assert read == values
    assert [type(value) for value in read] == [type(value) for value in values]


@pytest.mark.parametrize("value", [None, 1.0, ("a",), bytearray(b"a"), True])
def test_other_types_are_not_bound(value: object) -> None:
    with pytest.raises(TypeError):
        binding(value)  # type: ignore[arg-type]


def test_a_prefix_is_four_bytes_big_endian() -> None:
    assert prefixed(b"abc") == b"\x00\x00\x00\x03abc"
