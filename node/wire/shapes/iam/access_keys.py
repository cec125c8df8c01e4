"""Access keys."""

from __future__ import annotations

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape


class CreateAccessKeyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html"""

    user_name: types.ExistingUserName | None = None


class CreateAccessKeyResponse(IamShape, frozen=True, kw_only=True):
    access_key: structures.AccessKey


class ListAccessKeysRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html"""

    user_name: types.ExistingUserName | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListAccessKeysResponse(IamShape, frozen=True, kw_only=True):
    access_key_metadata: list[structures.AccessKeyMetadata]
    is_truncated: bool | None = None
    marker: str | None = None


class UpdateAccessKeyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html"""

    user_name: types.ExistingUserName | None = None
    access_key_id: types.AccessKeyId
    status: types.Status


class DeleteAccessKeyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html"""

    user_name: types.ExistingUserName | None = None
    access_key_id: types.AccessKeyId
