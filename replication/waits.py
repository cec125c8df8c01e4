"""What the primary waits for before it goes on: a pending rotation, or a handover (D6, D7).

A wait names the entry of this region's own log that must be applied by others. A log that began
anew, or a primary that has just taken over, has no such entry yet: then the wait is to be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from replication.shared import SharedState

TO_BE_REPEATED: Final = 0
"""The sequence number of a wait whose entry is still to be appended."""


class WaitKind(StrEnum):
    """What is waited for."""

    ROTATION = "rotation"  # every waited-for region holds the pending material
    HANDOVER = "handover"  # the new primary's region knows that it leads


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait of one key: for entry `sequence` of this region's log to be applied."""

    key_id: str
    kind: WaitKind
    sequence: int


def waited_for(
    wait: Wait, shared: SharedState, acknowledged: Mapping[str, int], evicted: Collection[str]
) -> tuple[str, ...]:
    """The regions that have not applied the wait's entry yet.

    An evicted region is not waited for by a rotation; a handover waits for the new primary alone.
    """
    regions = (
        tuple(each for each in shared.replicas if each not in evicted)
        if wait.kind is WaitKind.ROTATION
        else (shared.primary,)
    )
    return tuple(each for each in regions if acknowledged.get(each, 0) < wait.sequence)


def need_wait_no_longer(
    wait: Wait, shared: SharedState, acknowledged: Mapping[str, int], evicted: Collection[str]
) -> bool:
    """Whether the primary can carry on: nobody is waited for, or the entry is to be told again."""
    return wait.sequence == TO_BE_REPEATED or not waited_for(wait, shared, acknowledged, evicted)
