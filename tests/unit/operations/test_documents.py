"""Tags and policies that a caller gives (kms-semantics parts f and g)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.model.errors import TagError
from node.operations.documents import (
    TAGS_MOST,
    Tags,
    check_tag_names,
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
