"""GetKeyLastUsage."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class GetKeyLastUsageRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html"""

    key_id: types.KeyId


class KeyLastUsageData(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyLastUsageData.html"""

    operation: types.KeyLastUsageTrackingOperation | None = None
    timestamp: types.Timestamp | None = None
    cloud_trail_event_id: str | None = None
    kms_request_id: str | None = None


class GetKeyLastUsageResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    key_last_usage: KeyLastUsageData | None = None
    tracking_start_date: types.Timestamp | None = None
    key_creation_date: types.Timestamp | None = None
