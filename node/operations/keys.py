"""CreateKey, DescribeKey, ListKeys, EnableKey, DisableKey and UpdateKeyDescription."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from crypto.keys import generate_material
from crypto.material import KeyMaterial
from crypto.specs import KEY_SPECS
from node.hot.work import generated
from node.model import lifecycle
from node.model.arn import key_arn
from node.model.errors import LimitExceeded, UnsupportedOperation, Validation
from node.model.imports import settled
from node.model.key import Key, KeyManager, KeyState
from node.model.policy import default_key_policy
from node.operations.changing import to_change
from node.operations.custom_key_stores import refuse_custom_key_store
from node.operations.documents import checked_tags, with_policy
from node.operations.lists import LIST_KEYS, after_marker, page, page_size
from node.operations.metadata import key_metadata
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.store.port import Transaction
from node.wire.messages import Call
from node.wire.shapes.keys import (
    CreateKeyRequest,
    CreateKeyResponse,
    DescribeKeyRequest,
    DescribeKeyResponse,
    DisableKeyRequest,
    EnableKeyRequest,
    KeyListEntry,
    ListKeysRequest,
    ListKeysResponse,
    UpdateKeyDescriptionRequest,
)
from replication.materials import Materials
from replication.shared import EXTERNAL, first_version

DEFAULT_SPEC: Final = "SYMMETRIC_DEFAULT"
DEFAULT_ORIGIN: Final = "AWS_KMS"
MULTI_REGION_PREFIX: Final = "mrk-"


class Keys:
    """The operations of one region that make, show and switch keys."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def create_key(self, call: Call, request: CreateKeyRequest) -> CreateKeyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"""
        spec, usage = spec_and_usage(request)
        _check_origin(request)
        account = call.principal.account
        tags = checked_tags(request.tags)
        await self._services.access.on_account(call, "kms:CreateKey", request)
        if tags:
            await self._services.access.on_account(call, "kms:TagResource", request)
        key_id = self._new_key_id(multi_region=bool(request.multi_region))
        key = Key(
            account=account,
            region=self._services.region,
            key_id=key_id,
            key_spec=spec,
            key_usage=usage,
            origin=request.origin or DEFAULT_ORIGIN,
            manager=KeyManager.CUSTOMER,
            created=self._services.clock.now(),
            description=request.description or "",
            policy=request.policy or default_key_policy(account),
            tags=tags,
            state=KeyState.ENABLED,
        )
        key = await with_policy(self._services, call, key, request)
        key, materials = await self._with_material(key)
        if request.multi_region:
            key = with_shared_state(key)
        async with self._services.store.transaction() as transaction:
            await self._check_quota(transaction, account)
            await transaction.add_key(key, materials)
        return CreateKeyResponse(key_metadata=key_metadata(key))

    async def describe_key(self, call: Call, request: DescribeKeyRequest) -> DescribeKeyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html"""
        hot = await self._resolver.allowed("DescribeKey", call, request, request.key_id)
        return DescribeKeyResponse(key_metadata=key_metadata(hot.key))

    async def list_keys(self, call: Call, request: ListKeysRequest) -> ListKeysResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html"""
        account = call.principal.account
        await self._services.access.on_account(call, "kms:ListKeys", request)
        size = page_size(LIST_KEYS, request.limit)
        after = after_marker(LIST_KEYS, request.marker)
        own = request.resource_owners is None or "SELF" in request.resource_owners
        found = await self._services.store.list_keys(account, after, size + 1) if own else []
        last = found[size - 1] if len(found) >= size else ""
        shown = page(LIST_KEYS, found, size, last)
        region = self._services.region
        return ListKeysResponse(
            keys=[
                KeyListEntry(key_id=key_id, key_arn=key_arn(region, account, key_id))
                for key_id in shown.items
            ],
            next_marker=shown.next_marker,
            truncated=shown.truncated,
        )

    async def enable_key(self, call: Call, request: EnableKeyRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html"""
        await self._change("EnableKey", call, request, lifecycle.enabled)

    async def disable_key(self, call: Call, request: DisableKeyRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html"""
        await self._change("DisableKey", call, request, lifecycle.disabled)

    async def update_key_description(
        self, call: Call, request: UpdateKeyDescriptionRequest
    ) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html"""

        def described(key: Key) -> Key:
            return replace(key, description=request.description)

        await self._change("UpdateKeyDescription", call, request, described)

    async def _change(
        self,
        operation: str,
        call: Call,
        request: EnableKeyRequest | DisableKeyRequest | UpdateKeyDescriptionRequest,
        change: Callable[[Key], Key],
    ) -> None:
        async with to_change(self._resolver, operation, call, request) as (transaction, key):
            await transaction.put_key(change(key))

    async def _with_material(self, key: Key) -> tuple[Key, Sequence[KeyMaterial]]:
        """The key with fresh material; one for imported material is PendingImport, with none."""
        if key.origin == EXTERNAL:
            return settled(replace(key, own_materials=Materials.none())), ()
        draw = partial(generate_material, key.key_id, key.key_spec, self._services.randomness)
        material = await generated(key.spec, draw)
        return replace(key, own_materials=Materials.first(material.material_id)), [material]

    async def _check_quota(self, transaction: Transaction, account: str) -> None:
        most = self._services.keys_of_an_account_most
        if await transaction.has_keys(account, most):
            raise LimitExceeded(
                f"The account {account} has {most} KMS keys in {self._services.region}, which is "
                "the limit."
            )

    def _new_key_id(self, *, multi_region: bool) -> str:
        identifier = self._services.new_uuid()
        return MULTI_REGION_PREFIX + identifier.replace("-", "") if multi_region else identifier


def with_shared_state(key: Key) -> Key:
    """The key as a multi-Region primary key."""
    shared = first_version(
        account=key.account,
        key_id=key.key_id,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        region=key.region,
        materials=key.materials,
    )
    return replace(key, shared=shared, own_materials=None)


def spec_and_usage(request: CreateKeyRequest) -> tuple[str, str]:
    """The key spec and usage that a request asks for. Raises Validation, UnsupportedOperation."""
    if request.key_spec is not None and request.customer_master_key_spec is not None:
        raise Validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    name = request.key_spec or request.customer_master_key_spec or DEFAULT_SPEC
    if name != DEFAULT_SPEC and request.key_usage is None:
        raise Validation(
            "You must specify a KeyUsage value for all KMS keys except for symmetric "
            "encryption keys."
        )
    spec = KEY_SPECS.get(name)
    if spec is None:
        raise UnsupportedOperation(f"KeySpec {name} is not supported in this Region.")
    usage = request.key_usage or spec.usages[0]
    if usage not in spec.usages:
        raise Validation(f"KeyUsage {usage} is not compatible with KeySpec {name}")
    return name, usage


def _check_origin(request: CreateKeyRequest) -> None:
    refuse_custom_key_store(request)
