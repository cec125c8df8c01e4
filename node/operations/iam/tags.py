"""Tag, Untag and the list of tags, of users, roles and managed policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from node.directory.entity import Entity
from node.directory.managed import AwsPolicy
from node.directory.parts import Kind, Part
from node.model.errors import InvalidInput
from node.operations.iam import tagging
from node.operations.iam.desk import Desk, Reading, Resource, about, about_arn
from node.operations.iam.inline_policies import name_in
from node.operations.iam.pages import paged
from node.wire.messages import Call, Handler
from node.wire.shapes.iam import tags as shapes

WORDS: Final = {Kind.USER: "User", Kind.ROLE: "Role", Kind.POLICY: "Policy"}
_LISTED: Final[Mapping[Kind, type[msgspec.Struct]]] = {
    Kind.USER: shapes.ListUserTagsResponse,
    Kind.ROLE: shapes.ListRoleTagsResponse,
    Kind.POLICY: shapes.ListPolicyTagsResponse,
}


class EntityTags:
    """The operations on tags."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def tagging(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html"""
        action = f"Tag{WORDS[kind]}"

        async def tag(call: Call, request: Any) -> None:
            resource = _resource(call, kind, request)
            async with self._desk.changing(call, action, request, resource) as change:
                entity = _entity(change, kind, request)
                change.tag(entity.unique_id, tagging.checked(request.tags, entity.tags))

        return tag

    def untagging(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html"""
        action = f"Untag{WORDS[kind]}"

        async def untag(call: Call, request: Any) -> None:
            resource = _resource(call, kind, request)
            async with self._desk.changing(call, action, request, resource) as change:
                entity = _entity(change, kind, request)
                held = entity.subs(Part.TAG)
                for key in dict.fromkeys(each.lower() for each in request.tag_keys):
                    if key in held:
                        change.take_back(entity, Part.TAG, key)

        return untag

    def listing(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html"""
        action = f"List{WORDS[kind]}Tags"

        async def listed(call: Call, request: Any) -> msgspec.Struct:
            resource = _resource(call, kind, request)
            reading = await self._desk.reading(call, action, request, resource)
            found = tagging.shapes(_entity(reading, kind, request).tags) or []
            tags, end = paged(action, request, found, lambda tag: tag.key)
            return _LISTED[kind](tags=list(tags), **end._asdict())

        return listed


def _resource(call: Call, kind: Kind, request: Any) -> Resource:
    if kind is Kind.POLICY:
        return about_arn(request.policy_arn)
    return about(call, kind, name_in(request, kind))


def _entity(reading: Reading, kind: Kind, request: Any) -> Entity:
    if kind is not Kind.POLICY:
        return reading.one(kind, name_in(request, kind))
    found = reading.policy(request.policy_arn)
    if isinstance(found, AwsPolicy):
        raise InvalidInput(f"The policy {found.arn} is AWS's, and has no tags.")
    return found
