"""Managed policies and their versions: of an account, and (to be read) those of AWS."""

from __future__ import annotations

from node.access.document import identity_policy
from node.directory.entity import FIRST_VERSION, Entity
from node.directory.managed import AWS_POLICIES, MANAGED, AwsPolicy
from node.directory.parts import About, Kind, Part, Text, Version
from node.model.errors import AccessDenied, DeleteConflict, LimitExceeded, NoSuchEntity
from node.operations.iam import shown, tagging
from node.operations.iam.desk import Change, Desk, about, about_all, about_arn
from node.operations.iam.limits import VERSIONS_MOST, check_managed
from node.operations.iam.pages import paged
from node.wire.messages import Call
from node.wire.shapes.iam import managed_policies as shapes


class ManagedPolicies:
    """The operations on managed policies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def create_policy(
        self, call: Call, request: shapes.CreatePolicyRequest
    ) -> shapes.CreatePolicyResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"""
        name, path = request.policy_name, request.path or "/"
        resource = about(call, Kind.POLICY, name, path)
        async with self._desk.changing(call, "CreatePolicy", request, resource) as change:
            _check(request.policy_document)
            unique_id = change.make(Kind.POLICY, name, path, tagging.checked(request.tags))
            if request.description:
                change.put(unique_id, Part.ABOUT, About(request.description))
            version = Version(request.policy_document, change.now)
            change.put(unique_id, Part.VERSION, version, FIRST_VERSION)
            change.put(unique_id, Part.DEFAULT, Text(FIRST_VERSION))
            book, policy = change.made(unique_id)
        return shapes.CreatePolicyResponse(
            policy=shown.policy(book, policy, policy.account, alone=True)
        )

    async def get_policy(
        self, call: Call, request: shapes.GetPolicyRequest
    ) -> shapes.GetPolicyResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html"""
        resource = about_arn(request.policy_arn)
        reading = await self._desk.reading(call, "GetPolicy", request, resource)
        policy = reading.policy(request.policy_arn)
        return shapes.GetPolicyResponse(
            policy=shown.policy(reading.book, policy, reading.account, alone=True)
        )

    async def list_policies(
        self, call: Call, request: shapes.ListPoliciesRequest
    ) -> shapes.ListPoliciesResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html"""
        prefix = request.path_prefix or "/"
        resource = about_all(call, Kind.POLICY, prefix)
        reading = await self._desk.reading(call, "ListPolicies", request, resource)
        book, account = reading.book, reading.account
        found: list[Entity | AwsPolicy] = []
        if request.scope != "AWS":
            found += book.listed(account, Kind.POLICY, prefix)
        if request.scope != "Local":
            found += [each for each in MANAGED.values() if each.path.startswith(prefix)]
        if request.policy_usage_filter == "PermissionsBoundary":
            found = []
        if request.only_attached:
            found = [each for each in found if book.attached_to(each, account)]
        shapes_of = sorted(
            (shown.policy(book, each, account) for each in found), key=lambda each: each.arn or ""
        )
        policies, end = paged("ListPolicies", request, shapes_of, lambda each: each.arn or "")
        return shapes.ListPoliciesResponse(policies=list(policies), **end._asdict())

    async def delete_policy(self, call: Call, request: shapes.DeletePolicyRequest) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
        resource = about_arn(request.policy_arn)
        async with self._desk.changing(call, "DeletePolicy", request, resource) as change:
            policy = _own(change, request.policy_arn)
            if change.book.attached_to(policy, change.account):
                raise DeleteConflict("Cannot delete a policy attached to entities.")
            if len(policy.versions) > 1:
                raise DeleteConflict(
                    "This policy has more than one version. Before you delete a policy, you must "
                    "delete the policy's versions. The default version is deleted with the policy."
                )
            change.let_go(policy)

    async def create_policy_version(
        self, call: Call, request: shapes.CreatePolicyVersionRequest
    ) -> shapes.CreatePolicyVersionResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html"""
        resource = about_arn(request.policy_arn)
        async with self._desk.changing(call, "CreatePolicyVersion", request, resource) as change:
            policy = _own(change, request.policy_arn)
            _check(request.policy_document)
            if len(policy.versions) >= VERSIONS_MOST:
                raise LimitExceeded(
                    f"A managed policy can have up to {VERSIONS_MOST} versions. Before you create "
                    "a new version, you must delete an existing version."
                )
            version_id = f"v{policy.last_version + 1}"
            version = Version(request.policy_document, change.now)
            change.put(policy.unique_id, Part.VERSION, version, version_id)
            default = policy.default_version
            if request.set_as_default:
                default = version_id
                change.put(policy.unique_id, Part.DEFAULT, Text(version_id))
        return shapes.CreatePolicyVersionResponse(
            policy_version=shown.version(version, version_id, default)
        )

    async def get_policy_version(
        self, call: Call, request: shapes.GetPolicyVersionRequest
    ) -> shapes.GetPolicyVersionResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html"""
        resource = about_arn(request.policy_arn)
        reading = await self._desk.reading(call, "GetPolicyVersion", request, resource)
        policy = reading.policy(request.policy_arn)
        versions, default = shown.versions(policy)
        version = versions.get(request.version_id)
        if version is None:
            raise _no_version(request.policy_arn, request.version_id)
        return shapes.GetPolicyVersionResponse(
            policy_version=shown.version(version, request.version_id, default, alone=True)
        )

    async def list_policy_versions(
        self, call: Call, request: shapes.ListPolicyVersionsRequest
    ) -> shapes.ListPolicyVersionsResponse:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html"""
        resource = about_arn(request.policy_arn)
        reading = await self._desk.reading(call, "ListPolicyVersions", request, resource)
        versions, default = shown.versions(reading.policy(request.policy_arn))
        places = {version_id: f"{place:03}" for place, version_id in enumerate(versions)}
        page, end = paged("ListPolicyVersions", request, tuple(versions), places.__getitem__)
        return shapes.ListPolicyVersionsResponse(
            versions=[shown.version(versions[each], each, default) for each in page],
            **end._asdict(),
        )

    async def set_default_policy_version(
        self, call: Call, request: shapes.SetDefaultPolicyVersionRequest
    ) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html"""
        action, resource = "SetDefaultPolicyVersion", about_arn(request.policy_arn)
        async with self._desk.changing(call, action, request, resource) as change:
            policy = _own(change, request.policy_arn)
            if request.version_id not in policy.versions:
                raise _no_version(request.policy_arn, request.version_id)
            change.put(policy.unique_id, Part.DEFAULT, Text(request.version_id))

    async def delete_policy_version(
        self, call: Call, request: shapes.DeletePolicyVersionRequest
    ) -> None:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html"""
        resource = about_arn(request.policy_arn)
        async with self._desk.changing(call, "DeletePolicyVersion", request, resource) as change:
            policy = _own(change, request.policy_arn)
            if request.version_id not in policy.versions:
                raise _no_version(request.policy_arn, request.version_id)
            if request.version_id == policy.default_version:
                raise DeleteConflict("Cannot delete the default version of a policy.")
            change.take_back(policy, Part.VERSION, request.version_id)


def _own(change: Change, arn: str) -> Entity:
    """A policy of the account, which can be changed. Raises NoSuchEntity, or AccessDenied for one
    of AWS's.
    """
    policy = change.policy(arn)
    if isinstance(policy, AwsPolicy) or arn.startswith(AWS_POLICIES):
        raise AccessDenied(f"The policy {arn} is AWS's, and cannot be changed.")
    return policy


def _check(document: str) -> None:
    check_managed(document)
    identity_policy(document)


def _no_version(arn: str, version_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {arn} version {version_id} does not exist or is not attachable.")
