"""Inline policies."""

from __future__ import annotations

from node.wire.shapes.iam import types
from node.wire.shapes.iam.base import IamShape


class PutUserPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html"""

    user_name: types.ExistingUserName
    policy_name: types.PolicyName
    policy_document: types.PolicyDocument


class GetUserPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html"""

    user_name: types.ExistingUserName
    policy_name: types.PolicyName


class GetUserPolicyResponse(IamShape, frozen=True, kw_only=True):
    user_name: types.ExistingUserName
    policy_name: types.PolicyName
    policy_document: types.PolicyDocument


class ListUserPoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html"""

    user_name: types.ExistingUserName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListUserPoliciesResponse(IamShape, frozen=True, kw_only=True):
    policy_names: list[types.PolicyName]
    is_truncated: bool | None = None
    marker: str | None = None


class DeleteUserPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html"""

    user_name: types.ExistingUserName
    policy_name: types.PolicyName


class PutGroupPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html"""

    group_name: types.GroupName
    policy_name: types.PolicyName
    policy_document: types.PolicyDocument


class GetGroupPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html"""

    group_name: types.GroupName
    policy_name: types.PolicyName


class GetGroupPolicyResponse(IamShape, frozen=True, kw_only=True):
    group_name: types.GroupName
    policy_name: types.PolicyName
    policy_document: types.PolicyDocument


class ListGroupPoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html"""

    group_name: types.GroupName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListGroupPoliciesResponse(IamShape, frozen=True, kw_only=True):
    policy_names: list[types.PolicyName]
    is_truncated: bool | None = None
    marker: str | None = None


class DeleteGroupPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html"""

    group_name: types.GroupName
    policy_name: types.PolicyName


class PutRolePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""

    role_name: types.RoleName
    policy_name: types.PolicyName
    policy_document: types.PolicyDocument


class GetRolePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html"""

    role_name: types.RoleName
    policy_name: types.PolicyName


class GetRolePolicyResponse(IamShape, frozen=True, kw_only=True):
    role_name: types.RoleName
    policy_name: types.PolicyName
    policy_document: types.PolicyDocument


class ListRolePoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html"""

    role_name: types.RoleName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListRolePoliciesResponse(IamShape, frozen=True, kw_only=True):
    policy_names: list[types.PolicyName]
    is_truncated: bool | None = None
    marker: str | None = None


class DeleteRolePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html"""

    role_name: types.RoleName
    policy_name: types.PolicyName
