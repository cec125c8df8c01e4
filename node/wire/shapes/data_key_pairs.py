"""GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import RecipientInfo


class GenerateDataKeyPairRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html"""

    encryption_context: types.EncryptionContext | None = None
    key_id: types.KeyId
    key_pair_spec: types.DataKeyPairSpec
    grant_tokens: types.GrantTokens | None = None
    recipient: RecipientInfo | None = None
    dry_run: bool | None = None


class GenerateDataKeyPairResponse(Shape, frozen=True, kw_only=True):
    private_key_ciphertext_blob: types.Ciphertext | None = None
    private_key_plaintext: types.Plaintext | None = None
    public_key: types.PublicKey | None = None
    key_id: types.KeyId | None = None
    key_pair_spec: types.DataKeyPairSpec | None = None
    ciphertext_for_recipient: types.Ciphertext | None = None
    key_material_id: types.KeyMaterialId | None = None


class GenerateDataKeyPairWithoutPlaintextRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html"""

    encryption_context: types.EncryptionContext | None = None
    key_id: types.KeyId
    key_pair_spec: types.DataKeyPairSpec
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class GenerateDataKeyPairWithoutPlaintextResponse(Shape, frozen=True, kw_only=True):
    private_key_ciphertext_blob: types.Ciphertext | None = None
    public_key: types.PublicKey | None = None
    key_id: types.KeyId | None = None
    key_pair_spec: types.DataKeyPairSpec | None = None
    key_material_id: types.KeyMaterialId | None = None
