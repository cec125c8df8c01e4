"""What is said first when more than one thing is wrong (kms-semantics part b).

The form of the request; whether the key exists; whether the caller may; whether the key is for
this; the key's state; and only then what cryptography finds.
"""

from __future__ import annotations

from typing import Any

import pytest

from node.model.errors import Disabled
from node.model.usage import OPERATION_USAGE
from tests.scenarios.calls import ON_A_KEY, call, key_for, members_for
from tests.scenarios.client import Kms, refused
from tests.unit.model.test_state import CELLS, NOTES

UNKNOWN = "1234abcd-12ab-34cd-56ef-1234567890ab"
WRONG_USAGE = {"KeySpec": "HMAC_512", "KeyUsage": "GENERATE_VERIFY_MAC"}
FOR_MACS = {"KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY"}
BY_CIPHERTEXT = {"Decrypt", "ReEncrypt"}  # a wrong key is IncorrectKeyException there
USED = sorted(set(OPERATION_USAGE) - BY_CIPHERTEXT)
DISABLED = {
    operation: NOTES[note][0]
    for operation, state, note in CELLS
    if state == "Disabled" and note != "-" and operation in ON_A_KEY
}


def malformed(operation: str, members: dict[str, Any]) -> dict[str, Any]:
    """The members with something in them that no request may have."""
    return {**members, "GrantTokens": ["t"] * 11}


@pytest.mark.parametrize("operation", sorted(OPERATION_USAGE))
def test_form_before_existence(kms: Kms, operation: str) -> None:
    key_id = key_for(operation, kms)
    members = malformed(operation, members_for(operation, kms, key_id))
    with refused("ValidationException") as caught:
        call(operation, kms, UNKNOWN, members)
    assert caught.value.message.startswith("1 validation error detected: Value '[t, t, ")


def test_every_failure_of_form_is_told_at_once(kms: Kms) -> None:
    with refused(
        "ValidationException",
        "4 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member "
        "must not be null; Value at 'message' failed to satisfy constraint: Member must have "
        "length greater than or equal to 1; Value 'HASH' at 'messageType' failed to satisfy "
        "constraint: Member must satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]; Value null "
        "at 'signingAlgorithm' failed to satisfy constraint: Member must not be null",
    ):
        kms("Sign", Message=b"", MessageType="HASH")


LOOKED_UP_FIRST = {"UpdateAlias", "RetireGrant"}  # the alias, or the grant


@pytest.mark.parametrize("operation", sorted(set(ON_A_KEY) - LOOKED_UP_FIRST))
def test_existence_before_permission(kms: Kms, stranger: Kms, operation: str) -> None:
    members = members_for(operation, kms, key_for(operation, kms))
    unknown = kms.arn(UNKNOWN)
    with refused("NotFoundException", f"Key '{unknown}' does not exist"):
        call(operation, stranger, unknown, members)


@pytest.mark.parametrize("operation", USED)
def test_permission_before_usage(kms: Kms, stranger: Kms, operation: str) -> None:
    members = members_for(operation, kms, key_for(operation, kms))
    wrong = kms.key(**(FOR_MACS if "Mac" in operation else WRONG_USAGE))
    kms("DisableKey", KeyId=wrong)
    with refused("AccessDeniedException"):
        call(operation, stranger, kms.arn(wrong), members)


@pytest.mark.parametrize("operation", USED)
def test_usage_before_state(kms: Kms, operation: str) -> None:
    members = members_for(operation, kms, key_for(operation, kms))
    wrong = kms.key(**(FOR_MACS if "Mac" in operation else WRONG_USAGE))
    kms("DisableKey", KeyId=wrong)
    usage = kms.metadata(wrong)["KeyUsage"]
    with refused(
        "InvalidKeyUsageException",
        f"{kms.arn(wrong)} key usage is {usage} which is not valid for {operation}.",
    ):
        call(operation, kms, wrong, members)


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "RotateKeyOnDemand", "ReplicateKey"])
def test_what_a_key_is_for_before_its_state(kms: Kms, operation: str) -> None:
    wrong = kms.key(**WRONG_USAGE)
    kms("DisableKey", KeyId=wrong)
    with refused("UnsupportedOperationException"):
        call(operation, kms, wrong, members_for(operation, kms, wrong))


WRONG: dict[str, dict[str, Any]] = {
    "Decapsulate": {"SharedSecretCiphertextBlob": b"e"},
    "Decrypt": {"EncryptionContext": {"not": "the one"}},
    "DeriveSharedSecret": {"PublicKey": b"p"},
    "Verify": {"Signature": b"s"},
    "VerifyMac": {"Mac": b"m"},
}


@pytest.mark.parametrize("operation", WRONG)
def test_state_before_cryptography(kms: Kms, operation: str) -> None:
    key_id = key_for(operation, kms)
    members = {**members_for(operation, kms, key_id), **WRONG[operation]}
    kms("DisableKey", KeyId=key_id)
    assert DISABLED[operation] is Disabled
    with refused("DisabledException", f"{kms.arn(key_id)} is disabled."):
        call(operation, kms, key_id, members)


def test_the_key_of_a_ciphertext_before_its_state(kms: Kms) -> None:
    named, other = kms.key(), kms.key()
    blob = kms.encrypt(other)
    kms("DisableKey", KeyId=named)
    with refused("IncorrectKeyException"):
        kms.decrypt(blob, KeyId=named)
