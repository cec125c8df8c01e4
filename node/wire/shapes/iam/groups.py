"""Groups and who is in them."""

from __future__ import annotations

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape


class CreateGroupRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html"""

    path: types.Path | None = None
    group_name: types.GroupName


class CreateGroupResponse(IamShape, frozen=True, kw_only=True):
    group: structures.Group


class GetGroupRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html"""

    group_name: types.GroupName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class GetGroupResponse(IamShape, frozen=True, kw_only=True):
    group: structures.Group
    users: list[structures.User]
    is_truncated: bool | None = None
    marker: str | None = None


class ListGroupsRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html"""

    path_prefix: types.PathPrefix | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListGroupsResponse(IamShape, frozen=True, kw_only=True):
    groups: list[structures.Group]
    is_truncated: bool | None = None
    marker: str | None = None


class UpdateGroupRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html"""

    group_name: types.GroupName
    new_path: types.Path | None = None
    new_group_name: types.GroupName | None = None


class DeleteGroupRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html"""

    group_name: types.GroupName


class AddUserToGroupRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html"""

    group_name: types.GroupName
    user_name: types.ExistingUserName


class RemoveUserFromGroupRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html"""

    group_name: types.GroupName
    user_name: types.ExistingUserName


class ListGroupsForUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html"""

    user_name: types.ExistingUserName
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListGroupsForUserResponse(IamShape, frozen=True, kw_only=True):
    groups: list[structures.Group]
    is_truncated: bool | None = None
    marker: str | None = None
