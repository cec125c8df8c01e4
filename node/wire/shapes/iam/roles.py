"""Roles."""

from __future__ import annotations

from typing import Annotated

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape
from node.wire.shapes.types import length


class CreateRoleRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

    path: types.Path | None = None
    role_name: types.RoleName
    assume_role_policy_document: types.PolicyDocument
    description: types.RoleDescription | None = None
    max_session_duration: types.RoleMaxSessionDuration | None = None
    permissions_boundary: types.Arn | None = None
    tags: Annotated[list[structures.Tag], length(None, 50)] | None = None


class CreateRoleResponse(IamShape, frozen=True, kw_only=True):
    role: structures.Role


class GetRoleRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html"""

    role_name: types.RoleName


class GetRoleResponse(IamShape, frozen=True, kw_only=True):
    role: structures.Role


class ListRolesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html"""

    path_prefix: types.PathPrefix | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListRolesResponse(IamShape, frozen=True, kw_only=True):
    roles: list[structures.Role]
    is_truncated: bool | None = None
    marker: str | None = None


class UpdateRoleRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html"""

    role_name: types.RoleName
    description: types.RoleDescription | None = None
    max_session_duration: types.RoleMaxSessionDuration | None = None


class UpdateRoleResponse(IamShape, frozen=True, kw_only=True):
    """It has no members."""


class UpdateRoleDescriptionRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html"""

    role_name: types.RoleName
    description: types.RoleDescription


class UpdateRoleDescriptionResponse(IamShape, frozen=True, kw_only=True):
    role: structures.Role | None = None


class UpdateAssumeRolePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html"""

    role_name: types.RoleName
    policy_document: types.PolicyDocument


class DeleteRoleRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""

    role_name: types.RoleName
