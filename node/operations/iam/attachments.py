"""Attach, Detach and ListAttached of users, groups and roles; ListEntitiesForPolicy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from node.directory.book import reference
from node.directory.entity import Entity
from node.directory.parts import Kind, Made, Part
from node.model.errors import NoSuchEntity
from node.operations.iam import shown
from node.operations.iam.desk import Desk, about, about_arn
from node.operations.iam.inline_policies import WORDS, name_in
from node.operations.iam.limits import check_attached
from node.operations.iam.pages import paged
from node.wire.messages import Call, Handler
from node.wire.shapes.iam import attachments as shapes
from node.wire.shapes.iam.structures import PolicyGroup, PolicyRole, PolicyUser

POLICY_ARN: Final = "iam:policyarn"
_LISTED: Final[Mapping[Kind, type[msgspec.Struct]]] = {
    Kind.USER: shapes.ListAttachedUserPoliciesResponse,
    Kind.GROUP: shapes.ListAttachedGroupPoliciesResponse,
    Kind.ROLE: shapes.ListAttachedRolePoliciesResponse,
}
_FILTERS: Final[Mapping[str, Kind]] = {
    "User": Kind.USER,
    "Group": Kind.GROUP,
    "Role": Kind.ROLE,
}


class Attachments:
    """The operations that attach managed policies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def attaching(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html"""
        action = f"Attach{WORDS[kind]}Policy"

        async def attach(call: Call, request: Any) -> None:
            name, arn = name_in(request, kind), request.policy_arn
            resource = about(call, kind, name)
            facts = {POLICY_ARN: (arn,)}
            async with self._desk.changing(call, action, request, resource, facts) as change:
                policy = change.book.policy_at(arn, change.account)
                if policy is None:
                    raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
                entity, held = change.one(kind, name), reference(policy)
                if held not in entity.attached:
                    check_attached(kind, len(change.book.attachments_of(entity)))
                    change.put(entity.unique_id, Part.ATTACHED, Made(change.now), held)

        return attach

    def detaching(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html"""
        action = f"Detach{WORDS[kind]}Policy"

        async def detach(call: Call, request: Any) -> None:
            name, arn = name_in(request, kind), request.policy_arn
            resource = about(call, kind, name)
            facts = {POLICY_ARN: (arn,)}
            async with self._desk.changing(call, action, request, resource, facts) as change:
                entity = change.one(kind, name)
                held = reference(change.policy(arn))
                if held not in entity.attached:
                    raise NoSuchEntity(f"Policy {arn} was not found.")
                change.take_back(entity, Part.ATTACHED, held)

        return detach

    def listing(self, kind: Kind) -> Handler:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html"""
        action = f"ListAttached{WORDS[kind]}Policies"

        async def listed(call: Call, request: Any) -> msgspec.Struct:
            name, prefix = name_in(request, kind), request.path_prefix or "/"
            reading = await self._desk.reading(call, action, request, about(call, kind, name))
            book = reading.book
            found = [
                shown.attached(book, each)
                for each in book.attachments_of(reading.one(kind, name))
                if shown.path(each).startswith(prefix)
            ]
            policies, end = paged(
                action, request, found, lambda each: (each.policy_name or "").lower()
            )
            return _LISTED[kind](attached_policies=list(policies), **end._asdict())

        return listed

    async def list_entities_for_policy(
        self, call: Call, request: shapes.ListEntitiesForPolicyRequest
    ) -> shapes.ListEntitiesForPolicyResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html"""
        resource = about_arn(request.policy_arn)
        reading = await self._desk.reading(call, "ListEntitiesForPolicy", request, resource)
        book = reading.book
        found = book.attached_to(reading.policy(request.policy_arn), reading.account)
        if request.policy_usage_filter == "PermissionsBoundary":
            found = []
        found = sorted(
            (each for each in found if _wanted(each, request)),
            key=lambda each: f"{each.kind}{book.name_of(each).lower()}",
        )
        entities, end = paged(
            "ListEntitiesForPolicy",
            request,
            found,
            lambda each: f"{each.kind}{book.name_of(each).lower()}",
        )
        return shapes.ListEntitiesForPolicyResponse(
            policy_groups=[
                PolicyGroup(group_name=book.name_of(each), group_id=each.unique_id)
                for each in _of(entities, Kind.GROUP)
            ],
            policy_users=[
                PolicyUser(user_name=book.name_of(each), user_id=each.unique_id)
                for each in _of(entities, Kind.USER)
            ],
            policy_roles=[
                PolicyRole(role_name=book.name_of(each), role_id=each.unique_id)
                for each in _of(entities, Kind.ROLE)
            ],
            **end._asdict(),
        )


def _wanted(entity: Entity, request: shapes.ListEntitiesForPolicyRequest) -> bool:
    if not entity.claim.path.startswith(request.path_prefix or "/"):
        return False
    return request.entity_filter is None or _FILTERS.get(request.entity_filter) is entity.kind


def _of(entities: Sequence[Entity], kind: Kind) -> list[Entity]:
    return [each for each in entities if each.kind is kind]
