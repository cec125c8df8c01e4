"""Tags."""

from __future__ import annotations

from typing import Annotated

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape
from node.wire.shapes.types import length


class TagUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html"""

    user_name: types.ExistingUserName
    tags: Annotated[list[structures.Tag], length(None, 50)]


class UntagUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html"""

    user_name: types.ExistingUserName
    tag_keys: Annotated[list[types.TagKey], length(None, 50)]


class ListUserTagsRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html"""

    user_name: types.ExistingUserName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListUserTagsResponse(IamShape, frozen=True, kw_only=True):
    tags: Annotated[list[structures.Tag], length(None, 50)]
    is_truncated: bool | None = None
    marker: str | None = None


class TagRoleRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html"""

    role_name: types.RoleName
    tags: Annotated[list[structures.Tag], length(None, 50)]


class UntagRoleRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html"""

    role_name: types.RoleName
    tag_keys: Annotated[list[types.TagKey], length(None, 50)]


class ListRoleTagsRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html"""

    role_name: types.RoleName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListRoleTagsResponse(IamShape, frozen=True, kw_only=True):
    tags: Annotated[list[structures.Tag], length(None, 50)]
    is_truncated: bool | None = None
    marker: str | None = None


class TagPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html"""

    policy_arn: types.Arn
    tags: Annotated[list[structures.Tag], length(None, 50)]


class UntagPolicyRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html"""

    policy_arn: types.Arn
    tag_keys: Annotated[list[types.TagKey], length(None, 50)]


class ListPolicyTagsRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html"""

    policy_arn: types.Arn
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListPolicyTagsResponse(IamShape, frozen=True, kw_only=True):
    tags: Annotated[list[structures.Tag], length(None, 50)]
    is_truncated: bool | None = None
    marker: str | None = None
