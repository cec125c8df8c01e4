"""What the functions that make calls share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from tests.compat.page.facts import values_of
from tests.compat.page.ground import Ground
from tests.wire.model import input_shape

Calls: TypeAlias = Iterator[dict[str, Any]]

TAGS: Final = [{"TagKey": "colour", "TagValue": "green"}]


def values(operation: str, member: str) -> Sequence[str]:
    """The values that the model names for a member, or for the elements of its list."""
    return values_of(input_shape(operation).members[member])


def of_a_key(on: Ground, **members: Any) -> Calls:
    """One call on a key of its own."""
    yield {"KeyId": on.new_key(), **members}
