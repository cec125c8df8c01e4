"""CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class GrantConstraints(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""

    encryption_context_subset: types.EncryptionContext | None = None
    encryption_context_equals: types.EncryptionContext | None = None
    source_arn: types.GrantConstraintSourceArn | None = None


class CreateGrantRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html"""

    key_id: types.KeyId
    grantee_principal: types.PrincipalId | None = None
    retiring_principal: types.PrincipalId | None = None
    operations: list[types.GrantOperation]
    constraints: GrantConstraints | None = None
    grant_tokens: types.GrantTokens | None = None
    name: types.GrantName | None = None
    dry_run: bool | None = None
    grantee_service_principal: types.ServicePrincipal | None = None
    retiring_service_principal: types.ServicePrincipal | None = None


class CreateGrantResponse(Shape, frozen=True, kw_only=True):
    grant_token: types.GrantToken | None = None
    grant_id: types.GrantId | None = None


class GrantListEntry(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html"""

    key_id: types.KeyId | None = None
    grant_id: types.GrantId | None = None
    name: types.GrantName | None = None
    creation_date: types.Timestamp | None = None
    grantee_principal: types.PrincipalId | None = None
    retiring_principal: types.PrincipalId | None = None
    issuing_account: types.PrincipalId | None = None
    operations: list[types.GrantOperation] | None = None
    constraints: GrantConstraints | None = None
    grantee_service_principal: types.ServicePrincipal | None = None
    retiring_service_principal: types.ServicePrincipal | None = None


class ListGrantsRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html"""

    limit: types.Limit | None = None
    marker: types.Marker | None = None
    key_id: types.KeyId
    grant_id: types.GrantId | None = None
    grantee_principal: types.PrincipalId | None = None
    grantee_service_principal: types.ServicePrincipal | None = None


class ListGrantsResponse(Shape, frozen=True, kw_only=True):
    """Also the answer of ListRetirableGrants."""

    grants: list[GrantListEntry] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None


class ListRetirableGrantsRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html"""

    limit: types.Limit | None = None
    marker: types.Marker | None = None
    retiring_principal: types.PrincipalId | None = None
    retiring_service_principal: types.ServicePrincipal | None = None


class RetireGrantRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html"""

    grant_token: types.GrantToken | None = None
    key_id: types.KeyId | None = None
    grant_id: types.GrantId | None = None
    dry_run: bool | None = None


class RevokeGrantRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html"""

    key_id: types.KeyId
    grant_id: types.GrantId
    dry_run: bool | None = None
