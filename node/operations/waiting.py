"""What the keys that this region leads wait for: part of Keyspan.GetStatus.

KMS's own answers tell that a rotation is under way (GetKeyRotationStatus:
OnDemandRotationStartDate, or a NextRotationDate that has passed); they have no member for the
Regions that it waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol

from crypto.identity import PublicIdentity
from node.model.status import WaitingKey
from replication.entries import StreamEntry, stream_id, verify_entry
from replication.errors import Refused
from replication.shared import SharedState
from replication.waits import Wait, WaitKind, waited_for

LOOKED_AT_MOST: Final = 1000
SHOWN_MOST: Final = 100


class WaitingStore(Protocol):
    """What is read from the store for this."""

    async def waiting(self, after: str, count: int) -> Sequence[tuple[Wait, SharedState]]: ...

    async def acknowledgements(self) -> dict[str, int]: ...

    async def evicted(self) -> frozenset[str]: ...

    async def outbox(self, first: int, count: int) -> Sequence[StreamEntry]: ...


async def what_waits(store: WaitingStore, identity: PublicIdentity) -> list[WaitingKey]:
    """The keys that wait, those that have waited longest first; `identity` is this region's.

    At most SHOWN_MOST of the first LOOKED_AT_MOST: after a long loss many keys wait alike.
    """
    found = await store.waiting("", LOOKED_AT_MOST)
    if not found:
        return []
    acknowledged = await store.acknowledgements()
    evicted = await store.evicted()
    told: Mapping[int, float] = {
        wait.sequence: moment
        for wait, _ in found
        if wait.kind is WaitKind.HANDOVER
        and (moment := await _appended(store, identity, wait.sequence)) is not None
    }
    rows = [
        _row(wait, shared, waited_for(wait, shared, acknowledged, evicted), told)
        for wait, shared in found
    ]
    return sorted(rows, key=lambda row: row.since or 0.0)[:SHOWN_MOST]


def _row(
    wait: Wait, shared: SharedState, regions: Sequence[str], told: Mapping[int, float]
) -> WaitingKey:
    pending = shared.materials.pending
    if wait.kind is WaitKind.HANDOVER or pending is None:
        return WaitingKey(
            wait.key_id, wait.kind.value, None, told.get(wait.sequence), sorted(regions)
        )
    return WaitingKey(
        wait.key_id,
        wait.kind.value,
        pending.rotation_type.value,
        pending.since,
        sorted(regions),
    )


async def _appended(store: WaitingStore, identity: PublicIdentity, sequence: int) -> float | None:
    """When an entry of this region's log was appended; None if the log keeps it no longer."""
    for record in await store.outbox(sequence, 1):
        if record.id == stream_id(sequence):
            with suppress(Refused):  # what another identity of this region signed
                return verify_entry(identity, record).time
    return None
