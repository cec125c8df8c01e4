"""Tags of users, roles and policies, as requests give them.

Tag keys that differ in case alone are one tag (IAM User Guide, "Tags for AWS Identity and Access
Management resources").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from node.model.errors import InvalidInput, LimitExceeded
from node.wire.shapes.iam.structures import Tag

TAGS_MOST: Final = 50
RESERVED: Final = "aws:"

Tagged = tuple[tuple[str, str], ...]


def checked(tags: Sequence[Tag] | None, held: Tagged = ()) -> Tagged:
    """The tags of a request. `held` are those that there are already.

    Raises InvalidInput for tags that cannot be, LimitExceeded for too many.
    """
    found = tuple((each.key, each.value) for each in tags or ())
    folded = [key.lower() for key, _ in found]
    if len(set(folded)) != len(folded):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(key.startswith(RESERVED) for key in folded):
        raise InvalidInput("Tag keys beginning with aws: are reserved for system use.")
    if len({*folded, *(key.lower() for key, _ in held)}) > TAGS_MOST:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
    return found


def shapes(tags: Tagged) -> list[Tag] | None:
    """Tags as responses have them; None where there are none."""
    return [Tag(key=key, value=value) for key, value in tags] or None


def request_facts(request: object) -> Mapping[str, tuple[str, ...]]:
    """The condition keys of the tags that a request gives: aws:RequestTag, aws:TagKeys."""
    tags: Sequence[Tag] = getattr(request, "tags", None) or ()
    if not tags:
        return {}
    given = {f"aws:requesttag/{each.key.lower()}": (each.value,) for each in tags}
    return {**given, "aws:tagkeys": tuple(dict.fromkeys(each.key for each in tags))}
