"""GenerateMac, VerifyMac."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class GenerateMacRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html"""

    message: types.Plaintext
    key_id: types.KeyId
    mac_algorithm: types.MacAlgorithm
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class GenerateMacResponse(Shape, frozen=True, kw_only=True):
    mac: types.Ciphertext | None = None
    mac_algorithm: types.MacAlgorithm | None = None
    key_id: types.KeyId | None = None


class VerifyMacRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html"""

    message: types.Plaintext
    key_id: types.KeyId
    mac_algorithm: types.MacAlgorithm
    mac: types.Ciphertext
    grant_tokens: types.GrantTokens | None = None
    dry_run: bool | None = None


class VerifyMacResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    mac_valid: bool | None = None
    mac_algorithm: types.MacAlgorithm | None = None
