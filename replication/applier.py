"""Carries out what other regions' entries mean here, in one transaction with the cursor (D5).

The decisions are apply.py's; this file only fetches what they need, does what they say, and writes
the acknowledgement.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from crypto.identity import PublicIdentity, RegionIdentity
from replication import apply as rules
from replication.errors import Refused
from replication.log import Log
from replication.payloads import (
    Acknowledged,
    RelatedKeysChanged,
    ReplicaDeleted,
    ResyncBegun,
    ResyncEnded,
    ResyncRequested,
)
from replication.ports import Clock, ReplicaStore, ReplicaTransaction
from replication.position import CursorState
from replication.progress import acknowledgement_due, wants_acknowledgement
from replication.reading import Readied

logger = logging.getLogger(__name__)


class Notice(Protocol):
    """Told after a commit; must not block."""

    def appended(self) -> None:
        """This region's own log has new entries."""
        ...

    def acknowledged(self) -> None:
        """A peer may have acknowledged more of this region's log."""
        ...

    def asked(self) -> None:
        """A peer may have asked for a resync."""
        ...


class Applier:
    """Applies readied entries of any origin to this region's store."""

    def __init__(
        self,
        identity: RegionIdentity,
        store: ReplicaStore,
        log: Log,
        clock: Clock,
        notice: Notice,
        peers: Sequence[str],
    ) -> None:
        self._region = identity.region
        self._store = store
        self._log = log
        self._clock = clock
        self._peers = tuple(peers)
        self.notice = notice

    async def apply(self, origin: PublicIdentity, readied: Sequence[Readied]) -> Refused | None:
        """Apply the entries and move the cursor behind the last one, in one transaction.

        An entry that the rules refuse ends it: what came before is applied, and the refusal
        returned.
        """
        async with self._store.replica_transaction() as transaction:
            before = await transaction.log_head()
            done, refusal = await self._each(transaction, readied)
            if done:
                await self._move(transaction, origin.region, done)
            appended = await transaction.log_head() != before
        self._tell(done, appended)
        return refusal

    async def _each(
        self, transaction: ReplicaTransaction, readied: Sequence[Readied]
    ) -> tuple[Sequence[Readied], Refused | None]:
        for number, each in enumerate(readied):
            try:
                effect = await self._decide(transaction, each)
            except Refused as refusal:
                return readied[:number], refusal
            await self._carry_out(transaction, each, effect)
        return readied, None

    def _tell(self, done: Sequence[Readied], appended: bool) -> None:
        if appended:
            self.notice.appended()
        if any(isinstance(each.entry.payload, ResyncRequested) for each in done):
            self.notice.asked()
        self.notice.acknowledged()

    async def _move(
        self, transaction: ReplicaTransaction, origin: str, done: Sequence[Readied]
    ) -> None:
        """Put the cursor behind what was done, and acknowledge if there is a reason to."""
        last = done[-1]
        current = await transaction.cursor(origin)
        if current.request != last.cursor.request:
            return  # a new resync was asked for meanwhile; its answer is what counts
        await transaction.put_cursor(last.cursor)
        if last.cursor.state is not CursorState.FOLLOWING:
            return  # what lies before the answer is not applied until all of the answer is
        wanted = any(wants_acknowledgement(each.entry.payload) for each in done)
        known = (await transaction.last_acknowledgement()).get(origin)
        if acknowledgement_due(last.cursor.position, known, wanted):
            await self._acknowledge(transaction)

    async def _acknowledge(self, transaction: ReplicaTransaction) -> None:
        positions = {
            cursor.origin: cursor.position
            for cursor in await transaction.cursors()
            if cursor.state is CursorState.FOLLOWING
        }
        await self._log.append(transaction, Acknowledged(tuple(positions.items())))
        await transaction.put_last_acknowledgement(positions)

    async def _decide(self, transaction: ReplicaTransaction, readied: Readied) -> rules.Effect:
        entry = readied.entry
        match entry.payload:
            case RelatedKeysChanged(shared) as payload:
                installing = readied.cursor.state is CursorState.INSTALLING
                local = await self._local(transaction, shared.key_id)
                return rules.decide_change(local, entry.origin, payload, installing=installing)
            case ReplicaDeleted(key_id) as payload:
                local = await self._local(transaction, key_id)
                return rules.decide_deletion(local, entry.origin, payload)
            case Acknowledged() as payload:
                head = await transaction.log_head()
                known = await transaction.acknowledged(entry.origin)
                return rules.decide_acknowledgement(
                    self._region, head, known, entry.origin, payload
                )
            case ResyncRequested():
                last = {each.receiver: each for each in await transaction.resyncs()}
                return rules.decide_request(self._region, entry, last.get(entry.origin))
            case ResyncBegun() | ResyncEnded():
                return rules.Skip("the cursor knows")

    async def _local(self, transaction: ReplicaTransaction, key_id: str) -> rules.Local:
        return rules.Local(
            region=self._region,
            log_id=(await transaction.log_head()).log_id,
            shared=await transaction.shared(key_id),
            deleted_at=await transaction.deleted_at(key_id),
        )

    async def _carry_out(
        self, transaction: ReplicaTransaction, readied: Readied, effect: rules.Effect
    ) -> None:
        now = self._clock.now()
        offer = readied.offer
        match effect:
            case rules.CreateRelatedKey(shared) if offer is not None:
                await transaction.create_related_key(shared, offer.properties, offer.materials, now)
            case rules.UpdateShared(shared):
                materials = () if offer is None else offer.materials
                await transaction.put_shared(shared, materials, now)
            case rules.RemoveReplica(shared):
                await transaction.put_shared(shared, (), now)
                await self._log.append(transaction, RelatedKeysChanged(shared))
            case rules.PutAcknowledged(region, sequence):
                await transaction.put_acknowledged(region, sequence)
            case rules.AnswerResync(resync):
                await transaction.put_resync(resync)
            case rules.BeginNewLog():
                await self._begin_new_log(transaction)
            case _:
                pass

    async def _begin_new_log(self, transaction: ReplicaTransaction) -> None:
        """This store was rolled back: peers know more of its log than it does. Begin a new log, and
        ask every peer for what was lost."""
        logger.error(
            "this store is older than its own log (restored or rolled back?); a new log begins"
        )
        await self._log.begin(transaction)
        for peer in self._peers:
            await self._log.request_resync(transaction, peer)
