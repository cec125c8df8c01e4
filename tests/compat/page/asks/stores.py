"""Calls about custom key stores: none is made here, so each names one that does not exist."""

from __future__ import annotations

from tests.compat.page.asks.common import Calls, values
from tests.compat.page.ground import Ground

PROXY = {
    "XksProxyUriEndpoint": "https://example.test",
    "XksProxyUriPath": "/kms/xks/v1",
    "XksProxyAuthenticationCredential": {
        "AccessKeyId": "A" * 20,
        "RawSecretAccessKey": "s" * 43,
    },
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
}
SERVICE = {
    "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
    "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1234567890abcdef0",
    "XksProxyVpcEndpointServiceOwner": "111122223333",
}
STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
HSM = {"CloudHsmClusterId": "cluster-2345672345a", "KeyStorePassword": "password"}
ANCHOR = {"TrustAnchorCertificate": "a certificate"}


def create_custom_key_store(on: Ground) -> Calls:
    for kind in values("CreateCustomKeyStore", "CustomKeyStoreType"):
        rest = PROXY if kind == "EXTERNAL_KEY_STORE" else {**HSM, **ANCHOR}
        yield {"CustomKeyStoreName": "a store", "CustomKeyStoreType": kind, **rest}
    through = {**PROXY, **SERVICE}
    yield {"CustomKeyStoreName": "s", "CustomKeyStoreType": "EXTERNAL_KEY_STORE", **through}


def describe_custom_key_stores(on: Ground) -> Calls:
    yield {}
    yield STORE
    yield {"CustomKeyStoreName": "a store"}


def update_custom_key_store(on: Ground) -> Calls:
    yield {**STORE, "NewCustomKeyStoreName": "another", **HSM}
    for each in values("UpdateCustomKeyStore", "XksProxyConnectivity"):
        yield {**STORE, **PROXY, **SERVICE, "XksProxyConnectivity": each}


def of_a_store(on: Ground) -> Calls:
    yield STORE
