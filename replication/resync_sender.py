"""Answers peers' resync requests, a few key sets a transaction, and goes on after a restart."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from crypto.identity import PublicIdentity
from replication.directory import Directory
from replication.elections import Elections
from replication.imports import report_due
from replication.log import Log
from replication.offers import ReplicaProperties, Subject, seal_offer
from replication.payloads import RelatedKeysChanged, ResyncBegun, ResyncEnded
from replication.ports import Offload, ReplicaStore, ReplicaTransaction
from replication.position import NOWHERE
from replication.primary import sendable
from replication.resync import KEYS_PER_STEP, Resync
from replication.shared import SharedState

logger = logging.getLogger(__name__)


class ResyncSender:
    """Sends this region's view of the related keys to the peers that asked for it."""

    def __init__(
        self,
        region: str,
        store: ReplicaStore,
        log: Log,
        peers: Mapping[str, PublicIdentity],
        directory: Directory,
        elections: Elections,
        offload: Offload[RelatedKeysChanged],
    ) -> None:
        self._region = region
        self._store = store
        self._log = log
        self._peers = peers
        self._directory = directory
        self._elections = elections
        self._offload = offload

    async def step(self) -> bool:
        """Send the next part of one answer. Returns whether there was anything to send."""
        async with self._store.replica_transaction() as transaction:
            for resync in await transaction.resyncs():
                if not resync.ended and resync.receiver in self._peers:
                    await transaction.put_resync(await self._send(transaction, resync))
                    return True
        return False

    async def _send(self, transaction: ReplicaTransaction, resync: Resync) -> Resync:
        if resync.after is None:
            begun = ResyncBegun(resync.receiver, resync.request)
            await self._log.append(transaction, begun)
        after = resync.after or ""
        sets = await transaction.related_keys(after, KEYS_PER_STEP)
        for shared in sets:
            if resync.receiver in shared.regions:
                await self._log.append(transaction, await self._offer(transaction, resync, shared))
                await self._report(transaction, shared)
            elif shared.primary == self._region:  # who holds a key all the same claims its place
                await self._log.append(transaction, RelatedKeysChanged(shared))
        if len(sets) == KEYS_PER_STEP:
            return replace(resync, after=sets[-1].key_id)
        return await self._end(transaction, resync)

    async def _offer(
        self, transaction: ReplicaTransaction, resync: Resync, shared: SharedState
    ) -> RelatedKeysChanged:
        materials = await sendable(transaction, shared)
        receiver = self._peers[resync.receiver]
        applied = await transaction.last_acknowledgement()

        def sealed() -> RelatedKeysChanged:
            offer = seal_offer(
                Subject.of(shared),
                materials,
                origin=self._region,
                receiver=receiver,
                as_of=applied.get(resync.receiver, NOWHERE),
                properties=ReplicaProperties(),
            )
            return RelatedKeysChanged(shared, (offer,))

        return await self._offload(sealed)

    async def _report(self, transaction: ReplicaTransaction, shared: SharedState) -> None:
        report = report_due(self._region, shared, await transaction.held(shared.key_id))
        if report is not None:
            await self._log.append(transaction, report)

    async def _end(self, transaction: ReplicaTransaction, resync: Resync) -> Resync:
        await self._directory.tell_all(transaction, resync.receiver)
        await self._log.repeat_deleted(transaction)
        await self._elections.return_votes(transaction, resync.receiver)
        await self._log.acknowledge(transaction)  # the asker passes over those before the answer
        await self._log.append(transaction, ResyncEnded(resync.receiver, resync.request))
        await self._elections.repeat_asks(transaction, resync.receiver)
        logger.info("sent %s the state it asked for", resync.receiver)
        return replace(resync, after="", ended=True)
