"""CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup, and who is in a group."""

from __future__ import annotations

from node.directory.parts import Kind, Made, Part
from node.model.errors import DeleteConflict
from node.model.principal import Principal
from node.operations.iam import shown
from node.operations.iam.desk import Desk, about, about_all
from node.operations.iam.limits import check_groups
from node.operations.iam.pages import paged
from node.operations.iam.users import check_without_policies
from node.wire.messages import Call
from node.wire.shapes.iam.groups import (
    AddUserToGroupRequest,
    CreateGroupRequest,
    CreateGroupResponse,
    DeleteGroupRequest,
    GetGroupRequest,
    GetGroupResponse,
    ListGroupsForUserRequest,
    ListGroupsForUserResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    RemoveUserFromGroupRequest,
    UpdateGroupRequest,
)


class Groups:
    """The operations on groups."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create_group(self, call: Call, request: CreateGroupRequest) -> CreateGroupResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html"""
        path = request.path or "/"
        resource = about(call, Kind.GROUP, request.group_name, path)
        async with self._desk.changing(call, "CreateGroup", request, resource) as change:
            made = change.made(change.make(Kind.GROUP, request.group_name, path))
        return CreateGroupResponse(group=shown.group(*made))

    async def get_group(self, call: Call, request: GetGroupRequest) -> GetGroupResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html"""
        resource = about(call, Kind.GROUP, request.group_name)
        reading = await self._desk.reading(call, "GetGroup", request, resource)
        group = reading.one(Kind.GROUP, request.group_name)
        book = reading.book
        found = [shown.user(book, each) for each in book.members_of(group)]
        users, end = paged("GetGroup", request, found, lambda user: user.user_name.lower())
        return GetGroupResponse(group=shown.group(book, group), users=list(users), **end._asdict())

    async def list_groups(self, call: Call, request: ListGroupsRequest) -> ListGroupsResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html"""
        prefix = request.path_prefix or "/"
        resource = about_all(call, Kind.GROUP, prefix)
        reading = await self._desk.reading(call, "ListGroups", request, resource)
        found = reading.book.listed(reading.account, Kind.GROUP, prefix)
        shapes = [shown.group(reading.book, each) for each in found]
        groups, end = paged("ListGroups", request, shapes, lambda group: group.group_name.lower())
        return ListGroupsResponse(groups=list(groups), **end._asdict())

    async def update_group(self, call: Call, request: UpdateGroupRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html"""
        resource = about(call, Kind.GROUP, request.group_name)
        async with self._desk.changing(call, "UpdateGroup", request, resource) as change:
            group = change.one(Kind.GROUP, request.group_name)
            change.rename(group, request.new_group_name, request.new_path)

    async def delete_group(self, call: Call, request: DeleteGroupRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html"""
        resource = about(call, Kind.GROUP, request.group_name)
        async with self._desk.changing(call, "DeleteGroup", request, resource) as change:
            group = change.one(Kind.GROUP, request.group_name)
            if change.book.members_of(group):
                raise DeleteConflict("Cannot delete entity, must remove users from group first.")
            check_without_policies(change, group)
            change.let_go(group)

    async def add_user_to_group(self, call: Call, request: AddUserToGroupRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html"""
        resource = about(call, Kind.GROUP, request.group_name)
        async with self._desk.changing(call, "AddUserToGroup", request, resource) as change:
            group = change.one(Kind.GROUP, request.group_name)
            user = change.one(Kind.USER, request.user_name)
            if group.unique_id not in user.groups:
                check_groups(len(change.book.groups_of(user)))
                change.put(user.unique_id, Part.MEMBER, Made(change.now), group.unique_id)

    async def remove_user_from_group(self, call: Call, request: RemoveUserFromGroupRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html"""
        resource = about(call, Kind.GROUP, request.group_name)
        async with self._desk.changing(call, "RemoveUserFromGroup", request, resource) as change:
            group = change.one(Kind.GROUP, request.group_name)
            user = change.one(Kind.USER, request.user_name)
            if group.unique_id in user.groups:
                change.take_back(user, Part.MEMBER, group.unique_id)

    async def list_groups_for_user(
        self, call: Call, request: ListGroupsForUserRequest
    ) -> ListGroupsForUserResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html"""
        resource = about(call, Kind.USER, request.user_name)
        reading = await self._desk.reading(call, "ListGroupsForUser", request, resource)
        user, book = reading.user(request.user_name), reading.book
        held = [] if isinstance(user, Principal) else book.groups_of(user)
        found = [shown.group(book, each) for each in held]
        groups, end = paged(
            "ListGroupsForUser", request, found, lambda group: group.group_name.lower()
        )
        return ListGroupsForUserResponse(groups=list(groups), **end._asdict())
