"""The custom key store operations where there is no custom key store, and none can be."""

from __future__ import annotations

from typing import Any

import pytest

from node.wire.shapes.custom_key_stores import CreateCustomKeyStoreRequest
from tests.scenarios.boto import boto3_client, boto3_clock
from tests.scenarios.client import Kms, refused

__all__ = ["boto3_clock"]

MISSING = "Custom key store cks-1234567890abcdef0 does not exist."
STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
PASSWORD = "a password"
SECRET = "a" * 43
CLOUDHSM: dict[str, Any] = {
    "CustomKeyStoreName": "mine",
    "CloudHsmClusterId": "cluster-2222222aaaa",
    "TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----",
    "KeyStorePassword": PASSWORD,
}
PUBLIC: dict[str, Any] = {
    "CustomKeyStoreName": "theirs",
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
    "XksProxyUriEndpoint": "https://xks.test",
    "XksProxyUriPath": "/prefix/kms/xks/v1",
    "XksProxyAuthenticationCredential": {
        "AccessKeyId": "A" * 20,
        "RawSecretAccessKey": SECRET,
    },
}
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
PRIVATE = {
    **PUBLIC,
    "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
    "XksProxyVpcEndpointServiceName": SERVICE,
    "XksProxyVpcEndpointServiceOwner": "111122223333",
}


def test_there_are_none(kms: Kms) -> None:
    assert kms("DescribeCustomKeyStores") == {"CustomKeyStores": [], "Truncated": False}
    assert kms("DescribeCustomKeyStores", Limit=1) == {"CustomKeyStores": [], "Truncated": False}


def test_none_is_found(kms: Kms) -> None:
    with refused("CustomKeyStoreNotFoundException", MISSING):
        kms("DescribeCustomKeyStores", **STORE)
    with refused("CustomKeyStoreNotFoundException", "Custom key store mine does not exist."):
        kms("DescribeCustomKeyStores", CustomKeyStoreName="mine")
    with refused("ValidationException"):
        kms("DescribeCustomKeyStores", CustomKeyStoreName="mine", **STORE)


@pytest.mark.parametrize("marker", ["x", "bm8=", "ÿ"])
def test_a_marker_that_was_never_given(kms: Kms, marker: str) -> None:
    with refused("InvalidMarkerException"):
        kms("DescribeCustomKeyStores", Marker=marker)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("ConnectCustomKeyStore", {}),
        ("DeleteCustomKeyStore", {}),
        ("DisconnectCustomKeyStore", {}),
        ("UpdateCustomKeyStore", {}),
        ("UpdateCustomKeyStore", {"NewCustomKeyStoreName": "other", "KeyStorePassword": PASSWORD}),
    ],
)
def test_none_can_be_worked_with(kms: Kms, operation: str, members: dict[str, Any]) -> None:
    with refused("CustomKeyStoreNotFoundException", MISSING):
        kms(operation, **STORE, **members)
    with refused(
        "ValidationException",
        "1 validation error detected: Value null at 'customKeyStoreId' failed to satisfy "
        "constraint: Member must not be null",
    ):
        kms(operation, **members)


@pytest.mark.parametrize(
    ("members", "error"),
    [
        (CLOUDHSM, "CloudHsmClusterNotFoundException"),
        ({**CLOUDHSM, "CustomKeyStoreType": "AWS_CLOUDHSM"}, "CloudHsmClusterNotFoundException"),
        (PUBLIC, "XksProxyUriUnreachableException"),
        (PRIVATE, "XksProxyVpcEndpointServiceNotFoundException"),
    ],
)
def test_none_can_be_made(kms: Kms, members: dict[str, Any], error: str) -> None:
    with refused(error) as caught:
        kms("CreateCustomKeyStore", **members)
    assert PASSWORD not in caught.value.message
    assert SECRET not in caught.value.message


@pytest.mark.parametrize(
    ("members", "missing"),
    [
        *((CLOUDHSM, each) for each in CLOUDHSM if each != "CustomKeyStoreName"),
        *((PUBLIC, each) for each in PUBLIC if each.startswith("Xks")),
        (PRIVATE, "XksProxyVpcEndpointServiceName"),
    ],
)
def test_what_each_type_needs(kms: Kms, members: dict[str, Any], missing: str) -> None:
    kind = members.get("CustomKeyStoreType", "AWS_CLOUDHSM")
    with refused(
        "ValidationException",
        f"{missing} is required for a custom key store of type {kind}.",
    ):
        kms("CreateCustomKeyStore", **{k: v for k, v in members.items() if k != missing})


