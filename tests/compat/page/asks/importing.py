"""Calls about imported key material."""

from __future__ import annotations

import os
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from tests.compat.page.asks.common import Calls, values
from tests.compat.page.ground import Ground
from tests.outside import public_keys

OAEP = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
FOR_EVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
AES_KEY_BYTES = 32


def get_parameters_for_import(on: Ground) -> Calls:
    key = on.new_external_key()
    for spec in values("GetParametersForImport", "WrappingKeySpec"):
        yield {"KeyId": key, **OAEP, "WrappingKeySpec": spec}
    for algorithm in values("GetParametersForImport", "WrappingAlgorithm"):
        yield {"KeyId": key, **OAEP, "WrappingAlgorithm": algorithm}


def import_key_material(on: Ground) -> Calls:
    expires = on.now() + 1000
    yield prepared(on) | FOR_EVER
    yield prepared(on) | {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": expires}
    yield prepared(on) | FOR_EVER | {"ImportType": "NEW_KEY_MATERIAL"}
    yield prepared(on) | FOR_EVER | {"KeyMaterialDescription": "first"}
    key, material = on.new_external_key(), os.urandom(AES_KEY_BYTES)
    yield prepared(on, key, material) | FOR_EVER
    held = {"ImportType": "EXISTING_KEY_MATERIAL", "KeyMaterialId": material_id(on, key)}
    yield prepared(on, key, material) | FOR_EVER | held
    for algorithm in ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256", "RSAES_OAEP_SHA_1"):
        yield prepared(on, algorithm=algorithm) | FOR_EVER


def delete_imported_key_material(on: Ground) -> Calls:
    for named in (False, True):
        members = prepared(on)
        attempt(on, "import_key_material", **members, **FOR_EVER)
        key = members["KeyId"]
        yield {"KeyId": key, **({"KeyMaterialId": material_id(on, key)} if named else {})}


def prepared(
    on: Ground,
    key: str | None = None,
    material: bytes | None = None,
    algorithm: str = "RSAES_OAEP_SHA_256",
) -> dict[str, Any]:
    """The members of an import: material wrapped for the key, and its token."""
    key = key or on.new_external_key()
    material = material or os.urandom(AES_KEY_BYTES)
    given = attempt(
        on,
        "get_parameters_for_import",
        KeyId=key,
        WrappingAlgorithm=algorithm,
        WrappingKeySpec="RSA_2048",
    )
    if given is None:
        return {"KeyId": key, "ImportToken": b"a token", "EncryptedKeyMaterial": material}
    wrapped = wrap(algorithm, given["PublicKey"], material)
    return {
        "KeyId": key,
        "ImportToken": given["ImportToken"],
        "EncryptedKeyMaterial": wrapped,
    }


def wrap(algorithm: str, public: bytes, material: bytes) -> bytes:
    """Material for import (KMS Developer Guide, "Encrypt the key material")."""
    oaep = f"RSAES_OAEP_SHA_{algorithm.rpartition('_')[2]}"
    if algorithm == oaep:
        return public_keys.encrypt(oaep, public, material)
    aes = os.urandom(AES_KEY_BYTES)  # RSA_AES_KEY_WRAP: under an AES key, which OAEP wraps
    return public_keys.encrypt(oaep, public, aes) + aes_key_wrap_with_padding(aes, material)


def material_id(on: Ground, key: str) -> str:
    """The ID of a key's current material."""
    metadata = on.kms.describe_key(KeyId=key)["KeyMetadata"]
    return str(metadata.get("CurrentKeyMaterialId", "0" * 64))


def attempt(on: Ground, method: str, **members: Any) -> dict[str, Any] | None:
    """An answer, or None where the operation is not served."""
    try:
        answer: dict[str, Any] = getattr(on.kms, method)(**members)
    except ClientError:
        return None
    return answer
