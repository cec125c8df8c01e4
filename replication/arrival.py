"""Whether key material that a region does not hold may still be on its way to it.

Pure. A ciphertext names its material (decision D2). Where the material is not held, nobody but a
region that has read every log to its end can tell a ciphertext that was made up from one that came
faster than its material: see docs/decisions/0017.
"""

from __future__ import annotations

from replication.entries import Entry
from replication.position import Cursor, CursorState
from replication.shared import SharedState


def may_arrive(
    material_id: str, shared: SharedState | None, *, heard_everyone: bool, evicted: bool
) -> bool:
    """Whether a region that lacks a material of its key may be sent it yet.

    `shared` is what the region knows of the key's set; None for a single-Region key, which is sent
    nothing. `heard_everyone`: every peer's log was read to its end after the question came up. An
    evicted region is never sure: rotations went on without asking what it holds.
    """
    if shared is None:
        return False
    return material_id in shared.needed or evicted or not heard_everyone


def falls_short(cursor: Cursor, end: Entry | None) -> bool:
    """Whether a stream that ends with `end` cannot show how far its origin's log goes.

    It shows no entry of the origin, or fewer than were applied: it lost its tail, and the origin
    will fill it again. Or it shows another one than was applied in that place: the origin's store
    went back to an old copy, and the origin has written on since.
    """
    if end is None:
        return True
    if cursor.state is CursorState.RESYNCING:
        return False
    if end.log_id != cursor.log_id or end.sequence < cursor.sequence:
        return True
    return end.sequence == cursor.sequence and end.digest != cursor.digest


def reaches(cursor: Cursor, end: Entry) -> bool:
    """Whether everything up to `end` of the origin's log is applied."""
    return (
        cursor.state is CursorState.FOLLOWING
        and cursor.log_id == end.log_id
        and cursor.sequence >= end.sequence
    )
