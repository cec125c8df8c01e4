"""The operations on imported key material."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class GetParametersForImportRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html"""

    key_id: types.KeyId
    wrapping_algorithm: types.WrappingAlgorithm
    wrapping_key_spec: types.WrappingKeySpec


class GetParametersForImportResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    import_token: types.Ciphertext | None = None
    public_key: types.Plaintext | None = None
    parameters_valid_to: types.Timestamp | None = None


class ImportKeyMaterialRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html"""

    key_id: types.KeyId
    import_token: types.Ciphertext
    encrypted_key_material: types.Ciphertext
    valid_to: types.Timestamp | None = None
    expiration_model: types.ExpirationModel | None = None
    import_type: types.ImportType | None = None
    key_material_description: types.KeyMaterialDescription | None = None
    key_material_id: types.KeyMaterialId | None = None


class ImportKeyMaterialResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    key_material_id: types.KeyMaterialId | None = None


class DeleteImportedKeyMaterialRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html"""

    key_id: types.KeyId
    key_material_id: types.KeyMaterialId | None = None


class DeleteImportedKeyMaterialResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    key_material_id: types.KeyMaterialIdOrNone | None = None
