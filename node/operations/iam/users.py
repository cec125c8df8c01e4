"""CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser."""

from __future__ import annotations

from node.directory.entity import Entity
from node.directory.parts import Kind
from node.model.errors import DeleteConflict
from node.model.principal import Principal
from node.operations.iam import shown, tagging
from node.operations.iam.callers import own_name
from node.operations.iam.desk import Desk, Reading, about, about_all
from node.operations.iam.limits import refuse_boundary
from node.operations.iam.pages import paged
from node.wire.messages import Call
from node.wire.shapes.iam.users import (
    CreateUserRequest,
    CreateUserResponse,
    DeleteUserRequest,
    GetUserRequest,
    GetUserResponse,
    ListUsersRequest,
    ListUsersResponse,
    UpdateUserRequest,
)


class Users:
    """The operations on users."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create_user(self, call: Call, request: CreateUserRequest) -> CreateUserResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html"""
        path = request.path or "/"
        resource = about(call, Kind.USER, request.user_name, path)
        async with self._desk.changing(call, "CreateUser", request, resource) as change:
            refuse_boundary(request.permissions_boundary)
            tags = tagging.checked(request.tags)
            made = change.made(change.make(Kind.USER, request.user_name, path, tags))
        return CreateUserResponse(user=shown.user(*made, tags=True))

    async def get_user(self, call: Call, request: GetUserRequest) -> GetUserResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html"""
        name = request.user_name or own_name(call)
        reading = await self._desk.reading(call, "GetUser", request, about(call, Kind.USER, name))
        return GetUserResponse(user=shown.user(reading.book, reading.user(name), tags=True))

    async def list_users(self, call: Call, request: ListUsersRequest) -> ListUsersResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html"""
        prefix = request.path_prefix or "/"
        resource = about_all(call, Kind.USER, prefix)
        reading = await self._desk.reading(call, "ListUsers", request, resource)
        found = [shown.user(reading.book, each) for each in _all_users(reading)]
        found = [each for each in found if each.path.startswith(prefix)]
        found.sort(key=lambda user: user.user_name.lower())
        users, end = paged("ListUsers", request, found, lambda user: user.user_name.lower())
        return ListUsersResponse(users=list(users), **end._asdict())

    async def update_user(self, call: Call, request: UpdateUserRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html"""
        resource = about(call, Kind.USER, request.user_name)
        async with self._desk.changing(call, "UpdateUser", request, resource) as change:
            user = change.one(Kind.USER, request.user_name)
            change.rename(user, request.new_user_name, request.new_path)

    async def delete_user(self, call: Call, request: DeleteUserRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html"""
        resource = about(call, Kind.USER, request.user_name)
        async with self._desk.changing(call, "DeleteUser", request, resource) as change:
            user = change.one(Kind.USER, request.user_name)
            if user.access_keys:
                raise DeleteConflict("Cannot delete entity, must delete access keys first.")
            if change.book.groups_of(user):
                raise DeleteConflict("Cannot delete entity, must remove users from group first.")
            check_without_policies(change, user)
            change.let_go(user)


def check_without_policies(reading: Reading, entity: Entity) -> None:
    """Raise DeleteConflict if a user, group or role still has policies."""
    if reading.book.attachments_of(entity):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if entity.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")


def _all_users(reading: Reading) -> list[Entity | Principal]:
    """The users of the directory, and those that the settings, or a seed, gave."""
    lasting = [each for each in reading.lasting.values() if each.kind == "IAMUser"]
    return [*lasting, *reading.book.listed(reading.account, Kind.USER)]
