"""Every operation of IAM that is served: its name, the shape of its request, and what does it."""

from __future__ import annotations

import msgspec

from node.directory.parts import Kind
from node.operations.iam.access_keys import AccessKeys
from node.operations.iam.apply import Application
from node.operations.iam.attachments import Attachments
from node.operations.iam.desk import Desk
from node.operations.iam.groups import Groups
from node.operations.iam.inline_policies import InlinePolicies
from node.operations.iam.managed_policies import ManagedPolicies
from node.operations.iam.roles import Roles
from node.operations.iam.tags import EntityTags
from node.operations.iam.users import Users
from node.operations.services import Services
from node.wire.messages import Handler
from node.wire.shapes.iam import access_keys as key_shapes
from node.wire.shapes.iam import attachments as attachment_shapes
from node.wire.shapes.iam import groups as group_shapes
from node.wire.shapes.iam import inline_policies as inline_shapes
from node.wire.shapes.iam import managed_policies as policy_shapes
from node.wire.shapes.iam import roles as role_shapes
from node.wire.shapes.iam import tags as tag_shapes
from node.wire.shapes.iam import users as user_shapes

Row = tuple[str, type[msgspec.Struct], Handler]


def iam_operations(services: Services) -> tuple[Row, ...]:
    """The operations of one region."""
    desk = Desk(services)
    return (
        *_users(desk),
        *_roles(desk),
        *_inline(desk),
        *_managed(desk),
        *_attachments(desk),
        *_tags(desk),
    )


def application(services: Services) -> Application:
    """What makes the principals of an account what a file says."""
    return Application(services, Desk(services).new_unique_id)


def _users(desk: Desk) -> tuple[Row, ...]:
    """Users, their access keys, and groups."""
    users, keys, groups = Users(desk), AccessKeys(desk), Groups(desk)
    return (
        ("CreateUser", user_shapes.CreateUserRequest, users.create_user),
        ("GetUser", user_shapes.GetUserRequest, users.get_user),
        ("ListUsers", user_shapes.ListUsersRequest, users.list_users),
        ("UpdateUser", user_shapes.UpdateUserRequest, users.update_user),
        ("DeleteUser", user_shapes.DeleteUserRequest, users.delete_user),
        ("CreateAccessKey", key_shapes.CreateAccessKeyRequest, keys.create_access_key),
        ("ListAccessKeys", key_shapes.ListAccessKeysRequest, keys.list_access_keys),
        ("UpdateAccessKey", key_shapes.UpdateAccessKeyRequest, keys.update_access_key),
        ("DeleteAccessKey", key_shapes.DeleteAccessKeyRequest, keys.delete_access_key),
        ("CreateGroup", group_shapes.CreateGroupRequest, groups.create_group),
        ("GetGroup", group_shapes.GetGroupRequest, groups.get_group),
        ("ListGroups", group_shapes.ListGroupsRequest, groups.list_groups),
        ("UpdateGroup", group_shapes.UpdateGroupRequest, groups.update_group),
        ("DeleteGroup", group_shapes.DeleteGroupRequest, groups.delete_group),
        ("AddUserToGroup", group_shapes.AddUserToGroupRequest, groups.add_user_to_group),
        (
            "RemoveUserFromGroup",
            group_shapes.RemoveUserFromGroupRequest,
            groups.remove_user_from_group,
        ),
        ("ListGroupsForUser", group_shapes.ListGroupsForUserRequest, groups.list_groups_for_user),
    )


def _roles(desk: Desk) -> tuple[Row, ...]:
    roles = Roles(desk)
    return (
        ("CreateRole", role_shapes.CreateRoleRequest, roles.create_role),
        ("GetRole", role_shapes.GetRoleRequest, roles.get_role),
        ("ListRoles", role_shapes.ListRolesRequest, roles.list_roles),
        ("UpdateRole", role_shapes.UpdateRoleRequest, roles.update_role),
        (
            "UpdateRoleDescription",
            role_shapes.UpdateRoleDescriptionRequest,
            roles.update_role_description,
        ),
        (
            "UpdateAssumeRolePolicy",
            role_shapes.UpdateAssumeRolePolicyRequest,
            roles.update_assume_role_policy,
        ),
        ("DeleteRole", role_shapes.DeleteRoleRequest, roles.delete_role),
    )


