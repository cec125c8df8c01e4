"""Tags and policies that a caller gives (kms-semantics parts f and g)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.model.errors import LimitExceeded, MalformedPolicyDocument, TagError
from node.model.policy import default_key_policy
from node.operations.documents import (
    POLICY_BYTES_MOST,
    TAGS_MOST,
    Tags,
    check_tag_names,
    checked_policy,
    checked_tags,
    merged_tags,
)
from node.wire.shapes.structures import Tag

ACCOUNT = "111122223333"
names = st.text(min_size=1, max_size=10).filter(lambda name: not name.lower().startswith("aws:"))
tag_sets = st.dictionaries(names, st.text(max_size=10), max_size=TAGS_MOST)


def tags(*names: str) -> list[Tag]:
    return [Tag(tag_key=name, tag_value="") for name in names]


@given(tag_sets)
def test_good_tags_are_kept_in_order(given_tags: dict[str, str]) -> None:
    request = [Tag(tag_key=name, tag_value=value) for name, value in given_tags.items()]
    assert checked_tags(request) == tuple(given_tags.items())


def test_no_tags_are_no_tags() -> None:
    assert checked_tags(None) == checked_tags([]) == ()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (tags("a", "b", "a"), "Duplicate tag keys"),
        (tags("aws:a"), "Tags beginning with aws: are reserved"),
        (tags("AWS:a"), "Tags beginning with aws: are reserved"),
        (tags(*map(str, range(TAGS_MOST + 1))), "Too many tags"),
    ],
)
def test_bad_tags_are_refused(bad: list[Tag], message: str) -> None:
    with pytest.raises(TagError) as refused:
        checked_tags(bad)
    assert refused.value.message == message


def test_tag_keys_differ_by_case() -> None:
    assert checked_tags(tags("a", "A")) == (("a", ""), ("A", ""))


def test_a_reserved_tag_cannot_be_taken_away() -> None:
    check_tag_names(["a", "b"])
    with pytest.raises(TagError):
        check_tag_names(["a", "aws:cloudformation:stack-id"])


@given(tag_sets, tag_sets)
def test_new_tags_replace_old_ones_of_the_same_key(
    old: dict[str, str], new: dict[str, str]
) -> None:
    held: Tags = tuple(old.items())
    if len({*old, *new}) > TAGS_MOST:
        with pytest.raises(TagError, match="Too many tags"):
            merged_tags(held, tuple(new.items()))
    else:
        assert dict(merged_tags(held, tuple(new.items()))) == {**old, **new}


def test_without_a_policy_there_is_the_default_one() -> None:
    assert checked_policy(None, ACCOUNT) == default_key_policy(ACCOUNT)


@pytest.mark.parametrize(
    "policy",
    ['{"Statement":[]}', '{"Statement":{"Effect":"Deny"}}', default_key_policy(ACCOUNT)],
)
def test_a_policy_is_stored_as_it_was_given(policy: str) -> None:
    assert checked_policy(policy, ACCOUNT) == policy


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "{",
        "null",
        "[]",
        "1",
        '"Statement"',
        "{}",
        '{"Statement":null}',
        '{"Statement":"Allow"}',
        "[" * 30_000,
        '{"Statement":[' + "1" * 5000 + "]}",  # more digits than Python reads
    ],
)
def test_what_is_no_policy_is_refused(policy: str) -> None:
    with pytest.raises(MalformedPolicyDocument):
        checked_policy(policy, ACCOUNT)


def test_a_policy_has_a_size_in_bytes() -> None:
    def sized(size: int, letter: str) -> str:
        empty = json.dumps({"Id": "", "Statement": []})
        letters = (size - len(empty)) // len(letter.encode())
        return json.dumps({"Id": letter * letters, "Statement": []}, ensure_ascii=False)

    assert checked_policy(sized(POLICY_BYTES_MOST, "x"), ACCOUNT)
    assert checked_policy(sized(POLICY_BYTES_MOST, "é"), ACCOUNT)
    for letter in "xé":
        with pytest.raises(LimitExceeded):
            checked_policy(sized(POLICY_BYTES_MOST + 2, letter), ACCOUNT)
