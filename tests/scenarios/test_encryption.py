"""Encrypt, Decrypt and ReEncrypt, and every way in which they refuse (kms-semantics part d)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.client import Kms, Refused, refused
from tests.scenarios.region import RegionUnderTest

CONTEXT = {"tenant": "one", "purpose": "orders"}
INCORRECT = "The key ID in the request does not identify a CMK that can perform this operation."
DRY = "The request would have succeeded, but the DryRun option is set."
NOT_OURS = "A grant token in the request is not valid."
KEY_ID = range(1, 37)  # where a ciphertext has it (docs/formats.md)
ATTESTED = "The attestation document in the request is not valid."


def denied(kms: Kms, action: str) -> str:
    return (
        f"User: {kms.principal_arn} is not authorized to perform: kms:{action} on the resource "
        "associated with this ciphertext because the resource does not exist in this Region, no "
        "resource-based policies allow access, or a resource-based policy explicitly denies access"
    )


@pytest.mark.parametrize("plaintext", [b"\x00", b"attack at dawn", bytes(range(256)) * 16])
@pytest.mark.parametrize("members", [{}, {"MultiRegion": True}])
def test_what_is_encrypted_can_be_decrypted(
    kms: Kms, plaintext: bytes, members: dict[str, Any]
) -> None:
    key_id = kms.key(**members)
    encrypted = kms("Encrypt", KeyId=key_id, Plaintext=plaintext)
    blob = encrypted.pop("CiphertextBlob")
    assert encrypted == {"KeyId": kms.arn(key_id), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert len(blob) <= 6144
    assert kms("Decrypt", CiphertextBlob=blob) == {
        "KeyId": kms.arn(key_id),
        "Plaintext": plaintext,
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": kms.metadata(key_id)["CurrentKeyMaterialId"],
    }


def test_encrypting_twice_gives_different_ciphertexts(kms: Kms) -> None:
    key_id = kms.key()
    assert len({kms.encrypt(key_id) for _ in range(10)}) == 10


@pytest.mark.parametrize(
    ("plaintext", "bound"),
    [(b"", "greater than or equal to 1"), (bytes(4097), "less than or equal to 4096")],
)
def test_a_plaintext_has_a_size(kms: Kms, plaintext: bytes, bound: str) -> None:
    """A refusal never quotes the plaintext."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member "
        f"must have length {bound}",
    ):
        kms("Encrypt", KeyId=kms.key(), Plaintext=plaintext)


# The encryption context


def test_the_order_of_a_context_does_not_matter(kms: Kms) -> None:
    blob = kms.encrypt(kms.key(), EncryptionContext=CONTEXT)
    assert kms.decrypt(blob, EncryptionContext=dict(reversed(CONTEXT.items())))


def test_no_context_is_the_empty_one(kms: Kms) -> None:
    key_id = kms.key()
    assert kms.decrypt(kms.encrypt(key_id, EncryptionContext={}))
    assert kms.decrypt(kms.encrypt(key_id), EncryptionContext={})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"tenant": "one"},
        {**CONTEXT, "more": ""},
        {**CONTEXT, "tenant": "two"},
        {**CONTEXT, "tenant": "One"},
        {"Tenant": "one", "purpose": "orders"},
        {"tenant": "orders", "purpose": "one"},
        {"tenantone": "", "purpose": "orders"},
        {"one": "tenant", "orders": "purpose"},
    ],
)
def test_another_context_opens_nothing(kms: Kms, wrong: dict[str, str]) -> None:
    """InvalidCiphertextException with an empty message: nothing is said about why."""
    key_id = kms.key()
    blob = kms.encrypt(key_id, EncryptionContext=CONTEXT)
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(blob, EncryptionContext=wrong)
    with refused("InvalidCiphertextException", ""):
        kms(
            "ReEncrypt",
            CiphertextBlob=blob,
            SourceEncryptionContext=wrong,
            DestinationKeyId=key_id,
        )


@pytest.mark.parametrize("bad", ["\ud800", "a\udc00b"])
@pytest.mark.parametrize("operation", ["Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt"])
def test_a_context_is_unicode(kms: Kms, operation: str, bad: str) -> None:
    """A lone surrogate can be written in JSON; it is no text."""
    key_id = kms.key()
    members: dict[str, dict[str, Any]] = {
        "Encrypt": {"KeyId": key_id, "Plaintext": b"x"},
        "Decrypt": {"CiphertextBlob": kms.encrypt(key_id)},
        "GenerateDataKey": {"KeyId": key_id, "KeySpec": "AES_256"},
        "ReEncrypt": {"CiphertextBlob": kms.encrypt(key_id), "DestinationKeyId": key_id},
    }
    name = "DestinationEncryptionContext" if operation == "ReEncrypt" else "EncryptionContext"
    for context in ({bad: "value"}, {"key": bad}):
        with refused("SerializationException"):
            kms(operation, **members[operation], **{name: context})


def test_a_context_may_hold_any_unicode(kms: Kms) -> None:
    context = {"ключ": "\U0001f511", "": "", "\x00": "\n", "a" * 4000: "b" * 4000}
    assert kms.decrypt(kms.encrypt(kms.key(), EncryptionContext=context), EncryptionContext=context)


