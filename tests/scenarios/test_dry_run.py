"""DryRun, wherever the model has it: the answer tells what would be, and nothing is done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.calls import KEY_MEMBER, call, key_for, members_for
from tests.scenarios.client import Kms, refused
from tests.scenarios.region import RegionUnderTest
from tests.wire.model import MODEL, input_shape

WOULD = "The request would have succeeded, but the DryRun option is set."
DRY = sorted(
    name
    for name in MODEL.operation_names
    if MODEL.operation_model(name).input_shape and "DryRun" in input_shape(name).members
)
IGNORING = [name for name in DRY if "DryRunModifiers" in input_shape(name).members]
each_operation = pytest.mark.parametrize("operation", DRY)


def grants(kms: Kms, key_id: str) -> list[str]:
    return [each["GrantId"] for each in kms("ListGrants", KeyId=key_id)["Grants"]]


@each_operation
def test_it_would_have_succeeded(kms: Kms, operation: str) -> None:
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    before = kms.metadata(key_id), grants(kms, key_id)
    with refused("DryRunOperationException", WOULD) as caught:
        call(operation, kms, key_id, {**members, "DryRun": True})
    assert caught.value.status == 400
    assert (kms.metadata(key_id), grants(kms, key_id)) == before
    call(operation, kms, key_id, {**members, "DryRun": False})


@each_operation
def test_a_key_that_does_not_exist(kms: Kms, operation: str) -> None:
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    unknown = kms.arn("1234abcd-12ab-34cd-56ef-1234567890ab")
    with refused("NotFoundException", f"Key '{unknown}' does not exist"):
        call(operation, kms, unknown, {**members, "DryRun": True})


@each_operation
def test_a_key_in_another_state(region: RegionUnderTest, kms: Kms, operation: str) -> None:
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    expected = "KMSInvalidStateException"
    if operation in ("RetireGrant", "RevokeGrant"):
        expected = "DryRunOperationException"
    with refused(expected):
        call(operation, kms, key_id, {**members, "DryRun": True})


@each_operation
def test_a_caller_who_may_not(kms: Kms, stranger: Kms, operation: str) -> None:
    key_id = key_for(operation, kms)
    members = members_for(operation, kms, key_id)
    with refused("AccessDeniedException"):
        call(operation, stranger, kms.arn(key_id), {**members, "DryRun": True})


@each_operation
def test_a_request_that_is_malformed(kms: Kms, operation: str) -> None:
    with refused("ValidationException"):
        kms(operation, **{KEY_MEMBER.get(operation, "KeyId"): "", "DryRun": True})


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("Decapsulate", {"SharedSecretCiphertextBlob": b"e"}, "InvalidCiphertextException"),
    ("Decrypt", {"CiphertextBlob": b"c"}, "InvalidCiphertextException"),
    ("Decrypt", {"EncryptionContext": {"a": "b"}}, "InvalidCiphertextException"),
    ("DeriveSharedSecret", {"PublicKey": b"p"}, "ValidationException"),
    ("GenerateDataKey", {"NumberOfBytes": 32}, "ValidationException"),
    ("GenerateDataKeyPair", {"KeyPairSpec": "SM2"}, "UnsupportedOperationException"),
    ("ReEncrypt", {"CiphertextBlob": b"c"}, "InvalidCiphertextException"),
    ("RevokeGrant", {"GrantId": "0" * 64}, "NotFoundException"),
    ("Sign", {"SigningAlgorithm": "ECDSA_SHA_384"}, "InvalidKeyUsageException"),
    ("Verify", {"Signature": b"s"}, "KMSInvalidSignatureException"),
    ("VerifyMac", {"Mac": b"m"}, "KMSInvalidMacException"),
]


@pytest.mark.parametrize(("operation", "wrong", "error"), WRONG)
def test_what_would_fail_is_told(
    kms: Kms, operation: str, wrong: dict[str, Any], error: str
) -> None:
    key_id = key_for(operation, kms)
    members = {**members_for(operation, kms, key_id), **wrong, "DryRun": True}
    with refused(error):
        call(operation, kms, key_id, members)


@pytest.mark.parametrize("operation", IGNORING)
def test_without_a_look_at_the_ciphertext(kms: Kms, operation: str) -> None:
    key_id = kms.key()
    named = {"KeyId": key_id}
    if operation == "ReEncrypt":
        named = {"SourceKeyId": key_id, "DestinationKeyId": key_id}
    modified = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    for given in ({}, {"CiphertextBlob": b"no ciphertext at all"}):
        with refused("DryRunOperationException", WOULD):
            kms(operation, **named, **given, **modified)
    with refused("ValidationException"):  # it has to be told which key, as it does not look
        kms(operation, **{k: v for k, v in named.items() if k == "DestinationKeyId"}, **modified)
    with refused("InvalidCiphertextException"):  # the modifier is for dry runs alone
        kms(
            operation,
            **named,
            CiphertextBlob=b"no ciphertext at all",
            DryRunModifiers=["IGNORE_CIPHERTEXT"],
        )
    with refused("ValidationException"):
        kms(operation, **named, DryRun=True, DryRunModifiers=["SKIP"])
