"""What may happen to a key: pure functions from a key to the key after it.

Callers have checked the state (state.py). Source: KMS Developer Guide, "Deleting AWS KMS keys" and
"Deleting multi-Region keys".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from node.model.imports import settled, without
from node.model.key import Key, KeyState
from replication.imports import dropped
from replication.shared import SharedState

DAY_SECONDS: Final = 86_400
DEFAULT_WINDOW_DAYS: Final = 30


def enabled(key: Key) -> Key:
    """The key, enabled."""
    return replace(key, state=KeyState.ENABLED)


def disabled(key: Key) -> Key:
    """The key, disabled."""
    return replace(key, state=KeyState.DISABLED)


def deletion_scheduled(key: Key, window_days: int, now: float) -> Key:
    """The key, to be deleted after the window; a primary with replicas waits for them first."""
    if key.is_primary and key.shared is not None and key.shared.replicas:
        return replace(
            key, state=KeyState.PENDING_REPLICA_DELETION, pending_window_days=window_days
        )
    return _window_begun(key, window_days, now)


def deletion_cancelled(key: Key) -> Key:
    """The key, no longer to be deleted; KMS leaves it disabled."""
    return settled(
        replace(key, state=KeyState.DISABLED, deletion_date=None, pending_window_days=None)
    )


def shared_changed(key: Key, shared: SharedState, now: float) -> Key:
    """The key with a new version of its shared properties.

    A primary whose last replica is gone and that waited for that begins its own window.
    """
    changed = replace(key, shared=shared)
    if _new_epoch(key, shared):
        changed = handed_over(changed)
    if key.shared is not None:
        changed = without(changed, dropped(key.shared, shared))
    waited = key.state is KeyState.PENDING_REPLICA_DELETION and not shared.replicas
    if waited and key.pending_window_days is not None:
        return _window_begun(changed, key.pending_window_days, now)
    return changed


def handing_over(key: Key) -> Key:
    """The old primary key, until the new primary's region knows that it leads."""
    return replace(key, state=KeyState.UPDATING)


def handed_over(key: Key) -> Key:
    """The old primary key afterwards: only an enabled key can be handed over."""
    return enabled(key) if key.state is KeyState.UPDATING else key


def rotation_due(key: Key) -> float | None:
    """When this region is to rotate the key (epoch seconds), if it is to.

    Only an enabled key is rotated, and of related keys only the primary; one that is overdue when
    it is enabled again is rotated at once.
    """
    pending = key.materials.pending is not None
    if key.state is not KeyState.ENABLED or key.is_replica or pending:
        return None
    return key.materials.next_rotation


def deletion_due(key: Key, now: float) -> bool:
    """Whether the key's window has ended."""
    pending = key.state is KeyState.PENDING_DELETION
    return pending and key.deletion_date is not None and key.deletion_date <= now


def _new_epoch(key: Key, shared: SharedState) -> bool:
    return key.shared is not None and shared.version.epoch > key.shared.version.epoch


def _window_begun(key: Key, window_days: int, now: float) -> Key:
    return replace(
        key,
        state=KeyState.PENDING_DELETION,
        deletion_date=now + window_days * DAY_SECONDS,
        pending_window_days=None,
    )
