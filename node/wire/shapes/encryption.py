"""Encrypt, Decrypt, ReEncrypt."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import RecipientInfo


class EncryptRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html"""

    key_id: types.KeyId
    plaintext: types.Plaintext
    encryption_context: types.EncryptionContext | None = None
    grant_tokens: types.GrantTokens | None = None
    encryption_algorithm: types.EncryptionAlgorithm | None = None
    dry_run: bool | None = None


class EncryptResponse(Shape, frozen=True, kw_only=True):
    ciphertext_blob: types.Ciphertext | None = None
    key_id: types.KeyId | None = None
    encryption_algorithm: types.EncryptionAlgorithm | None = None


class DecryptRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html

    The ciphertext may be absent only in a dry run that ignores it: the operation checks that.
    """

    ciphertext_blob: types.Ciphertext | None = None
    encryption_context: types.EncryptionContext | None = None
    grant_tokens: types.GrantTokens | None = None
    key_id: types.KeyId | None = None
    encryption_algorithm: types.EncryptionAlgorithm | None = None
    recipient: RecipientInfo | None = None
    dry_run: bool | None = None
    dry_run_modifiers: types.DryRunModifiers | None = None


class DecryptResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    plaintext: types.Plaintext | None = None
    encryption_algorithm: types.EncryptionAlgorithm | None = None
    ciphertext_for_recipient: types.Ciphertext | None = None
    key_material_id: types.KeyMaterialId | None = None


class ReEncryptRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html"""

    ciphertext_blob: types.Ciphertext | None = None
    source_encryption_context: types.EncryptionContext | None = None
    source_key_id: types.KeyId | None = None
    destination_key_id: types.KeyId
    destination_encryption_context: types.EncryptionContext | None = None
    source_encryption_algorithm: types.EncryptionAlgorithm | None = None
    destination_encryption_algorithm: types.EncryptionAlgorithm | None = None
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None
    dry_run_modifiers: types.DryRunModifiers | None = None


class ReEncryptResponse(Shape, frozen=True, kw_only=True):
    ciphertext_blob: types.Ciphertext | None = None
    source_key_id: types.KeyId | None = None
    key_id: types.KeyId | None = None
    source_encryption_algorithm: types.EncryptionAlgorithm | None = None
    destination_encryption_algorithm: types.EncryptionAlgorithm | None = None
    source_key_material_id: types.KeyMaterialId | None = None
    destination_key_material_id: types.KeyMaterialId | None = None
