"""CreateAlias, UpdateAlias, DeleteAlias, ListAliases."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class CreateAliasRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html"""

    alias_name: types.AliasName
    target_key_id: types.KeyId


class UpdateAliasRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html"""

    alias_name: types.AliasName
    target_key_id: types.KeyId


class DeleteAliasRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html"""

    alias_name: types.AliasName


class ListAliasesRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html"""

    key_id: types.KeyId | None = None
    limit: types.Limit | None = None
    marker: types.Marker | None = None


class AliasListEntry(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_AliasListEntry.html"""

    alias_name: types.AliasName | None = None
    alias_arn: types.Arn | None = None
    target_key_id: types.KeyId | None = None
    creation_date: types.Timestamp | None = None
    last_updated_date: types.Timestamp | None = None


class ListAliasesResponse(Shape, frozen=True, kw_only=True):
    aliases: list[AliasListEntry] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None
