"""GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.client import Kms, refused

ONE_OF_TWO = "Please specify either number of bytes or key spec."
WITH = "GenerateDataKey"
WITHOUT = "GenerateDataKeyWithoutPlaintext"
both = pytest.mark.parametrize("operation", [WITH, WITHOUT])


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        ({"KeySpec": "AES_128"}, 16),
        ({"KeySpec": "AES_256"}, 32),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024}, 1024),
    ],
)
@both
def test_a_data_key_and_its_ciphertext(
    kms: Kms, operation: str, wish: dict[str, Any], size: int
) -> None:
    key_id = kms.key()
    context = {"tenant": "one"}
    made = kms(operation, KeyId=key_id, EncryptionContext=context, **wish)
    plaintext = kms.decrypt(made.pop("CiphertextBlob"), EncryptionContext=context)
    assert len(plaintext) == size
    assert made.pop("Plaintext", plaintext) == plaintext
    assert made == {
        "KeyId": kms.arn(key_id),
        "KeyMaterialId": kms.metadata(key_id)["CurrentKeyMaterialId"],
    }


def test_only_one_of_the_two_shows_the_plaintext(kms: Kms) -> None:
    key_id = kms.key()
    assert "Plaintext" in kms(WITH, KeyId=key_id, KeySpec="AES_256")
    assert "Plaintext" not in kms(WITHOUT, KeyId=key_id, KeySpec="AES_256")


@both
def test_every_data_key_is_another(kms: Kms, operation: str) -> None:
    key_id = kms.key()
    blobs = [kms(operation, KeyId=key_id, KeySpec="AES_256")["CiphertextBlob"] for _ in range(10)]
    assert len({kms.decrypt(blob) for blob in blobs}) == 10


@both
def test_the_context_of_a_data_key_is_needed_to_open_it(kms: Kms, operation: str) -> None:
    made = kms(operation, KeyId=kms.key(), KeySpec="AES_256", EncryptionContext={"a": "b"})
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(made["CiphertextBlob"])


@both
@pytest.mark.parametrize("wish", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}])
def test_either_a_spec_or_a_size(kms: Kms, operation: str, wish: dict[str, Any]) -> None:
    with refused("ValidationException", ONE_OF_TWO):
        kms(operation, KeyId=kms.key(), **wish)


@both
@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (
            {"NumberOfBytes": 0},
            "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1",
        ),
        (
            {"NumberOfBytes": 1025},
            "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value "
            "less than or equal to 1024",
        ),
        (
            {"KeySpec": "AES_512"},
            "Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum "
            "value set: [AES_256, AES_128]",
        ),
    ],
)
def test_sizes_out_of_bounds(kms: Kms, operation: str, wish: dict[str, Any], message: str) -> None:
    with refused("ValidationException", f"1 validation error detected: {message}"):
        kms(operation, KeyId=kms.key(), **wish)


@pytest.mark.parametrize("size", [1, 32, 1024])
def test_random_bytes(kms: Kms, size: int) -> None:
    answer = kms("GenerateRandom", NumberOfBytes=size)
    assert list(answer) == ["Plaintext"]
    assert len(answer["Plaintext"]) == size


def test_random_bytes_differ(kms: Kms) -> None:
    assert len({kms("GenerateRandom", NumberOfBytes=16)["Plaintext"] for _ in range(10)}) == 10


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "ValidationException", "NumberOfBytes is required."),
        (
            {"NumberOfBytes": 0},
            "ValidationException",
            "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"NumberOfBytes": 8, "CustomKeyStoreId": "cks-1"},
            "CustomKeyStoreNotFoundException",
            "Custom key store cks-1 does not exist.",
        ),
    ],
)
def test_random_bytes_that_cannot_be_had(
    kms: Kms, members: dict[str, Any], code: str, message: str
) -> None:
    with refused(code, message):
        kms("GenerateRandom", **members)
