"""TagResource, UntagResource and ListResourceTags. Tags never leave their region (D8)."""

from __future__ import annotations

from dataclasses import replace

from node.operations.changing import to_change
from node.operations.documents import check_tag_names, checked_tags, merged_tags
from node.operations.lists import LIST_RESOURCE_TAGS, after_marker, page, page_size
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.structures import Tag
from node.wire.shapes.tags import (
    ListResourceTagsRequest,
    ListResourceTagsResponse,
    TagResourceRequest,
    UntagResourceRequest,
)


class Tagging:
    """The tag operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def tag_resource(self, call: Call, request: TagResourceRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html"""
        added = checked_tags(request.tags)
        async with to_change(self._resolver, "TagResource", call, request) as (transaction, key):
            await transaction.put_key(replace(key, tags=merged_tags(key.tags, added)))

    async def untag_resource(self, call: Call, request: UntagResourceRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html"""
        check_tag_names(request.tag_keys)
        async with to_change(self._resolver, "UntagResource", call, request) as (transaction, key):
            kept = tuple(tag for tag in key.tags if tag[0] not in request.tag_keys)
            await transaction.put_key(replace(key, tags=kept))

    async def list_resource_tags(
        self, call: Call, request: ListResourceTagsRequest
    ) -> ListResourceTagsResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html"""
        key = await self._resolver.to_read("ListResourceTags", call, request)
        size = page_size(LIST_RESOURCE_TAGS, request.limit)
        after = after_marker(LIST_RESOURCE_TAGS, request.marker)
        found = sorted(tag for tag in key.tags if tag[0] > after)[: size + 1]
        last = found[size - 1][0] if len(found) >= size else ""
        shown = page(LIST_RESOURCE_TAGS, found, size, last)
        return ListResourceTagsResponse(
            tags=[Tag(tag_key=name, tag_value=value) for name, value in shown.items],
            next_marker=shown.next_marker,
            truncated=shown.truncated,
        )
