"""CreateRole, GetRole, ListRoles, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy,
DeleteRole.

Trust policies are kept with their principals as unique IDs (node/access/principal_names.py).
"""

from __future__ import annotations

import msgspec

from node.access.document import named_principals, trust_policy
from node.access.principal_names import renamed
from node.directory.entity import Entity
from node.directory.known import KnownPrincipals
from node.directory.parts import About, Kind, Part, Text
from node.model.errors import MalformedPolicyDocument
from node.operations.iam import shown, tagging
from node.operations.iam.desk import Desk, Reading, about, about_all
from node.operations.iam.limits import check_trust, refuse_boundary
from node.operations.iam.pages import paged
from node.operations.iam.users import check_without_policies
from node.wire.messages import Call
from node.wire.shapes.iam import roles as shapes
from node.wire.shapes.iam.structures import Role


class Roles:
    """The operations on roles."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create_role(
        self, call: Call, request: shapes.CreateRoleRequest
    ) -> shapes.CreateRoleResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""
        path = request.path or "/"
        resource = about(call, Kind.ROLE, request.role_name, path)
        async with self._desk.changing(call, "CreateRole", request, resource) as change:
            refuse_boundary(request.permissions_boundary)
            tags = tagging.checked(request.tags)
            trust = checked_trust(change.known, request.assume_role_policy_document)
            unique_id = change.make(Kind.ROLE, request.role_name, path, tags)
            change.put(unique_id, Part.TRUST, Text(trust))
            seconds = request.max_session_duration or About().max_session_seconds
            change.put(unique_id, Part.ABOUT, About(request.description or "", seconds))
            made = change.made(unique_id)
        document = request.assume_role_policy_document
        return shapes.CreateRoleResponse(role=shown.role(*made, document, tags=True))

    async def get_role(self, call: Call, request: shapes.GetRoleRequest) -> shapes.GetRoleResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html"""
        resource = about(call, Kind.ROLE, request.role_name)
        reading = await self._desk.reading(call, "GetRole", request, resource)
        role = reading.one(Kind.ROLE, request.role_name)
        return shapes.GetRoleResponse(role=_shown(reading, role, tags=True))

    async def list_roles(
        self, call: Call, request: shapes.ListRolesRequest
    ) -> shapes.ListRolesResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html"""
        prefix = request.path_prefix or "/"
        resource = about_all(call, Kind.ROLE, prefix)
        reading = await self._desk.reading(call, "ListRoles", request, resource)
        held = reading.book.listed(reading.account, Kind.ROLE, prefix)
        found = [_shown(reading, each) for each in held]
        roles, end = paged("ListRoles", request, found, lambda role: role.role_name.lower())
        return shapes.ListRolesResponse(roles=list(roles), **end._asdict())

    async def update_role(
        self, call: Call, request: shapes.UpdateRoleRequest
    ) -> shapes.UpdateRoleResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html"""
        resource = about(call, Kind.ROLE, request.role_name)
        async with self._desk.changing(call, "UpdateRole", request, resource) as change:
            role = change.one(Kind.ROLE, request.role_name)
            description = request.description
            seconds = request.max_session_duration or About().max_session_seconds
            told = role.about.description if description is None else description
            change.put(role.unique_id, Part.ABOUT, About(told, seconds))
        return shapes.UpdateRoleResponse()

    async def update_role_description(
        self, call: Call, request: shapes.UpdateRoleDescriptionRequest
    ) -> shapes.UpdateRoleDescriptionResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html"""
        resource = about(call, Kind.ROLE, request.role_name)
        async with self._desk.changing(call, "UpdateRoleDescription", request, resource) as change:
            role = change.one(Kind.ROLE, request.role_name)
            told = About(request.description, role.about.max_session_seconds)
            change.put(role.unique_id, Part.ABOUT, told)
            before = _shown(change, role, tags=True)
        described = msgspec.structs.replace(before, description=request.description or None)
        return shapes.UpdateRoleDescriptionResponse(role=described)

    async def update_assume_role_policy(
        self, call: Call, request: shapes.UpdateAssumeRolePolicyRequest
    ) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html"""
        resource = about(call, Kind.ROLE, request.role_name)
        async with self._desk.changing(call, "UpdateAssumeRolePolicy", request, resource) as change:
            role = change.one(Kind.ROLE, request.role_name)
            trust = checked_trust(change.known, request.policy_document)
            change.put(role.unique_id, Part.TRUST, Text(trust))

    async def delete_role(self, call: Call, request: shapes.DeleteRoleRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""
        resource = about(call, Kind.ROLE, request.role_name)
        async with self._desk.changing(call, "DeleteRole", request, resource) as change:
            role = change.one(Kind.ROLE, request.role_name)
            check_without_policies(change, role)
            change.let_go(role)


def _shown(reading: Reading, role: Entity, *, tags: bool = False) -> Role:
    document = renamed(role.trust, reading.known.arn) if role.trust else ""
    return shown.role(reading.book, role, document, tags=tags)


def checked_trust(known: KnownPrincipals, document: str) -> str:
    """A trust policy as it is kept. Raises LimitExceeded and MalformedPolicyDocument."""
    check_trust(document)
    missing = known.missing(named_principals(trust_policy(document)))
    if missing:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{missing[0]}"')
    return renamed(document, known.unique_id)
