"""What may happen to a key: pure functions from a key to the key after it.

Callers have checked the state (state.py). Source: KMS Developer Guide, "Deleting AWS KMS keys" and
"Deleting multi-Region keys".
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Final

from node.model.imports import settled, without
from node.model.key import Key, KeyState
from replication.imports import dropped
from replication.shared import SharedState

DAY_SECONDS: Final = 86_400
DEFAULT_WINDOW_DAYS: Final = 30
LEAST_WINDOW_DAYS: Final = 7


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
    """The key with a new version of its shared properties. A deletion follows its new role.

    A primary that waited for its last replica to go, or that is a replica now, begins its own
    window. A key that became a primary with replicas waits for them first, however it came to that.
    """
    changed = replace(key, shared=shared)
    if _new_epoch(key, shared):
        changed = handed_over(changed)
    if key.shared is not None:
        changed = without(changed, dropped(key.shared, shared))
    waits = changed.is_primary and bool(shared.replicas)
    if key.state is KeyState.PENDING_REPLICA_DELETION and not waits:
        return _window_begun(changed, key.pending_window_days or DEFAULT_WINDOW_DAYS, now)
    if key.state is KeyState.PENDING_DELETION and waits:
        return _waiting_for_replicas(changed, now)
    return changed


def handing_over(key: Key) -> Key:
    """The old primary key, until the new primary's region knows that it leads."""
    return replace(key, state=KeyState.UPDATING)


def handed_over(key: Key) -> Key:
    """The old primary key afterwards: only an enabled key can be handed over."""
    return enabled(key) if key.state is KeyState.UPDATING else key


def can_lead(key: Key) -> bool:
    """Whether a replica key can be made the primary (KMS API Reference, UpdatePrimaryRegion)."""
    return key.state in (KeyState.ENABLED, KeyState.UPDATING)


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


def _waiting_for_replicas(key: Key, now: float) -> Key:
    """What is left of the key's window, and not less than KMS's least, begins after them."""
    left = ceil(((key.deletion_date or now) - now) / DAY_SECONDS)
    return replace(
        key,
        state=KeyState.PENDING_REPLICA_DELETION,
        deletion_date=None,
        pending_window_days=max(LEAST_WINDOW_DAYS, left),
    )


def _window_begun(key: Key, window_days: int, now: float) -> Key:
    return replace(
        key,
        state=KeyState.PENDING_DELETION,
        deletion_date=now + window_days * DAY_SECONDS,
        pending_window_days=None,
    )
