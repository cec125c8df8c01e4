"""Anti-entropy: tells peers digests of what is held here, judges theirs, asks for what differs.

A difference counts when the same one is found twice: one that is found once may be a change of a
third region that one of the two has not heard of yet. A region that finds it asks the other for its
state, which the rules of apply.py then put right: the primary's word counts, and a primary that
hears another version of what it leads makes a new one of both. A difference that this has not
mended stays in the status, and is not asked about again until it is another one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto.identity import RegionIdentity
from replication.digests import DIRECTORY, Slice, digest, next_slice
from replication.effects import AskForState, Effect, Skip
from replication.entries import verify_entry
from replication.log import Log
from replication.payloads import DigestsTold, PeerDigest
from replication.ports import Clock, ReplicaStore, ReplicaTransaction
from replication.position import CursorState, Position
from replication.progress import changes_nothing

ENTRIES_LOOKED_AT: Final = 64
"""How many of this region's own entries, that a peer had not applied when it told its digests, are
looked at for a change. With more of them the next digests will do."""

logger = logging.getLogger(__name__)


Digests = tuple[bytes, bytes]
"""This region's digest of a slice, and the peer's."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How what this region holds compares with what a peer does.

    `alike_at` is when a slice was last found to be alike (epoch seconds). `suspected` has the
    slices that were found to differ once, `differing` those that were found so again; `repairs`
    counts how often the peer's state was asked for because of that.
    """

    alike_at: float | None = None
    suspected: Mapping[str, Digests] = field(default_factory=dict)
    differing: Mapping[str, Digests] = field(default_factory=dict)
    repairs: int = 0

    def compared(self, prefix: str, digests: Digests, now: float) -> Agreement:
        """After a slice was compared."""
        suspected = {each: found for each, found in self.suspected.items() if each != prefix}
        differing = {each: found for each, found in self.differing.items() if each != prefix}
        if digests[0] == digests[1]:
            return Agreement(now, suspected, differing, self.repairs)
        if digests == self.differing.get(prefix):
            return self
        if digests == self.suspected.get(prefix):
            differing |= {prefix: digests}
            return Agreement(self.alike_at, suspected, differing, self.repairs + 1)
        suspected |= {prefix: digests}
        return Agreement(self.alike_at, suspected, differing, self.repairs)


async def slice_of(transaction: ReplicaTransaction, prefix: str) -> Slice:
    """What is held here of the slice whose names begin with this prefix."""
    if prefix == DIRECTORY:
        return Slice(facts=await transaction.all_facts())
    return Slice(await transaction.holdings(prefix))


class Comparison:
    """Compares what one region holds with what its peers hold."""

    def __init__(
        self,
        identity: RegionIdentity,
        peers: Sequence[str],
        store: ReplicaStore,
        log: Log,
        clock: Clock,
    ) -> None:
        self._identity = identity
        self._region = identity.region
        self._store = store
        self._log = log
        self._clock = clock
        self._last: str | None = None
        self.agreements = {peer: Agreement() for peer in peers}

    async def tell(self) -> bool:
        """Tell every peer the digest of the next slice. False if no peer's log is followed."""
        async with self._store.replica_transaction() as transaction:
            prefix = next_slice(await transaction.count_related(), self._last)
            following = [
                each
                for each in await transaction.cursors()
                if each.state is CursorState.FOLLOWING and each.origin in self.agreements
            ]
            if not following:
                return False
            held = await slice_of(transaction, prefix)
            digests = [
                PeerDigest(
                    each.origin,
                    each.applied,
                    digest(held.compared(self._region, each.origin)),
                )
                for each in following
            ]
            await self._log.append(transaction, DigestsTold(prefix, tuple(digests)))
        self._last = prefix
        return True

    async def judge(
        self, transaction: ReplicaTransaction, origin: str, payload: DigestsTold
    ) -> Effect:
        """What an origin's digests mean, in the transaction that applies all before them."""
        told = next((each for each in payload.digests if each.region == self._region), None)
        if told is None:
            return Skip("other regions are told")
        if not await self._applied_all(transaction, told.applied.position):
            return Skip(f"{origin} has not applied all that this region has said")
        held = await slice_of(transaction, payload.prefix)
        own = digest(held.compared(self._region, origin))
        return self._judged(origin, payload.prefix, (own, told.digest))

    def _judged(self, origin: str, prefix: str, digests: Digests) -> Effect:
        before = self.agreements[origin]
        after = before.compared(prefix, digests, self._clock.now())
        self.agreements[origin] = after
        if after.repairs == before.repairs:
            return Skip("alike, or a difference that is new or was asked about")
        logger.error(
            "%s holds other shared state than this region (slice %s): asking for its state",
            origin,
            prefix,
        )
        return AskForState(origin)

    async def _applied_all(self, transaction: ReplicaTransaction, applied: Position) -> bool:
        """Whether a peer that has applied this region's log so far knows of every change in it."""
        head = await transaction.log_head()
        if applied.log_id != head.log_id or head.sequence - applied.sequence > ENTRIES_LOOKED_AT:
            return False
        rest = await self._store.outbox(applied.sequence + 1, ENTRIES_LOOKED_AT)
        entries = [verify_entry(self._identity.public, each) for each in rest]
        found = head.sequence - applied.sequence == len(entries)
        return found and all(changes_nothing(each.payload) for each in entries)
