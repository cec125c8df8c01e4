"""DeriveSharedSecret, Encapsulate, Decapsulate."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import RecipientInfo


class DeriveSharedSecretRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html"""

    key_id: types.KeyId
    key_agreement_algorithm: types.KeyAgreementAlgorithm
    public_key: types.PublicKey
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None
    recipient: RecipientInfo | None = None


class DeriveSharedSecretResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    shared_secret: types.Plaintext | None = None
    ciphertext_for_recipient: types.Ciphertext | None = None
    key_agreement_algorithm: types.KeyAgreementAlgorithm | None = None
    key_origin: types.Origin | None = None


class EncapsulateRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html"""

    key_id: types.KeyId
    encapsulation_algorithm: types.EncapsulationAlgorithm
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class EncapsulateResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    shared_secret: types.Plaintext | None = None
    shared_secret_ciphertext_blob: types.Ciphertext | None = None
    encapsulation_algorithm: types.EncapsulationAlgorithm | None = None


class DecapsulateRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html"""

    key_id: types.KeyId
    shared_secret_ciphertext_blob: types.Ciphertext
    encapsulation_algorithm: types.EncapsulationAlgorithm
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class DecapsulateResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    shared_secret: types.Plaintext | None = None
    encapsulation_algorithm: types.EncapsulationAlgorithm | None = None
