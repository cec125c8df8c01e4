"""GetKeyPolicy, PutKeyPolicy and ListKeyPolicies. Key policies never leave their region (D8)."""

from __future__ import annotations

from typing import Final

from node.model.errors import NotFound, UnsupportedOperation, Validation
from node.operations.changing import to_change
from node.operations.documents import shown_policy, with_policy
from node.operations.lists import LIST_KEY_POLICIES, page, page_size
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.policies import (
    GetKeyPolicyRequest,
    GetKeyPolicyResponse,
    ListKeyPoliciesRequest,
    ListKeyPoliciesResponse,
    PutKeyPolicyRequest,
)

DEFAULT: Final = "default"  # the one key policy that there is
AWS_RAM: Final = "AWS_RAM"


class KeyPolicies:
    """The key-policy operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def get_key_policy(
        self, call: Call, request: GetKeyPolicyRequest
    ) -> GetKeyPolicyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html"""
        key = await self._resolver.to_read("GetKeyPolicy", call, request)
        if request.policy_name not in (None, DEFAULT):
            raise NotFound("No such policy exists")
        policy = await shown_policy(self._services, key)
        return GetKeyPolicyResponse(policy=policy, policy_name=DEFAULT)

    async def put_key_policy(self, call: Call, request: PutKeyPolicyRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""
        async with to_change(self._resolver, "PutKeyPolicy", call, request) as (transaction, key):
            _check_name(request.policy_name)
            await transaction.put_key(await with_policy(self._services, call, key, request))

    async def list_key_policies(
        self, call: Call, request: ListKeyPoliciesRequest
    ) -> ListKeyPoliciesResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html"""
        await self._resolver.to_read("ListKeyPolicies", call, request)
        if request.marker is not None:  # KMS has no InvalidMarkerException for this list
            raise Validation("The marker is not of this list, which has one page.")
        shown = page(LIST_KEY_POLICIES, [DEFAULT], page_size(LIST_KEY_POLICIES, request.limit), "")
        return ListKeyPoliciesResponse(policy_names=list(shown.items), truncated=shown.truncated)


def _check_name(name: str | None) -> None:
    if name == AWS_RAM:
        raise Validation("The AWS_RAM policy can only be managed by the RAM service")
    if name not in (None, DEFAULT):
        raise UnsupportedOperation(f"The policy name must be {DEFAULT}, not {name}.")
