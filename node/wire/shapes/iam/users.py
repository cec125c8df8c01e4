"""Users."""

from __future__ import annotations

from typing import Annotated

from node.wire.shapes.iam import structures, types
from node.wire.shapes.iam.base import IamShape
from node.wire.shapes.types import length


class CreateUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html"""

    path: types.Path | None = None
    user_name: types.UserName
    permissions_boundary: types.Arn | None = None
    tags: Annotated[list[structures.Tag], length(None, 50)] | None = None


class CreateUserResponse(IamShape, frozen=True, kw_only=True):
    user: structures.User | None = None


class GetUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html"""

    user_name: types.ExistingUserName | None = None


class GetUserResponse(IamShape, frozen=True, kw_only=True):
    user: structures.User


class ListUsersRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html"""

    path_prefix: types.PathPrefix | None = None
    marker: types.Marker | None = None
    max_items: types.MaxItems | None = None


class ListUsersResponse(IamShape, frozen=True, kw_only=True):
    users: list[structures.User]
    is_truncated: bool | None = None
    marker: str | None = None


class UpdateUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html"""

    user_name: types.ExistingUserName
    new_path: types.Path | None = None
    new_user_name: types.UserName | None = None


class DeleteUserRequest(IamShape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html"""

    user_name: types.ExistingUserName
