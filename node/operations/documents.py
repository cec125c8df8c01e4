"""Checks of what a caller gives to be stored with a key: its tags and its key policy.

Messages: kms-semantics parts f and g.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from node.model.errors import LimitExceeded, MalformedPolicyDocument, TagError
from node.model.policy import default_key_policy
from node.wire.shapes.structures import Tag

TAGS_MOST: Final = 50
POLICY_BYTES_MOST: Final = 32 * 1024
RESERVED_TAG_PREFIX: Final = "aws:"

Tags = tuple[tuple[str, str], ...]


def checked_tags(tags: Sequence[Tag] | None) -> Tags:
    """The tags of a request as pairs. Raises TagError for duplicate, reserved or too many."""
    pairs = tuple((tag.tag_key, tag.tag_value) for tag in tags or ())
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise TagError("Duplicate tag keys")
    check_tag_names(names)
    if len(pairs) > TAGS_MOST:
        raise TagError("Too many tags")
    return pairs


def check_tag_names(names: Sequence[str]) -> None:
    """Raise TagError for a tag key that is AWS's own."""
    if any(name.lower().startswith(RESERVED_TAG_PREFIX) for name in names):
        raise TagError("Tags beginning with aws: are reserved")


def merged_tags(held: Tags, added: Tags) -> Tags:
    """The tags of a key after TagResource. Raises TagError if they are too many."""
    merged = {**dict(held), **dict(added)}
    if len(merged) > TAGS_MOST:
        raise TagError("Too many tags")
    return tuple(merged.items())


def checked_policy(policy: str | None, account: str) -> str:
    """The policy to store: the given one, or the default. Raises MalformedPolicyDocument.

    Only its form is checked: policies are stored and not evaluated yet.
    """
    if policy is None:
        return default_key_policy(account)
    if len(policy.encode()) > POLICY_BYTES_MOST:
        raise LimitExceeded(f"The key policy is larger than {POLICY_BYTES_MOST} bytes.")
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        raise MalformedPolicyDocument("The key policy is not valid JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list | dict):
        raise MalformedPolicyDocument("The key policy has no statements.")
    return policy
