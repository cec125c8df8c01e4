"""The structures that requests and responses of IAM share."""

from __future__ import annotations

from typing import Annotated

from node.wire.shapes.iam import types
from node.wire.shapes.iam.base import IamShape
from node.wire.shapes.types import Timestamp, length


class Tag(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html"""

    key: types.TagKey
    value: types.TagValue


class User(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html"""

    path: types.Path
    user_name: types.UserName
    user_id: types.Id
    arn: types.Arn
    create_date: Timestamp
    password_last_used: Timestamp | None = None
    permissions_boundary: AttachedPermissionsBoundary | None = None
    tags: Annotated[list[Tag], length(None, 50)] | None = None


class AttachedPermissionsBoundary(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachedPermissionsBoundary.html"""

    permissions_boundary_type: types.PermissionsBoundaryAttachment | None = None
    permissions_boundary_arn: types.Arn | None = None


class Group(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_Group.html"""

    path: types.Path
    group_name: types.GroupName
    group_id: types.Id
    arn: types.Arn
    create_date: Timestamp


class Role(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html"""

    path: types.Path
    role_name: types.RoleName
    role_id: types.Id
    arn: types.Arn
    create_date: Timestamp
    assume_role_policy_document: types.PolicyDocument | None = None
    description: types.RoleDescription | None = None
    max_session_duration: types.RoleMaxSessionDuration | None = None
    permissions_boundary: AttachedPermissionsBoundary | None = None
    tags: Annotated[list[Tag], length(None, 50)] | None = None
    role_last_used: RoleLastUsed | None = None
    source_role_template: SourceRoleTemplate | None = None


class RoleLastUsed(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html"""

    last_used_date: Timestamp | None = None
    region: str | None = None


class SourceRoleTemplate(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SourceRoleTemplate.html"""

    template_arn: types.Arn
    template_minor_version: int


class AccessKey(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html"""

    user_name: types.UserName
    access_key_id: types.AccessKeyId
    status: types.Status
    secret_access_key: types.AccessKeySecret
    create_date: Timestamp | None = None


class AccessKeyMetadata(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyMetadata.html"""

    user_name: types.UserName | None = None
    access_key_id: types.AccessKeyId | None = None
    status: types.Status | None = None
    create_date: Timestamp | None = None


class Policy(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html"""

    policy_name: types.PolicyName | None = None
    policy_id: types.Id | None = None
    arn: types.Arn | None = None
    path: types.PolicyPath | None = None
    default_version_id: types.PolicyVersionId | None = None
    attachment_count: int | None = None
    permissions_boundary_usage_count: int | None = None
    is_attachable: bool | None = None
    description: types.PolicyDescription | None = None
    create_date: Timestamp | None = None
    update_date: Timestamp | None = None
    tags: Annotated[list[Tag], length(None, 50)] | None = None


class PolicyVersion(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html"""

    document: types.PolicyDocument | None = None
    version_id: types.PolicyVersionId | None = None
    is_default_version: bool | None = None
    create_date: Timestamp | None = None


class AttachedPolicy(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachedPolicy.html"""

    policy_name: types.PolicyName | None = None
    policy_arn: types.Arn | None = None


class PolicyGroup(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyGroup.html"""

    group_name: types.GroupName | None = None
    group_id: types.Id | None = None


class PolicyUser(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyUser.html"""

    user_name: types.UserName | None = None
    user_id: types.Id | None = None


class PolicyRole(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyRole.html"""

    role_name: types.RoleName | None = None
    role_id: types.Id | None = None
