"""GetPublicKey."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class GetPublicKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html"""

    key_id: types.KeyId
    grant_tokens: types.GrantTokens | None = None


class GetPublicKeyResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    public_key: types.PublicKey | None = None
    customer_master_key_spec: types.CustomerMasterKeySpec | None = None
    key_spec: types.KeySpec | None = None
    key_usage: types.KeyUsage | None = None
    encryption_algorithms: list[types.EncryptionAlgorithm] | None = None
    signing_algorithms: list[types.SigningAlgorithm] | None = None
    key_agreement_algorithms: list[types.KeyAgreementAlgorithm] | None = None
    encapsulation_algorithms: list[types.EncapsulationAlgorithm] | None = None
