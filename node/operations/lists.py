"""Pages of a list: Limit, Marker, NextMarker, Truncated, the same for every List operation.

A marker names the last item of the page before it, so a list stays stable while items are added.
It is opaque to callers: base64 of a version, the list's name and that item.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from node.model.errors import InvalidMarker, Validation

NEVER_GIVEN: Final = "Could not deserialize marker."
_VERSION: Final = "1"
_SEPARATOR: Final = "\n"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListRule:
    """One List operation's limits (kms-semantics part g)."""

    operation: str
    default: int
    most: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: its items, and the marker of the next one if there is one."""

    items: Sequence[T]
    next_marker: str | None

    @property
    def truncated(self) -> bool:
        """Whether more items follow."""
        return self.next_marker is not None


LIST_KEYS: Final = ListRule("ListKeys", default=100, most=1000)
LIST_ALIASES: Final = ListRule("ListAliases", default=50, most=100)
LIST_KEY_ROTATIONS: Final = ListRule("ListKeyRotations", default=100, most=1000)
LIST_GRANTS: Final = ListRule("ListGrants", default=50, most=100)
LIST_RETIRABLE_GRANTS: Final = ListRule("ListRetirableGrants", default=50, most=100)
LIST_KEY_POLICIES: Final = ListRule("ListKeyPolicies", default=100, most=1000)
LIST_RESOURCE_TAGS: Final = ListRule("ListResourceTags", default=50, most=50)
DESCRIBE_CUSTOM_KEY_STORES: Final = ListRule("DescribeCustomKeyStores", default=100, most=1000)


def page_size(rule: ListRule, limit: int | None) -> int:
    """How many items a page has. Raises Validation above the operation's own maximum."""
    if limit is None:
        return rule.default
    if limit > rule.most:
        raise Validation(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            f"constraint: Member must have value less than or equal to {rule.most}"
        )
    return limit


def after_marker(rule: ListRule, marker: str | None) -> str:
    """The item after which the page begins. Raises InvalidMarker for what this list never gave."""
    if marker is None:
        return ""
    try:
        text = base64.urlsafe_b64decode(marker.encode("ascii")).decode()
        version, operation, item = text.split(_SEPARATOR, 2)  # the item may have it too
    except (ValueError, binascii.Error):
        raise InvalidMarker(NEVER_GIVEN) from None
    if (version, operation) != (_VERSION, rule.operation):
        raise InvalidMarker(NEVER_GIVEN)
    return item


def page(rule: ListRule, found: Sequence[T], size: int, last: str) -> Page[T]:
    """The page of `size` items out of `found`, which has one more if there is a next page.

    `last` names the page's last item.
    """
    if len(found) <= size:
        return Page(found, None)
    text = _SEPARATOR.join((_VERSION, rule.operation, last))
    return Page(found[:size], base64.urlsafe_b64encode(text.encode()).decode("ascii"))