# Ciphertexts that do not open


def test_any_flipped_bit_is_refused(kms: Kms) -> None:
    """Without a word about why; in the key ID it may say that no such key is here."""
    blob = kms.encrypt(kms.key())
    for place in range(len(blob)):
        flipped = bytearray(blob)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises(Refused) as caught:
            kms.decrypt(bytes(flipped))
        answer = (caught.value.code, caught.value.message)
        absent = ("AccessDeniedException", denied(kms, "Decrypt"))
        assert answer in [("InvalidCiphertextException", ""), *[absent] * (place in KEY_ID)]


@pytest.mark.parametrize("cut", [1, 36, 37, 100, -1])
def test_a_piece_of_a_ciphertext_is_refused(kms: Kms, cut: int) -> None:
    blob = kms.encrypt(kms.key())
    for piece in (blob[:cut], blob + b"\x00"):
        with refused("InvalidCiphertextException", ""):
            kms.decrypt(piece)


def test_a_ciphertext_has_a_size(kms: Kms) -> None:
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(b"\x01" * 6144)
    with refused("ValidationException"):
        kms.decrypt(b"\x01" * 6145)
    with refused("ValidationException"):
        kms.decrypt(b"")


@pytest.mark.parametrize("operation", ["Decrypt", "ReEncrypt"])
def test_a_ciphertext_is_needed(kms: Kms, operation: str) -> None:
    members = {"DestinationKeyId": kms.key()} if operation == "ReEncrypt" else {}
    with refused(
        "ValidationException",
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
        "constraint: Member must not be null",
    ):
        kms(operation, **members)


def test_a_ciphertext_of_a_key_that_is_gone_is_access_denied(
    region: RegionUnderTest, kms: Kms
) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    region.clock.move(days=30)
    assert region.step_schedule() == 1
    with refused("AccessDeniedException", denied(kms, "Decrypt")):
        kms.decrypt(blob)
    with refused("AccessDeniedException", denied(kms, "ReEncryptFrom")):
        kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=kms.key())


# The key that is named


def test_the_named_key_must_be_the_one_that_encrypted(kms: Kms) -> None:
    """Checked before the context, before the state, and before whether it opens at all."""
    right, wrong = kms.key(), kms.key()
    blob = kms.encrypt(right, EncryptionContext=CONTEXT)
    assert kms.decrypt(blob, KeyId=right, EncryptionContext=CONTEXT)
    kms("DisableKey", KeyId=wrong)
    for context in (CONTEXT, {}):
        with refused("IncorrectKeyException", INCORRECT):
            kms.decrypt(blob, KeyId=wrong, EncryptionContext=context)
        with refused("IncorrectKeyException", INCORRECT):
            kms("ReEncrypt", CiphertextBlob=blob, SourceKeyId=wrong, DestinationKeyId=right)


def test_garbage_under_a_named_key_is_an_invalid_ciphertext(kms: Kms) -> None:
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(b"garbage", KeyId=kms.key())


def test_the_state_is_checked_before_the_context(kms: Kms) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id, EncryptionContext=CONTEXT)
    kms("DisableKey", KeyId=key_id)
    with refused("DisabledException", f"{kms.arn(key_id)} is disabled."):
        kms.decrypt(blob)


# Algorithms, grant tokens, recipients


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])
def test_an_algorithm_of_another_kind_of_key_is_refused(kms: Kms, algorithm: str) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id, EncryptionAlgorithm="SYMMETRIC_DEFAULT")
    assert kms.decrypt(blob, EncryptionAlgorithm="SYMMETRIC_DEFAULT")
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("Encrypt", "EncryptionAlgorithm", {"KeyId": key_id, "Plaintext": b"x"}),
        ("Decrypt", "EncryptionAlgorithm", {"CiphertextBlob": blob, "KeyId": key_id}),
        (
            "ReEncrypt",
            "SourceEncryptionAlgorithm",
            {"CiphertextBlob": blob, "SourceKeyId": key_id, "DestinationKeyId": key_id},
        ),
        (
            "ReEncrypt",
            "DestinationEncryptionAlgorithm",
            {"CiphertextBlob": blob, "DestinationKeyId": key_id},
        ),
    ]
    text = f"Algorithm {algorithm} is incompatible with key spec SYMMETRIC_DEFAULT."
    for operation, name, members in calls:
        with refused("InvalidKeyUsageException", text):
            kms(operation, **members, **{name: algorithm})


def test_grant_tokens_are_not_ours(kms: Kms) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id, GrantTokens=[])
    calls: list[tuple[str, dict[str, Any]]] = [
        ("Encrypt", {"KeyId": key_id, "Plaintext": b"x"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key_id}),
        ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("GenerateDataKeyWithoutPlaintext", {"KeyId": key_id, "KeySpec": "AES_256"}),
    ]
    for operation, members in calls:
        with refused("InvalidGrantTokenException", NOT_OURS):
            kms(operation, GrantTokens=["AQpA"], **members)
        with refused("ValidationException"):
            kms(operation, GrantTokens=["AQpA"] * 11, **members)


