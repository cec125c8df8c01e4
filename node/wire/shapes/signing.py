"""Sign, Verify."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class SignRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""

    key_id: types.KeyId
    message: types.Plaintext
    message_type: types.MessageType | None = None
    grant_tokens: types.GrantTokens | None = None
    signing_algorithm: types.SigningAlgorithm
    dry_run: bool | None = None


class SignResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    signature: types.Ciphertext | None = None
    signing_algorithm: types.SigningAlgorithm | None = None


class VerifyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html"""

    key_id: types.KeyId
    message: types.Plaintext
    message_type: types.MessageType | None = None
    signature: types.Ciphertext
    signing_algorithm: types.SigningAlgorithm
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class VerifyResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    signature_valid: bool | None = None
    signing_algorithm: types.SigningAlgorithm | None = None
