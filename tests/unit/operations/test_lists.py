"""Pages and markers: every item once, in order, whatever the sizes; and no marker but our own."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.model.errors import InvalidMarker, Validation
from node.operations.lists import (
    DESCRIBE_CUSTOM_KEY_STORES,
    LIST_ALIASES,
    LIST_GRANTS,
    LIST_KEY_POLICIES,
    LIST_KEY_ROTATIONS,
    LIST_KEYS,
    LIST_RESOURCE_TAGS,
    LIST_RETIRABLE_GRANTS,
    ListRule,
    after_marker,
    page,
    page_size,
)

RULES = (
    DESCRIBE_CUSTOM_KEY_STORES,
    LIST_ALIASES,
    LIST_GRANTS,
    LIST_KEY_POLICIES,
    LIST_KEY_ROTATIONS,
    LIST_KEYS,
    LIST_RESOURCE_TAGS,
    LIST_RETIRABLE_GRANTS,
)
MARKER_MOST = 1024  # the model's limit
items = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)


def all_pages(rule: ListRule, everything: list[str], size: int) -> list[str]:
    """Every page after the other, as a client asks for them."""
    seen: list[str] = []
    marker: str | None = None
    while True:
        after = after_marker(rule, marker)
        found = [each for each in everything if each > after][: size + 1]
        last = found[size - 1] if len(found) >= size else ""
        shown = page(rule, found, size, last)
        assert len(shown.items) <= size
        seen += shown.items
        assert shown.truncated is (shown.next_marker is not None)
        if shown.next_marker is None:
            return seen
        assert len(shown.next_marker) <= MARKER_MOST
        assert shown.next_marker.isascii()
        marker = shown.next_marker


@given(st.lists(items, unique=True, max_size=20), st.integers(1, 25), st.sampled_from(RULES))
@example(["a\nb", "\n", "c"], 1, LIST_RESOURCE_TAGS)
def test_every_item_comes_once_and_in_order(names: list[str], size: int, rule: ListRule) -> None:
    """Tag keys may have any character, line feeds among them."""
    assert all_pages(rule, sorted(names), size) == sorted(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.operation)
def test_limits(rule: ListRule) -> None:
    assert page_size(rule, None) == rule.default
    assert page_size(rule, rule.most) == rule.most
    assert page_size(rule, 1) == 1
    with pytest.raises(Validation) as refused:
        page_size(rule, rule.most + 1)
    assert refused.value.message == (
        f"1 validation error detected: Value '{rule.most + 1}' at 'limit' failed to satisfy "
        f"constraint: Member must have value less than or equal to {rule.most}"
    )


def test_the_limits_are_those_of_kms() -> None:
    """kms-semantics part g."""
    assert {(rule.operation, rule.default, rule.most) for rule in RULES} == {
        ("ListKeys", 100, 1000),
        ("ListAliases", 50, 100),
        ("ListKeyRotations", 100, 1000),
        ("ListResourceTags", 50, 50),
        ("ListGrants", 50, 100),
        ("ListRetirableGrants", 50, 100),
        ("ListKeyPolicies", 100, 1000),
        ("DescribeCustomKeyStores", 100, 1000),
    }


def marker(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "bad",
    [
        "",
        " ",
        "x",
        "====",
        "\u00ff",
        marker(""),
        marker("1"),
        marker("1\nListKeys"),
        marker("2\nListKeys\nx"),
        marker("1\nListAliases\nx"),
        marker("1\nlistkeys\nx"),
        base64.urlsafe_b64encode(b"1\nListKeys\n\xff").decode(),
    ],
)
def test_a_marker_that_this_list_never_gave_is_refused(bad: str) -> None:
    with pytest.raises(InvalidMarker):
        after_marker(LIST_KEYS, bad)


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_text_is_a_marker_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidMarker):
        after_marker(LIST_KEYS, text)


def test_the_marker_of_another_list_is_refused() -> None:
    given_by_keys = page(LIST_KEYS, ["a", "b"], 1, "a").next_marker
    assert after_marker(LIST_KEYS, given_by_keys) == "a"
    with pytest.raises(InvalidMarker):
        after_marker(LIST_ALIASES, given_by_keys)
