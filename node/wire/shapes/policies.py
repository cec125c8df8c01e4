"""GetKeyPolicy, PutKeyPolicy, ListKeyPolicies."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class GetKeyPolicyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html"""

    key_id: types.KeyId
    policy_name: types.PolicyName | None = None


class GetKeyPolicyResponse(Shape, frozen=True, kw_only=True):
    policy: types.Policy | None = None
    policy_name: types.PolicyName | None = None


class PutKeyPolicyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""

    key_id: types.KeyId
    policy_name: types.PolicyName | None = None
    policy: types.Policy
    bypass_policy_lockout_safety_check: bool | None = None


class ListKeyPoliciesRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html"""

    key_id: types.KeyId
    limit: types.Limit | None = None
    marker: types.Marker | None = None


class ListKeyPoliciesResponse(Shape, frozen=True, kw_only=True):
    policy_names: list[types.PolicyName] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None