@pytest.mark.parametrize("operation", ["Decrypt", "GenerateDataKey", "GenerateRandom"])
def test_no_attestation_document_is_trusted(kms: Kms, operation: str) -> None:
    """And nothing is given out in clear instead."""
    key_id = kms.key()
    members: dict[str, dict[str, Any]] = {
        "Decrypt": {"CiphertextBlob": kms.encrypt(key_id)},
        "GenerateDataKey": {"KeyId": key_id, "KeySpec": "AES_256"},
        "GenerateRandom": {"NumberOfBytes": 32},
    }
    document = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    for recipient in ({}, document):
        with refused("ValidationException", ATTESTED):
            kms(operation, Recipient=recipient, **members[operation])


# Dry runs


def test_a_dry_run_that_would_succeed(kms: Kms) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("Encrypt", {"KeyId": key_id, "Plaintext": b"x"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("Decrypt", {"CiphertextBlob": blob, "KeyId": key_id}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key_id}),
        ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("GenerateDataKeyWithoutPlaintext", {"KeyId": key_id, "KeySpec": "AES_256"}),
    ]
    for operation, members in calls:
        with refused("DryRunOperationException", DRY):
            kms(operation, DryRun=True, **members)
        assert kms(operation, DryRun=False, **members)


def test_a_dry_run_that_would_fail_fails_as_it_would(kms: Kms) -> None:
    key_id, other = kms.key(), kms.key()
    blob = kms.encrypt(key_id, EncryptionContext=CONTEXT)
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(blob, DryRun=True)
    with refused("IncorrectKeyException", INCORRECT):
        kms.decrypt(blob, KeyId=other, DryRun=True)
    with refused("InvalidCiphertextException", ""):
        kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other, DryRun=True)
    with refused("NotFoundException"):
        kms.encrypt("alias/none", DryRun=True)
    kms("DisableKey", KeyId=key_id)
    with refused("DisabledException"):
        kms.encrypt(key_id, DryRun=True)


def test_a_dry_run_may_ignore_the_ciphertext(kms: Kms) -> None:
    key_id, stopped = kms.key(), kms.key()
    kms("DisableKey", KeyId=stopped)
    ignoring = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    for ciphertext in ({}, {"CiphertextBlob": b"garbage"}):
        with refused("DryRunOperationException", DRY):
            kms("Decrypt", KeyId=key_id, **ciphertext, **ignoring)
        with refused("DryRunOperationException", DRY):
            kms("ReEncrypt", SourceKeyId=key_id, DestinationKeyId=key_id, **ciphertext, **ignoring)
    with refused("DisabledException"):
        kms("Decrypt", KeyId=stopped, **ignoring)
    with refused("DisabledException"):
        kms("ReEncrypt", SourceKeyId=stopped, DestinationKeyId=key_id, **ignoring)
    with refused("ValidationException", "KeyId is required when the ciphertext is ignored."):
        kms("Decrypt", **ignoring)
    with refused("InvalidGrantTokenException", NOT_OURS):
        kms("Decrypt", KeyId=key_id, GrantTokens=["AQpA"], **ignoring)
    with refused("InvalidKeyUsageException"):
        kms("Decrypt", KeyId=key_id, EncryptionAlgorithm="SM2PKE", **ignoring)


def test_only_a_dry_run_ignores_the_ciphertext(kms: Kms) -> None:
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(b"garbage", KeyId=kms.key(), DryRunModifiers=["IGNORE_CIPHERTEXT"])


# ReEncrypt


def test_re_encrypting_moves_to_another_key_and_context(kms: Kms) -> None:
    source, destination = kms.key(), kms.key(MultiRegion=True)
    blob = kms.encrypt(source, EncryptionContext=CONTEXT)
    moved = kms(
        "ReEncrypt",
        CiphertextBlob=blob,
        SourceEncryptionContext=CONTEXT,
        SourceKeyId=kms.arn(source),
        DestinationKeyId=destination,
        DestinationEncryptionContext={"tenant": "two"},
    )
    after = moved.pop("CiphertextBlob")
    assert moved == {
        "SourceKeyId": kms.arn(source),
        "KeyId": kms.arn(destination),
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": kms.metadata(source)["CurrentKeyMaterialId"],
        "DestinationKeyMaterialId": kms.metadata(destination)["CurrentKeyMaterialId"],
    }
    assert kms.decrypt(after, EncryptionContext={"tenant": "two"}) == b"attack at dawn"
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(after, EncryptionContext=CONTEXT)


def test_re_encrypting_under_the_same_key(kms: Kms) -> None:
    key_id = kms.key()
    blob = kms.encrypt(key_id)
    after = kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key_id)["CiphertextBlob"]
    assert after != blob
    assert kms.decrypt(after) == kms.decrypt(blob)


def test_re_encrypting_needs_a_destination(kms: Kms) -> None:
    blob = kms.encrypt(kms.key())
    with refused("ValidationException"):
        kms("ReEncrypt", CiphertextBlob=blob)
    with refused("NotFoundException"):
        kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId="alias/none")
