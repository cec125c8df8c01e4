"""TagResource, UntagResource, ListResourceTags."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import Tag


class TagResourceRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html"""

    key_id: types.KeyId
    tags: list[Tag]


class UntagResourceRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html"""

    key_id: types.KeyId
    tag_keys: types.TagKeys


class ListResourceTagsRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html"""

    key_id: types.KeyId
    limit: types.Limit | None = None
    marker: types.Marker | None = None


class ListResourceTagsResponse(Shape, frozen=True, kw_only=True):
    tags: list[Tag] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None
