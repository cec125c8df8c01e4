"""What an entry means here: fetches what the rules need of the store, and asks them.

The rules are apply.py's for related keys and apply_logs.py's for logs, those of elections.py for
votes and of comparison.py for digests. Nothing is written here: applier.py does what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from crypto.identity import PublicIdentity, RegionIdentity
from replication import apply as rules
from replication import apply_logs as logs
from replication import effects, votes
from replication.comparison import Comparison
from replication.elections import Elections
from replication.entries import stream_id
from replication.errors import Unauthentic
from replication.facts import news
from replication.local import Local
from replication.offers import OpenedOffer
from replication.payloads import (
    Acknowledged,
    AuditCheckpointed,
    DigestsTold,
    FactsTold,
    ImportReported,
    MaterialsContributed,
    Payload,
    PromotionAsked,
    PromotionRefused,
    PromotionVoted,
    RelatedKeysChanged,
    Remark,
    ReplicaDeleted,
    ResyncBegun,
    ResyncEnded,
    ResyncRequested,
    VoteReturned,
)
from replication.ports import ReplicaStore, ReplicaTransaction
from replication.position import NOWHERE, CursorState
from replication.reading import Readied
from replication.shared import SharedState
from replication.waits import WaitKind


class Decider:
    """Decides for one region about readied entries of any origin."""

    def __init__(
        self,
        identity: RegionIdentity,
        store: ReplicaStore,
        comparison: Comparison,
        elections: Elections,
        peers: Mapping[str, PublicIdentity],
    ) -> None:
        self._region = identity.region
        self._identities = {identity.region: identity.public, **peers}
        self._store = store
        self._comparison = comparison
        self._elections = elections

    async def decide(self, transaction: ReplicaTransaction, readied: Readied) -> effects.Effect:
        """What the entry means here. Raises Refused if it may not be applied."""
        entry = readied.entry
        match entry.payload:
            case RelatedKeysChanged(shared) as payload:
                installing = readied.cursor.state is CursorState.INSTALLING
                self._check_votes(entry.origin, await transaction.shared(shared.key_id), shared)
                local = await self._local(transaction, shared.key_id, entry.origin, readied.offer)
                return rules.decide_change(local, entry.origin, payload, installing=installing)
            case MaterialsContributed() as payload:
                local = await self._local(transaction, payload.key_id, entry.origin, readied.offer)
                return rules.decide_contribution(local, entry.origin, payload)
            case ReplicaDeleted(key_id) as payload:
                local = await self._local(transaction, key_id, entry.origin, None)
                applied = await transaction.last_acknowledgement()
                installing = readied.cursor.state is CursorState.INSTALLING
                known = applied.get(entry.origin, NOWHERE)
                return rules.decide_deletion(local, entry, payload, known, installing=installing)
            case ImportReported(key_id) as payload:
                local = await self._local(transaction, key_id, entry.origin, None)
                return rules.decide_import(local, entry.origin, payload)
            case PromotionAsked() | PromotionVoted() | PromotionRefused() | VoteReturned():
                return await self._elections.judge(transaction, readied)
            case _:
                return await self._decide_for_logs(transaction, readied)

    def _check_votes(self, origin: str, known: SharedState | None, told: SharedState) -> None:
        """Raise Unauthentic if a primary is said to have a majority, and this would decide."""
        if votes.needs_proof(known, told) and not votes.proven(told, self._identities):
            raise Unauthentic(f"{origin} tells of votes for {told.key_id} that are no majority")

    async def _decide_for_logs(
        self, transaction: ReplicaTransaction, readied: Readied
    ) -> effects.Effect:
        """What entries mean that are about logs and trails, and about no key."""
        entry = readied.entry
        match entry.payload:
            case Acknowledged() as payload:
                known = await transaction.acknowledged(entry.origin)
                own = await self._own_log(transaction, payload)
                return logs.decide_acknowledgement(own, known, entry.origin, payload)
            case ResyncRequested() as payload:
                last = {each.receiver: each for each in await transaction.resyncs()}
                return logs.decide_request(
                    await self._own_log(transaction, payload),
                    entry,
                    last.get(entry.origin),
                    resyncing=readied.cursor.state is CursorState.RESYNCING,
                )
            case FactsTold():
                return await self._decide_facts(transaction, readied)
            case DigestsTold() as payload:
                return await self._comparison.judge(transaction, entry.origin, payload)
            case AuditCheckpointed() as payload:
                return effects.KeepWitness(entry.origin, payload)
            case Remark(kind):
                return effects.Skip(f"a remark of a newer node ({kind})")
            case ResyncBegun() | ResyncEnded():
                return effects.Skip("the cursor knows")
            case _:
                raise TypeError(f"{type(entry.payload).__name__} is no payload")

    async def _decide_facts(
        self, transaction: ReplicaTransaction, readied: Readied
    ) -> effects.Effect:
        known = await transaction.facts([each.key for each in readied.facts])
        later = news(readied.facts, {each.key: each for each in known})
        if not later:
            return effects.Skip("as much is known")
        return effects.TakeFacts(readied.entry.origin, later)

    async def _own_log(self, transaction: ReplicaTransaction, payload: Payload) -> logs.OwnLog:
        """This region's log, with its entry in the place that the payload speaks of."""
        head = await transaction.log_head()
        place = logs.applied_of(self._region, payload).position.sequence
        if place == head.sequence:
            return logs.OwnLog(self._region, head, head.digest)
        kept = await self._store.outbox(place, 1)
        digests = [sha256(each.data).digest() for each in kept if each.id == stream_id(place)]
        return logs.OwnLog(self._region, head, digests[0] if digests else None)

    async def _local(
        self, transaction: ReplicaTransaction, key_id: str, origin: str, offer: OpenedOffer | None
    ) -> Local:
        offered = frozenset() if offer is None else offer.ids
        shared = await transaction.shared(key_id)
        return Local(
            region=self._region,
            log_id=(await transaction.log_head()).log_id,
            shared=shared,
            held=await transaction.held(key_id) | offered,
            deletion=await transaction.deletion(key_id),
            acknowledged=await transaction.acknowledged(origin),
            can_lead=shared is not None and await transaction.can_lead(key_id),
            handing_over=any(
                each.key_id == key_id and each.kind is WaitKind.HANDOVER
                for each in await transaction.waits()
            ),
            gone=await transaction.gone(key_id),
        )
