"""ConnectCustomKeyStore, CreateCustomKeyStore, DeleteCustomKeyStore, DescribeCustomKeyStores,
DisconnectCustomKeyStore, UpdateCustomKeyStore."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class XksProxyAuthenticationCredentialType(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_XksProxyAuthenticationCredentialType.html"""

    access_key_id: types.XksProxyAccessKeyId
    raw_secret_access_key: types.XksProxyRawSecretAccessKey


class CreateCustomKeyStoreRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html"""

    custom_key_store_name: types.CustomKeyStoreName
    cloud_hsm_cluster_id: types.CloudHsmClusterId | None = None
    trust_anchor_certificate: types.TrustAnchorCertificate | None = None
    key_store_password: types.KeyStorePassword | None = None
    custom_key_store_type: types.CustomKeyStoreType | None = None
    xks_proxy_uri_endpoint: types.XksProxyUriEndpoint | None = None
    xks_proxy_uri_path: types.XksProxyUriPath | None = None
    xks_proxy_vpc_endpoint_service_name: types.XksProxyVpcEndpointServiceName | None = None
    xks_proxy_vpc_endpoint_service_owner: types.AccountId | None = None
    xks_proxy_authentication_credential: XksProxyAuthenticationCredentialType | None = None
    xks_proxy_connectivity: types.XksProxyConnectivity | None = None


class CreateCustomKeyStoreResponse(Shape, frozen=True, kw_only=True):
    custom_key_store_id: types.CustomKeyStoreId | None = None


class UpdateCustomKeyStoreRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html"""

    custom_key_store_id: types.CustomKeyStoreId
    new_custom_key_store_name: types.CustomKeyStoreName | None = None
    key_store_password: types.KeyStorePassword | None = None
    cloud_hsm_cluster_id: types.CloudHsmClusterId | None = None
    xks_proxy_uri_endpoint: types.XksProxyUriEndpoint | None = None
    xks_proxy_uri_path: types.XksProxyUriPath | None = None
    xks_proxy_vpc_endpoint_service_name: types.XksProxyVpcEndpointServiceName | None = None
    xks_proxy_vpc_endpoint_service_owner: types.AccountId | None = None
    xks_proxy_authentication_credential: XksProxyAuthenticationCredentialType | None = None
    xks_proxy_connectivity: types.XksProxyConnectivity | None = None


class UpdateCustomKeyStoreResponse(Shape, frozen=True, kw_only=True):
    pass


class ConnectCustomKeyStoreRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html"""

    custom_key_store_id: types.CustomKeyStoreId


class ConnectCustomKeyStoreResponse(Shape, frozen=True, kw_only=True):
    pass


class DisconnectCustomKeyStoreRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html"""

    custom_key_store_id: types.CustomKeyStoreId


class DisconnectCustomKeyStoreResponse(Shape, frozen=True, kw_only=True):
    pass


class DeleteCustomKeyStoreRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html"""

    custom_key_store_id: types.CustomKeyStoreId


class DeleteCustomKeyStoreResponse(Shape, frozen=True, kw_only=True):
    pass


class DescribeCustomKeyStoresRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html"""

    custom_key_store_id: types.CustomKeyStoreId | None = None
    custom_key_store_name: types.CustomKeyStoreName | None = None
    limit: types.Limit | None = None
    marker: types.Marker | None = None


class XksProxyConfigurationType(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_XksProxyConfigurationType.html"""

    connectivity: types.XksProxyConnectivity | None = None
    access_key_id: types.XksProxyAccessKeyId | None = None
    uri_endpoint: types.XksProxyUriEndpoint | None = None
    uri_path: types.XksProxyUriPath | None = None
    vpc_endpoint_service_name: types.XksProxyVpcEndpointServiceName | None = None
    vpc_endpoint_service_owner: types.AccountId | None = None


class CustomKeyStoresListEntry(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html"""

    custom_key_store_id: types.CustomKeyStoreId | None = None
    custom_key_store_name: types.CustomKeyStoreName | None = None
    cloud_hsm_cluster_id: types.CloudHsmClusterId | None = None
    trust_anchor_certificate: types.TrustAnchorCertificate | None = None
    connection_state: types.ConnectionState | None = None
    connection_error_code: types.ConnectionErrorCode | None = None
    creation_date: types.Timestamp | None = None
    custom_key_store_type: types.CustomKeyStoreType | None = None
    xks_proxy_configuration: XksProxyConfigurationType | None = None


class DescribeCustomKeyStoresResponse(Shape, frozen=True, kw_only=True):
    custom_key_stores: list[CustomKeyStoresListEntry] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None