@pytest.mark.parametrize(
    ("members", "other"),
    [
        (CLOUDHSM, {"XksProxyUriPath": "/kms/xks/v1"}),
        (PUBLIC, {"KeyStorePassword": PASSWORD}),
        (PUBLIC, {"XksProxyVpcEndpointServiceName": SERVICE}),
    ],
)
def test_what_is_for_another_type(kms: Kms, members: dict[str, Any], other: dict[str, str]) -> None:
    (name,) = other
    with refused("ValidationException", f"{name} is not valid for this custom key store."):
        kms("CreateCustomKeyStore", **members, **other)


def test_all_that_is_malformed_is_told_and_no_secret(kms: Kms) -> None:
    with refused("ValidationException") as caught:
        kms(
            "CreateCustomKeyStore",
            CustomKeyStoreName="",
            KeyStorePassword="short",
            XksProxyUriEndpoint="http://xks.test",
            XksProxyAuthenticationCredential={"AccessKeyId": "a" * 20, "RawSecretAccessKey": "!"},
        )
    message = caught.value.message
    assert message.startswith("6 validation errors detected: Value '' at 'customKeyStoreName'")
    assert "Value at 'keyStorePassword' failed to satisfy constraint" in message
    assert "Value at 'xksProxyAuthenticationCredential.rawSecretAccessKey' failed" in message
    assert "short" not in message
    assert "a" * 20 not in message


def test_a_secret_is_shown_nowhere() -> None:
    request = CreateCustomKeyStoreRequest(custom_key_store_name="mine", key_store_password=PASSWORD)
    assert PASSWORD not in repr(request)
    assert "key_store_password=<secret>" in repr(request)


@pytest.mark.parametrize(
    ("members", "error", "message"),
    [
        (
            {**STORE, "Origin": "EXTERNAL_KEY_STORE"},
            "ValidationException",
            "You must specify an XksKeyId for origin EXTERNAL_KEY_STORE.",
        ),
        (
            {**STORE, "Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "x"},
            "CustomKeyStoreNotFoundException",
            MISSING,
        ),
        (
            {**STORE, "Origin": "AWS_CLOUDHSM", "XksKeyId": "x"},
            "UnsupportedOperationException",
            "XksKeyId is valid only with origin EXTERNAL_KEY_STORE.",
        ),
        ({**STORE, "Origin": "AWS_CLOUDHSM"}, "CustomKeyStoreNotFoundException", MISSING),
        (STORE, "UnsupportedOperationException", None),
        ({**STORE, "Origin": "EXTERNAL"}, "UnsupportedOperationException", None),
        (
            {**STORE, "Origin": "AWS_CLOUDHSM", "MultiRegion": True},
            "UnsupportedOperationException",
            None,
        ),
        (
            {
                **STORE,
                "Origin": "AWS_CLOUDHSM",
                "KeySpec": "HMAC_256",
                "KeyUsage": "GENERATE_VERIFY_MAC",
            },
            "UnsupportedOperationException",
            None,
        ),
    ],
)
def test_a_key_in_one(kms: Kms, members: dict[str, Any], error: str, message: str | None) -> None:
    with refused(error, message):
        kms("CreateKey", **members)


@pytest.mark.usefixtures("boto3_clock")
def test_boto3_knows_every_answer(kms: Kms) -> None:
    client = boto3_client(kms)
    pages = client.get_paginator("describe_custom_key_stores").paginate()
    assert [page["CustomKeyStores"] for page in pages] == [[]]
    with pytest.raises(client.exceptions.CustomKeyStoreNotFoundException):
        client.connect_custom_key_store(**STORE)
    with pytest.raises(client.exceptions.CloudHsmClusterNotFoundException):
        client.create_custom_key_store(**CLOUDHSM)
    with pytest.raises(client.exceptions.XksProxyUriUnreachableException):
        client.create_custom_key_store(**PUBLIC)
    with pytest.raises(client.exceptions.XksProxyVpcEndpointServiceNotFoundException):
        client.create_custom_key_store(**PRIVATE)
