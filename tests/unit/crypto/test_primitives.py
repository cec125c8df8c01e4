"""The KDF is SP 800-108 as another implementation has it, and no two labels can meet."""

import hmac
from itertools import permutations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from crypto.labels import Label
from crypto.primitives import OneTimeAead, derivation, derived
from tests.unit.crypto.strategies import secrets
from tests.vectors import reference

labels = st.sampled_from(Label)


@given(secrets, labels, st.binary(max_size=80))
def test_derivation_is_that_of_kbkdf_hmac(secret: bytes, label: Label, context: bytes) -> None:
    expected = reference.derive(secret, label.value, context)
    assert derived(derivation(secret, label), context) == expected


@given(secrets, labels, st.binary(max_size=80))
def test_derivation_is_one_hmac_block(secret: bytes, label: Label, context: bytes) -> None:
    message = b"\x00\x00\x00\x01" + label.value + b"\x00" + context + b"\x00\x00\x01\x00"
    assert derived(derivation(secret, label), context) == hmac.digest(secret, message, "sha256")


@given(secrets, st.lists(st.binary(max_size=20), min_size=2, max_size=5))
def test_one_start_serves_any_number_of_derivations(secret: bytes, given_: list[bytes]) -> None:
    start = derivation(secret, Label.MESSAGE_KEY)
    once = [derived(start, context) for context in given_]
    assert [derived(start, context) for context in reversed(given_)] == once[::-1]


def test_no_label_holds_a_zero_byte() -> None:
    assert not [label for label in Label if b"\x00" in label.value]


def test_no_label_starts_another() -> None:
    assert not [(a, b) for a, b in permutations(Label, 2) if b.value.startswith(a.value)]


@pytest.mark.parametrize("size", [0, 1, 15])
def test_what_is_shorter_than_a_tag_does_not_open(size: int) -> None:
    aead = OneTimeAead(bytes(32), Label.MESSAGE_KEY)
    with pytest.raises(InvalidTag):
        aead.decrypt(bytes(16), bytes(12), bytes(size), b"")


def test_labels_give_unrelated_keys() -> None:
    assert len({derived(derivation(bytes(32), label), b"") for label in Label}) == len(Label)
