"""Put, Get, List and Delete of the inline policies of users, groups and roles.

The same for each kind of entity: a method makes the handler for one. Requests name the entity by
`UserName`, `GroupName` or `RoleName`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from node.access.document import identity_policy
from node.directory.parts import Kind, Part, Text
from node.model.errors import NoSuchEntity
from node.operations.iam import shown
from node.operations.iam.desk import NOUNS, Desk, about
from node.operations.iam.limits import check_inline
from node.operations.iam.pages import paged
from node.wire.messages import Call, Handler
from node.wire.shapes.iam import inline_policies as shapes

WORDS: Final = {Kind.USER: "User", Kind.GROUP: "Group", Kind.ROLE: "Role"}
_GOT: Final[Mapping[Kind, type[msgspec.Struct]]] = {
    Kind.USER: shapes.GetUserPolicyResponse,
    Kind.GROUP: shapes.GetGroupPolicyResponse,
    Kind.ROLE: shapes.GetRolePolicyResponse,
}
_LISTED: Final[Mapping[Kind, type[msgspec.Struct]]] = {
    Kind.USER: shapes.ListUserPoliciesResponse,
    Kind.GROUP: shapes.ListGroupPoliciesResponse,
    Kind.ROLE: shapes.ListRolePoliciesResponse,
}


class InlinePolicies:
    """The operations on inline policies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def putting(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html"""
        action = f"Put{WORDS[kind]}Policy"

        async def put(call: Call, request: Any) -> None:
            name = name_in(request, kind)
            resource = about(call, kind, name)
            async with self._desk.changing(call, action, request, resource) as change:
                entity = change.one(kind, name)
                identity_policy(request.policy_document)
                documents = {**entity.inline, request.policy_name: request.policy_document}
                check_inline(kind, name, documents.values())
                document = Text(request.policy_document)
                change.put(entity.unique_id, Part.INLINE, document, request.policy_name)

        return put

    def getting(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html"""
        action = f"Get{WORDS[kind]}Policy"

        async def get(call: Call, request: Any) -> msgspec.Struct:
            name = name_in(request, kind)
            reading = await self._desk.reading(call, action, request, about(call, kind, name))
            entity = reading.one(kind, name)
            document = entity.inline.get(request.policy_name)
            if document is None:
                raise _missing(kind, request.policy_name)
            return _GOT[kind](
                **{f"{NOUNS[kind]}_name": reading.book.name_of(entity)},
                policy_name=request.policy_name,
                policy_document=shown.document(document),
            )

        return get

    def listing(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html"""
        action = f"List{WORDS[kind]}Policies"

        async def listed(call: Call, request: Any) -> msgspec.Struct:
            name = name_in(request, kind)
            reading = await self._desk.reading(call, action, request, about(call, kind, name))
            found = tuple(reading.one(kind, name).inline)
            names, end = paged(action, request, found, str)
            return _LISTED[kind](policy_names=list(names), **end._asdict())

        return listed

    def deleting(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html"""
        action = f"Delete{WORDS[kind]}Policy"

        async def delete(call: Call, request: Any) -> None:
            name = name_in(request, kind)
            resource = about(call, kind, name)
            async with self._desk.changing(call, action, request, resource) as change:
                entity = change.one(kind, name)
                if request.policy_name not in entity.inline:
                    raise _missing(kind, request.policy_name)
                change.take_back(entity, Part.INLINE, request.policy_name)

        return delete


def name_in(request: Any, kind: Kind) -> str:
    """The name of the entity that a request is about."""
    name: str = getattr(request, f"{NOUNS[kind]}_name")
    return name


def _missing(kind: Kind, name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {NOUNS[kind]} policy with name {name} cannot be found.")
