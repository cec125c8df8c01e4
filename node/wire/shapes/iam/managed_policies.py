"""Managed policies and their versions."""

from __future__ import annotations

from typing import Annotated

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape
from node.wire.shapes.types import length


class CreatePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"""

    policy_name: types.PolicyName
    path: types.PolicyPath | None = None
    policy_document: types.PolicyDocument
    description: types.PolicyDescription | None = None
    tags: Annotated[list[structures.Tag], length(None, 50)] | None = None


class CreatePolicyResponse(IamShape, frozen=True, kw_only=True):
    policy: structures.Policy | None = None


class GetPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html"""

    policy_arn: types.Arn


class GetPolicyResponse(IamShape, frozen=True, kw_only=True):
    policy: structures.Policy | None = None


class ListPoliciesRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html"""

    scope: types.PolicyScope | None = None
    only_attached: bool | None = None
    path_prefix: types.PolicyPath | None = None
    policy_usage_filter: types.PolicyUsage | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListPoliciesResponse(IamShape, frozen=True, kw_only=True):
    policies: list[structures.Policy] | None = None
    is_truncated: bool | None = None
    marker: str | None = None


class DeletePolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""

    policy_arn: types.Arn


class CreatePolicyVersionRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html"""

    policy_arn: types.Arn
    policy_document: types.PolicyDocument
    set_as_default: bool | None = None


class CreatePolicyVersionResponse(IamShape, frozen=True, kw_only=True):
    policy_version: structures.PolicyVersion | None = None


class GetPolicyVersionRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html"""

    policy_arn: types.Arn
    version_id: types.PolicyVersionId


class GetPolicyVersionResponse(IamShape, frozen=True, kw_only=True):
    policy_version: structures.PolicyVersion | None = None


class ListPolicyVersionsRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html"""

    policy_arn: types.Arn
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListPolicyVersionsResponse(IamShape, frozen=True, kw_only=True):
    versions: list[structures.PolicyVersion] | None = None
    is_truncated: bool | None = None
    marker: str | None = None


class SetDefaultPolicyVersionRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html"""

    policy_arn: types.Arn
    version_id: types.PolicyVersionId


class DeletePolicyVersionRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html"""

    policy_arn: types.Arn
    version_id: types.PolicyVersionId
