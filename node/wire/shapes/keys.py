"""CreateKey, DescribeKey, ListKeys, EnableKey, DisableKey, UpdateKeyDescription."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import KeyMetadata, Tag


class CreateKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"""

    policy: types.Policy | None = None
    description: types.Description | None = None
    key_usage: types.KeyUsage | None = None
    customer_master_key_spec: types.CustomerMasterKeySpec | None = None
    key_spec: types.KeySpec | None = None
    origin: types.Origin | None = None
    custom_key_store_id: types.CustomKeyStoreId | None = None
    bypass_policy_lockout_safety_check: bool | None = None
    tags: list[Tag] | None = None
    multi_region: bool | None = None
    xks_key_id: types.XksKeyId | None = None


class CreateKeyResponse(Shape, frozen=True, kw_only=True):
    key_metadata: KeyMetadata | None = None


class DescribeKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html"""

    key_id: types.KeyId
    grant_tokens: types.GrantTokens | None = None


class DescribeKeyResponse(Shape, frozen=True, kw_only=True):
    key_metadata: KeyMetadata | None = None


class ListKeysRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html"""

    limit: types.Limit | None = None
    marker: types.Marker | None = None
    resource_owners: types.ResourceOwners | None = None


class KeyListEntry(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyListEntry.html"""

    key_id: types.KeyId | None = None
    key_arn: types.Arn | None = None


class ListKeysResponse(Shape, frozen=True, kw_only=True):
    keys: list[KeyListEntry] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None


class EnableKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html"""

    key_id: types.KeyId


class DisableKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html"""

    key_id: types.KeyId


class UpdateKeyDescriptionRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html"""

    key_id: types.KeyId
    description: types.Description
