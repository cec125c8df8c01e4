"""Pages of IAM's lists: Marker, MaxItems, IsTruncated.

Source: IAM API Reference, "Paginating" of each List operation: 100 items unless asked otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from node.model.errors import InvalidMarker, Validation
from node.operations.lists import ListRule, Page, after_marker, page

DEFAULT: Final = 100
MOST: Final = 1000
T = TypeVar("T")


class Asking(Protocol):
    """A request for a page."""

    @property
    def marker(self) -> str | None: ...

    @property
    def max_items(self) -> int | None: ...


class Paged(NamedTuple):
    """What a response says of its page."""

    is_truncated: bool
    marker: str | None


def paged(
    operation: str, request: Asking, items: Sequence[T], name: Callable[[T], str]
) -> tuple[Sequence[T], Paged]:
    """The page that is asked for, of items that are in the order of their names.

    Raises Validation for a marker that this list never gave.
    """
    rule = ListRule(operation, DEFAULT, MOST)
    try:
        last = after_marker(rule, request.marker)
    except InvalidMarker:
        raise Validation("Invalid Marker.") from None
    size = request.max_items or DEFAULT
    left = [each for each in items if name(each) > last][: size + 1]
    shown: Page[T] = page(rule, left, size, name(left[:size][-1]) if left else "")
    return shown.items, Paged(shown.truncated, shown.next_marker)
