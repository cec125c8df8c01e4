"""A region's own log: signing entries into the transaction of the change they tell of (decision
D5).
"""

from __future__ import annotations

from dataclasses import replace

from crypto.identity import RegionIdentity
from crypto.material import Randomness
from replication.deletion import Deletion
from replication.entries import StreamEntry, sign_entry
from replication.payloads import Acknowledged, Payload, ReplicaDeleted, ResyncRequested
from replication.ports import Clock, ReplicaTransaction
from replication.position import (
    LOG_ID_BYTES,
    LOG_STAMP_BYTES,
    Cursor,
    CursorState,
    LogHead,
    Position,
    later_log_id,
)
from replication.shared import SharedState


class Log:
    """Appends to the log of the region whose identity it holds."""

    def __init__(self, identity: RegionIdentity, clock: Clock, randomness: Randomness) -> None:
        self._identity = identity
        self._clock = clock
        self._randomness = randomness

    async def append(self, transaction: ReplicaTransaction, payload: Payload) -> int:
        """Sign `payload` as the next entry; it is in the outbox when the transaction commits.

        Returns its sequence number.
        """
        await self.entry(transaction, payload)
        return (await transaction.log_head()).sequence

    async def entry(self, transaction: ReplicaTransaction, payload: Payload) -> StreamEntry:
        """Append `payload`, and return the entry as it was signed."""
        head = await transaction.log_head()
        record, after = sign_entry(self._identity, head, payload, self._clock.now())
        await transaction.append(record, after)
        return record

    async def begin(self, transaction: ReplicaTransaction, above: bytes = b"") -> None:
        """Start a new log, with an ID above every other of this region's and above `above`; peers
        that followed the old one will resync.
        """
        tail = self._randomness(LOG_ID_BYTES - LOG_STAMP_BYTES)
        log_id = later_log_id(self._clock.now(), above, tail)
        head = LogHead.begin(self._identity.region, log_id)
        await transaction.begin_log(head, self._identity.public.fingerprint)

    async def declare_deleted(
        self, transaction: ReplicaTransaction, key_id: str, last: SharedState | None
    ) -> None:
        """Tell every region that this region's key of a set is deleted, and remember that.

        `last` is what it knew of the set; None if it had said so before.
        """
        before = await transaction.deletion(key_id)
        sequence = await self.append(transaction, ReplicaDeleted(key_id))
        at = Position((await transaction.log_head()).log_id, sequence)
        if last is not None:
            deletion = Deletion(at, last.version.epoch, last.primary)
            await transaction.put_deletion(key_id, deletion)
        elif before is not None:
            await transaction.put_deletion(key_id, replace(before, at=at))
        else:
            raise LookupError(f"{key_id} was not deleted")

    async def repeat_deleted(self, transaction: ReplicaTransaction) -> None:
        """Tell a peer that may have missed it of every replica key that this region deleted.

        The entry that said it first is named by its log, too: that may be an earlier one, and the
        key may have been replicated anew since, unheard of in a store that went back.
        """
        log_id = (await transaction.log_head()).log_id
        for key_id in await transaction.deleted_replicas():
            deletion = await transaction.deletion(key_id)
            if deletion is None:
                raise LookupError(f"{key_id} was not deleted")
            first = deletion.at
            earlier = first.log_id if first.log_id != log_id else b""
            await self.append(transaction, ReplicaDeleted(key_id, first.sequence, earlier))

    async def ensure(self, transaction: ReplicaTransaction) -> None:
        """Begin a log if there is none, or if the one there is was signed by another identity."""
        signer = await transaction.log_signer()
        if signer is None:
            await self.begin(transaction)
        elif signer != self._identity.public.fingerprint:
            await self.begin(transaction, (await transaction.log_head()).log_id)

    async def acknowledge(self, transaction: ReplicaTransaction) -> None:
        """Tell every region how far its log was applied here."""
        cursors = [
            each for each in await transaction.cursors() if each.state is CursorState.FOLLOWING
        ]
        if not cursors:
            return  # nothing of any log counts as applied yet
        entries = tuple((each.origin, each.applied) for each in cursors)
        await self.append(transaction, Acknowledged(entries))
        await transaction.put_last_acknowledgement({each.origin: each.position for each in cursors})

    async def request_resync(self, transaction: ReplicaTransaction, origin: str) -> Cursor:
        """Ask `origin` for its state, and wait for the answer from now on."""
        cursor = await transaction.cursor(origin)
        await self.append(transaction, ResyncRequested(origin, cursor.applied))
        cursor = cursor.resyncing((await transaction.log_head()).digest)
        await transaction.put_cursor(cursor)
        return cursor
