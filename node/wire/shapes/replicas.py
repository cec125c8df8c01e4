"""ReplicateKey and UpdatePrimaryRegion."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape
from node.wire.shapes.structures import KeyMetadata, Tag


class ReplicateKeyRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html"""

    key_id: types.KeyId
    replica_region: types.Region
    policy: types.Policy | None = None
    bypass_policy_lockout_safety_check: bool | None = None
    description: types.Description | None = None
    tags: list[Tag] | None = None


class ReplicateKeyResponse(Shape, frozen=True, kw_only=True):
    replica_key_metadata: KeyMetadata | None = None
    replica_policy: types.Policy | None = None
    replica_tags: list[Tag] | None = None


class UpdatePrimaryRegionRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html"""

    key_id: types.KeyId
    primary_region: types.Region