def _inline(desk: Desk) -> tuple[Row, ...]:
    inline = InlinePolicies(desk)
    user, group, role = Kind.USER, Kind.GROUP, Kind.ROLE
    return (
        ("PutUserPolicy", inline_shapes.PutUserPolicyRequest, inline.putting(user)),
        ("GetUserPolicy", inline_shapes.GetUserPolicyRequest, inline.getting(user)),
        ("ListUserPolicies", inline_shapes.ListUserPoliciesRequest, inline.listing(user)),
        ("DeleteUserPolicy", inline_shapes.DeleteUserPolicyRequest, inline.deleting(user)),
        ("PutGroupPolicy", inline_shapes.PutGroupPolicyRequest, inline.putting(group)),
        ("GetGroupPolicy", inline_shapes.GetGroupPolicyRequest, inline.getting(group)),
        ("ListGroupPolicies", inline_shapes.ListGroupPoliciesRequest, inline.listing(group)),
        ("DeleteGroupPolicy", inline_shapes.DeleteGroupPolicyRequest, inline.deleting(group)),
        ("PutRolePolicy", inline_shapes.PutRolePolicyRequest, inline.putting(role)),
        ("GetRolePolicy", inline_shapes.GetRolePolicyRequest, inline.getting(role)),
        ("ListRolePolicies", inline_shapes.ListRolePoliciesRequest, inline.listing(role)),
        ("DeleteRolePolicy", inline_shapes.DeleteRolePolicyRequest, inline.deleting(role)),
    )


def _managed(desk: Desk) -> tuple[Row, ...]:
    policies = ManagedPolicies(desk)
    return (
        ("CreatePolicy", policy_shapes.CreatePolicyRequest, policies.create_policy),
        ("GetPolicy", policy_shapes.GetPolicyRequest, policies.get_policy),
        ("ListPolicies", policy_shapes.ListPoliciesRequest, policies.list_policies),
        ("DeletePolicy", policy_shapes.DeletePolicyRequest, policies.delete_policy),
        (
            "CreatePolicyVersion",
            policy_shapes.CreatePolicyVersionRequest,
            policies.create_policy_version,
        ),
        ("GetPolicyVersion", policy_shapes.GetPolicyVersionRequest, policies.get_policy_version),
        (
            "ListPolicyVersions",
            policy_shapes.ListPolicyVersionsRequest,
            policies.list_policy_versions,
        ),
        (
            "SetDefaultPolicyVersion",
            policy_shapes.SetDefaultPolicyVersionRequest,
            policies.set_default_policy_version,
        ),
        (
            "DeletePolicyVersion",
            policy_shapes.DeletePolicyVersionRequest,
            policies.delete_policy_version,
        ),
    )


def _attachments(desk: Desk) -> tuple[Row, ...]:
    attached = Attachments(desk)
    user, group, role = Kind.USER, Kind.GROUP, Kind.ROLE
    shapes = attachment_shapes
    return (
        ("AttachUserPolicy", shapes.AttachUserPolicyRequest, attached.attaching(user)),
        ("DetachUserPolicy", shapes.DetachUserPolicyRequest, attached.detaching(user)),
        (
            "ListAttachedUserPolicies",
            shapes.ListAttachedUserPoliciesRequest,
            attached.listing(user),
        ),
        ("AttachGroupPolicy", shapes.AttachGroupPolicyRequest, attached.attaching(group)),
        ("DetachGroupPolicy", shapes.DetachGroupPolicyRequest, attached.detaching(group)),
        (
            "ListAttachedGroupPolicies",
            shapes.ListAttachedGroupPoliciesRequest,
            attached.listing(group),
        ),
        ("AttachRolePolicy", shapes.AttachRolePolicyRequest, attached.attaching(role)),
        ("DetachRolePolicy", shapes.DetachRolePolicyRequest, attached.detaching(role)),
        (
            "ListAttachedRolePolicies",
            shapes.ListAttachedRolePoliciesRequest,
            attached.listing(role),
        ),
        (
            "ListEntitiesForPolicy",
            shapes.ListEntitiesForPolicyRequest,
            attached.list_entities_for_policy,
        ),
    )


def _tags(desk: Desk) -> tuple[Row, ...]:
    tags = EntityTags(desk)
    return (
        ("TagUser", tag_shapes.TagUserRequest, tags.tagging(Kind.USER)),
        ("UntagUser", tag_shapes.UntagUserRequest, tags.untagging(Kind.USER)),
        ("ListUserTags", tag_shapes.ListUserTagsRequest, tags.listing(Kind.USER)),
        ("TagRole", tag_shapes.TagRoleRequest, tags.tagging(Kind.ROLE)),
        ("UntagRole", tag_shapes.UntagRoleRequest, tags.untagging(Kind.ROLE)),
        ("ListRoleTags", tag_shapes.ListRoleTagsRequest, tags.listing(Kind.ROLE)),
        ("TagPolicy", tag_shapes.TagPolicyRequest, tags.tagging(Kind.POLICY)),
        ("UntagPolicy", tag_shapes.UntagPolicyRequest, tags.untagging(Kind.POLICY)),
        ("ListPolicyTags", tag_shapes.ListPolicyTagsRequest, tags.listing(Kind.POLICY)),
    )
