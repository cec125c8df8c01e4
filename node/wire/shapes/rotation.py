"""The rotation operations: enable, disable, status, on demand, list."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class EnableKeyRotationRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html"""

    key_id: types.KeyId
    rotation_period_in_days: types.RotationPeriodInDays | None = None


class DisableKeyRotationRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html"""

    key_id: types.KeyId


class GetKeyRotationStatusRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html"""

    key_id: types.KeyId


class GetKeyRotationStatusResponse(Shape, frozen=True, kw_only=True):
    key_rotation_enabled: bool | None = None
    key_id: types.KeyId | None = None
    rotation_period_in_days: types.RotationPeriodInDays | None = None
    next_rotation_date: types.Timestamp | None = None
    on_demand_rotation_start_date: types.Timestamp | None = None


class RotateKeyOnDemandRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html"""

    key_id: types.KeyId


class RotateKeyOnDemandResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None


class ListKeyRotationsRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html"""

    key_id: types.KeyId
    include_key_material: types.IncludeKeyMaterial | None = None
    limit: types.Limit | None = None
    marker: types.Marker | None = None


class RotationsListEntry(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html"""

    key_id: types.KeyId | None = None
    key_material_id: types.KeyMaterialId | None = None
    key_material_description: types.KeyMaterialDescription | None = None
    import_state: types.ImportState | None = None
    key_material_state: types.KeyMaterialState | None = None
    expiration_model: types.ExpirationModel | None = None
    valid_to: types.Timestamp | None = None
    rotation_date: types.Timestamp | None = None
    rotation_type: types.RotationType | None = None


class ListKeyRotationsResponse(Shape, frozen=True, kw_only=True):
    rotations: list[RotationsListEntry] | None = None
    next_marker: types.Marker | None = None
    truncated: bool | None = None
