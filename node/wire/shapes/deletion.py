"""ScheduleKeyDeletion, CancelKeyDeletion."""

from __future__ import annotations

from node.wire.shapes import types
from node.wire.shapes.base import Shape


class ScheduleKeyDeletionRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html

    The model allows 1 to 365 days; that KMS accepts 7 to 30 is for the operation to say.
    """

    key_id: types.KeyId
    pending_window_in_days: types.PendingWindowInDays | None = None


class ScheduleKeyDeletionResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
    deletion_date: types.Timestamp | None = None
    key_state: types.KeyState | None = None
    pending_window_in_days: types.PendingWindowInDays | None = None


class CancelKeyDeletionRequest(Shape, frozen=True, kw_only=True):
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html"""

    key_id: types.KeyId


class CancelKeyDeletionResponse(Shape, frozen=True, kw_only=True):
    key_id: types.KeyId | None = None
