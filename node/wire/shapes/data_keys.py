"""GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import RecipientInfo


class GenerateDataKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html

    Exactly one of `number_of_bytes` and `key_spec`: the operation checks that.
    """

    key_id: types.KeyId
    encryption_context: types.EncryptionContext | None = None
    number_of_bytes: types.NumberOfBytes | None = None
    key_spec: types.DataKeySpec | None = None
    grant_tokens: types.GrantTokens | None = None
    recipient: RecipientInfo | None = None
    dry_run: bool | None = None


class GenerateDataKeyResponse(Shape, frozen=True, kw_only=True):
    ciphertext_blob: types.Ciphertext | None = None
    plaintext: types.Plaintext | None = None
    key_id: types.KeyId | None = None
    ciphertext_for_recipient: types.Ciphertext | None = None
    key_material_id: types.KeyMaterialId | None = None


class GenerateDataKeyWithoutPlaintextRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html"""

    key_id: types.KeyId
    encryption_context: types.EncryptionContext | None = None
    key_spec: types.DataKeySpec | None = None
    number_of_bytes: types.NumberOfBytes | None = None
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class GenerateDataKeyWithoutPlaintextResponse(Shape, frozen=True, kw_only=True):
    ciphertext_blob: types.Ciphertext | None = None
    key_id: types.KeyId | None = None
    key_material_id: types.KeyMaterialId | None = None


class GenerateRandomRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html"""

    number_of_bytes: types.NumberOfBytes | None = None
    custom_key_store_id: types.CustomKeyStoreId | None = None
    recipient: RecipientInfo | None = None


class GenerateRandomResponse(Shape, frozen=True, kw_only=True):
    plaintext: types.Plaintext | None = None
    ciphertext_for_recipient: types.Ciphertext | None = None
