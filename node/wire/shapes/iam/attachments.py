"""Where managed policies are attached."""

from __future__ import annotations

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape


class AttachUserPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html"""

    user_name: types.UserName
    policy_arn: types.Arn


class DetachUserPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html"""

    user_name: types.UserName
    policy_arn: types.Arn


class ListAttachedUserPoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html"""

    user_name: types.UserName
    path_prefix: types.PolicyPath | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListAttachedUserPoliciesResponse(IamShape, frozen=True, kw_only=True):
    attached_policies: list[structures.AttachedPolicy] | None = None
    is_truncated: bool | None = None
    marker: str | None = None


class AttachGroupPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html"""

    group_name: types.GroupName
    policy_arn: types.Arn


class DetachGroupPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html"""

    group_name: types.GroupName
    policy_arn: types.Arn


class ListAttachedGroupPoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html"""

    group_name: types.GroupName
    path_prefix: types.PolicyPath | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListAttachedGroupPoliciesResponse(IamShape, frozen=True, kw_only=True):
    attached_policies: list[structures.AttachedPolicy] | None = None
    is_truncated: bool | None = None
    marker: str | None = None


class AttachRolePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html"""

    role_name: types.RoleName
    policy_arn: types.Arn


class DetachRolePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html"""

    role_name: types.RoleName
    policy_arn: types.Arn


class ListAttachedRolePoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html"""

    role_name: types.RoleName
    path_prefix: types.PolicyPath | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListAttachedRolePoliciesResponse(IamShape, frozen=True, kw_only=True):
    attached_policies: list[structures.AttachedPolicy] | None = None
    is_truncated: bool | None = None
    marker: str | None = None


class ListEntitiesForPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html"""

    policy_arn: types.Arn
    entity_filter: types.Entity | None = None
    path_prefix: types.Path | None = None
    policy_usage_filter: types.PolicyUsage | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListEntitiesForPolicyResponse(IamShape, frozen=True, kw_only=True):
    policy_groups: list[structures.PolicyGroup] | None = None
    policy_users: list[structures.PolicyUser] | None = None
    policy_roles: list[structures.PolicyRole] | None = None
    is_truncated: bool | None = None
    marker: str | None = None
