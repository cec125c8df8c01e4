"""The custom key store operations, as KMS answers them where no custom key store exists.

There is none, and none can be made: what one would stand on (a CloudHSM cluster, the proxy of an
external key manager) cannot be found from here. Requests are checked in full before that is said.
Source: KMS API Reference, CreateCustomKeyStore; kms-semantics part j.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from crypto.specs import SYMMETRIC_DEFAULT
from node.access.actions import PREFIX
from node.model.errors import (
    CloudHsmClusterNotFound,
    CustomKeyStoreNotFound,
    KmsError,
    UnsupportedOperation,
    Validation,
    XksProxyUriUnreachable,
    XksProxyVpcEndpointServiceNotFound,
)
from node.operations.lists import DESCRIBE_CUSTOM_KEY_STORES, after_marker, page_size
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    CreateCustomKeyStoreRequest,
    DeleteCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
    DescribeCustomKeyStoresResponse,
    DisconnectCustomKeyStoreRequest,
    UpdateCustomKeyStoreRequest,
)
from node.wire.shapes.keys import CreateKeyRequest

CLOUDHSM: Final = "AWS_CLOUDHSM"
EXTERNAL: Final = "EXTERNAL_KEY_STORE"
VPC: Final = "VPC_ENDPOINT_SERVICE"

_CLOUDHSM_MEMBERS: Final = (
    "cloud_hsm_cluster_id",
    "key_store_password",
    "trust_anchor_certificate",
)
_EXTERNAL_MEMBERS: Final = (
    "xks_proxy_connectivity",
    "xks_proxy_authentication_credential",
    "xks_proxy_uri_endpoint",
    "xks_proxy_uri_path",
)
_VPC_MEMBERS: Final = (
    "xks_proxy_vpc_endpoint_service_name",
    "xks_proxy_vpc_endpoint_service_owner",
)
NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {CLOUDHSM: _CLOUDHSM_MEMBERS, EXTERNAL: _EXTERNAL_MEMBERS}
)
"""What each type of custom key store is made from; none of it is for the other type."""


class NamesStore(Protocol):
    """A request about one custom key store."""

    @property
    def custom_key_store_id(self) -> str: ...


class CustomKeyStores:
    """The custom key store operations of one region."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def create_custom_key_store(
        self, call: Call, request: CreateCustomKeyStoreRequest
    ) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html"""
        kind = request.custom_key_store_type or CLOUDHSM
        _check_members(request, kind)
        await self._authorise(call, "CreateCustomKeyStore", request)
        raise _UNREACHABLE[kind](request)

    async def describe_custom_key_stores(
        self, call: Call, request: DescribeCustomKeyStoresRequest
    ) -> DescribeCustomKeyStoresResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html"""
        store_id, name = request.custom_key_store_id, request.custom_key_store_name
        if store_id is not None and name is not None:
            raise Validation("You can specify CustomKeyStoreId or CustomKeyStoreName, not both.")
        page_size(DESCRIBE_CUSTOM_KEY_STORES, request.limit)
        after_marker(DESCRIBE_CUSTOM_KEY_STORES, request.marker)
        await self._authorise(call, "DescribeCustomKeyStores", request)
        wanted = store_id if store_id is not None else name
        if wanted is not None:
            raise no_such_store(wanted)
        return DescribeCustomKeyStoresResponse(custom_key_stores=[], truncated=False)

    async def connect_custom_key_store(
        self, call: Call, request: ConnectCustomKeyStoreRequest
    ) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html"""
        await self._refuse(call, "ConnectCustomKeyStore", request)

    async def delete_custom_key_store(
        self, call: Call, request: DeleteCustomKeyStoreRequest
    ) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html"""
        await self._refuse(call, "DeleteCustomKeyStore", request)

    async def disconnect_custom_key_store(
        self, call: Call, request: DisconnectCustomKeyStoreRequest
    ) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html"""
        await self._refuse(call, "DisconnectCustomKeyStore", request)

    async def update_custom_key_store(
        self, call: Call, request: UpdateCustomKeyStoreRequest
    ) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html"""
        await self._refuse(call, "UpdateCustomKeyStore", request)

    async def _refuse(self, call: Call, operation: str, request: NamesStore) -> None:
        await self._authorise(call, operation, request)
        raise no_such_store(request.custom_key_store_id)

    async def _authorise(self, call: Call, operation: str, request: object) -> None:
        await self._services.access.on_account(call, f"{PREFIX}{operation}", request)


def no_such_store(name: str) -> CustomKeyStoreNotFound:
    """The error for a custom key store, by ID or name: there is none."""
    return CustomKeyStoreNotFound(f"Custom key store {name} does not exist.")


def refuse_custom_key_store(request: CreateKeyRequest) -> None:
    """Raise the error of a CreateKey that asks for a key in a custom key store, if it does."""
    stored = request.origin in (CLOUDHSM, EXTERNAL)
    if request.xks_key_id is not None and request.origin != EXTERNAL:
        raise UnsupportedOperation(f"XksKeyId is valid only with origin {EXTERNAL}.")
    if stored and request.custom_key_store_id is None:
        raise Validation("You must specify a CustomKeyStoreId for this key origin.")
    if request.custom_key_store_id is None:
        return
    spec = request.key_spec or request.customer_master_key_spec or SYMMETRIC_DEFAULT.name
    if spec != SYMMETRIC_DEFAULT.name or request.multi_region or not stored:
        raise UnsupportedOperation(
            "A custom key store has symmetric encryption keys alone, in a single Region, of "
            f"origin {CLOUDHSM} or {EXTERNAL}."
        )
    if request.origin == EXTERNAL and request.xks_key_id is None:
        raise Validation(f"You must specify an XksKeyId for origin {EXTERNAL}.")
    raise no_such_store(request.custom_key_store_id)


def _check_members(request: CreateCustomKeyStoreRequest, kind: str) -> None:
    """Raise Validation unless the request has what its type of key store needs, and no more."""
    needed, allowed = NEEDED[kind], NEEDED[kind]
    if kind == EXTERNAL and request.xks_proxy_connectivity == VPC:
        needed, allowed = (*needed, _VPC_MEMBERS[0]), (*allowed, *_VPC_MEMBERS)
    for name in needed:
        if getattr(request, name) is None:
            raise Validation(f"{_member(name)} is required for a custom key store of type {kind}.")
    for name in (*_CLOUDHSM_MEMBERS, *_EXTERNAL_MEMBERS, *_VPC_MEMBERS):
        if name not in allowed and getattr(request, name) is not None:
            raise Validation(f"{_member(name)} is not valid for this custom key store.")


def _member(name: str) -> str:
    """A field's name on the wire."""
    return "".join(part.capitalize() for part in name.split("_"))


def _no_cluster(request: CreateCustomKeyStoreRequest) -> KmsError:
    return CloudHsmClusterNotFound(f"Cluster {request.cloud_hsm_cluster_id} does not exist.")


def _no_proxy(request: CreateCustomKeyStoreRequest) -> KmsError:
    if request.xks_proxy_connectivity == VPC:
        service = request.xks_proxy_vpc_endpoint_service_name
        return XksProxyVpcEndpointServiceNotFound(f"{service} does not exist.")
    uri = f"{request.xks_proxy_uri_endpoint}{request.xks_proxy_uri_path}"
    return XksProxyUriUnreachable(f"{uri} cannot be reached.")


_UNREACHABLE: Final[Mapping[str, Callable[[CreateCustomKeyStoreRequest], KmsError]]] = (
    MappingProxyType({CLOUDHSM: _no_cluster, EXTERNAL: _no_proxy})
)
