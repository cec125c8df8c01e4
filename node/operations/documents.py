"""Checks of what a caller gives to be stored with a key: its tags and its key policy.

Messages: kms-semantics parts f and g.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from node.access.document import key_policy, named_principals
from node.access.elements import INVALID_PRINCIPALS
from node.access.principal_names import renamed
from node.directory.known import KnownPrincipals
from node.model.errors import MalformedPolicyDocument, TagError
from node.model.key import Key
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.structures import Tag

TAGS_MOST: Final = 50
RESERVED_TAG_PREFIX: Final = "aws:"

Tags = tuple[tuple[str, str], ...]


class NewPolicy(Protocol):
    """A request that gives a key a policy."""

    @property
    def policy(self) -> str | None: ...

    @property
    def bypass_policy_lockout_safety_check(self) -> bool | None: ...


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


async def with_policy(services: Services, call: Call, key: Key, request: NewPolicy) -> Key:
    """The key with the policy that it is given, as it is stored: principals by unique ID.

    A key that gets the default policy is not checked: its creator may be someone who may not change
    it. Raises MalformedPolicyDocument or LimitExceeded if the key cannot have the policy.
    """
    if request.policy is None:
        return key
    policy = key_policy(request.policy)
    known = await known_principals(services)
    if known.missing(named_principals(policy)):
        raise MalformedPolicyDocument(INVALID_PRINCIPALS)
    if not request.bypass_policy_lockout_safety_check:
        services.access.check_lockout(call, policy, key, request)
    return replace(key, policy=renamed(request.policy, known.unique_id))


async def shown_policy(services: Services, key: Key) -> str:
    """The key policy as callers see it: principals by ARN, those who exist no more by unique ID."""
    return renamed(key.policy, (await known_principals(services)).arn)


async def known_principals(services: Services) -> KnownPrincipals:
    """Whom policies and grants may name."""
    view = services.view
    return KnownPrincipals.of(await view.book(), await view.lasting_principals())
