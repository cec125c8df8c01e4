"""Carries out what other regions' entries mean here, in one transaction with the cursor (D5).

What an entry means is decided in deciding.py; this file does it, moves the cursor, and writes the
acknowledgement.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from crypto.identity import PublicIdentity, RegionIdentity
from replication import apply as rules
from replication import effects
from replication.comparison import Comparison
from replication.deciding import Decider
from replication.directory import Directory
from replication.elections import Elections
from replication.errors import Refused
from replication.imports import report_due
from replication.log import Log
from replication.payloads import (
    RelatedKeysChanged,
    ResyncRequested,
    key_named,
)
from replication.ports import Clock, ReplicaStore, ReplicaTransaction
from replication.position import CursorState
from replication.primary import Primary
from replication.progress import acknowledgement_due, wants_acknowledgement
from replication.reading import Readied
from replication.shared import SharedState

logger = logging.getLogger(__name__)


class Notice(Protocol):
    """Told after a commit; must not block."""

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
        primary: Primary,
        comparison: Comparison,
        elections: Elections,
        directory: Directory,
        peers: Mapping[str, PublicIdentity],
    ) -> None:
        self._region = identity.region
        self._decider = Decider(identity, store, comparison, elections, peers)
        self._store = store
        self._log = log
        self._clock = clock
        self._primary = primary
        self._elections = elections
        self._directory = directory
        self._peers = tuple(peers)
        self.notice = notice

    async def apply(self, origin: PublicIdentity, readied: Sequence[Readied]) -> Refused | None:
        """Apply the entries and move the cursor behind the last one, in one transaction.

        An entry that the rules refuse ends it: what came before is applied, and the refusal
        returned.
        """
        async with self._store.replica_transaction() as transaction:
            await transaction.read_ahead(_keys_named(readied))
            done, refusal = await self._each(transaction, readied)
            if done:
                await self._move(transaction, origin.region, done)
        self._tell(done)
        return refusal

    async def _each(
        self, transaction: ReplicaTransaction, readied: Sequence[Readied]
    ) -> tuple[Sequence[Readied], Refused | None]:
        for number, each in enumerate(readied):
            try:
                effect = await self._decider.decide(transaction, each)
            except Refused as refusal:
                return readied[:number], refusal
            await self._carry_out(transaction, each, effect)
        return readied, None

    def _tell(self, done: Sequence[Readied]) -> None:
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
            await self._log.acknowledge(transaction)

    async def _store_offered(self, transaction: ReplicaTransaction, readied: Readied) -> None:
        """Materials only grow: what is offered to a key that is held is kept, whatever follows."""
        offer = readied.offer
        if offer is None or not offer.materials:
            return
        key_id = offer.materials[0].key_id
        if await transaction.shared(key_id) is not None:
            await transaction.add_materials(key_id, offer.materials)

    async def _note_held_again(self, transaction: ReplicaTransaction, readied: Readied) -> None:
        payload = readied.entry.payload
        if isinstance(payload, RelatedKeysChanged):
            key_id = payload.shared.key_id
            gone = await transaction.gone(key_id)
            for region in sorted(rules.held_again(readied.entry.origin, payload, gone)):
                await transaction.delete_gone(key_id, region)

    async def _carry_out(
        self, transaction: ReplicaTransaction, readied: Readied, effect: effects.Effect
    ) -> None:
        if not isinstance(effect, effects.CreateRelatedKey):
            await self._store_offered(transaction, readied)
        await self._note_held_again(transaction, readied)
        match effect:
            case effects.CreateRelatedKey():
                await self._create(transaction, readied, effect)
            case effects.Adopt():
                await self._adopt(transaction, readied, effect)
            case effects.Announce():
                await self._announce(transaction, effect)
            case effects.HandBack(shared):
                await self._primary.hand_back(transaction, shared)
            case effects.AskForMaterial(key_id):
                logger.warning("%s names material of %s not held", readied.entry.origin, key_id)
                await self._ask_for_state(transaction, readied)
            case effects.Claim(shared, primary):
                await self._primary.claim(transaction, shared, primary)
            case _:
                await self._carry_out_for_logs(transaction, readied, effect)

    async def _carry_out_for_logs(
        self, transaction: ReplicaTransaction, readied: Readied, effect: effects.Effect
    ) -> None:
        match effect:
            case effects.DeclareDeleted(key_id):
                await self._log.declare_deleted(transaction, key_id, None)
            case effects.AskForState():
                await self._ask_for_state(transaction, readied)
            case effects.BeginNewLog(above, answer):
                await self._begin_new_log(transaction, above)
                if answer is not None:
                    await transaction.put_resync(answer)
            case effects.CastVote() | effects.KeepAnswer() | effects.KeepVote():
                await self._elections.carry_out(transaction, effect)
            case _:
                await self._remember(transaction, effect)

    async def _remember(self, transaction: ReplicaTransaction, effect: effects.Effect) -> None:
        match effect:
            case effects.KeepWitness(origin, payload):
                await transaction.put_witness(origin, payload)
            case effects.TakeFacts(origin, facts):
                await transaction.put_facts(facts)
                await self._directory.pass_on(transaction, facts, origin)
            case effects.NoteDeleted(key_id, region, at, led):
                await transaction.put_gone(key_id, region, at)
                if led is not None:
                    await self._primary.pass_on(transaction, led)
            case effects.PutAcknowledged(region, sequence):
                await transaction.put_acknowledged(region, sequence)
            case effects.AnswerResync(resync):
                await transaction.put_resync(resync)

    async def _create(
        self,
        transaction: ReplicaTransaction,
        readied: Readied,
        effect: effects.CreateRelatedKey,
    ) -> None:
        offer = readied.offer
        if offer is None or offer.properties is None:
            raise ValueError("a related key is created from an offer with properties")
        await transaction.create_related_key(
            effect.shared,
            offer.properties,
            offer.materials,
            self._clock.now(),
            request_id=_request_id(readied),
        )
        if effect.leads:
            await self._primary.take_over(transaction, effect.shared)
        if effect.claims:
            await self._primary.claim(transaction, effect.shared, effect.shared.primary)
        await self._report(transaction, effect.shared)

    async def _announce(self, transaction: ReplicaTransaction, effect: effects.Announce) -> None:
        shared = effect.shared
        if effect.gone is not None:
            await self._remember(transaction, effect.gone)
        if not effect.leads:
            await self._primary.announce(transaction, shared, passed_on=dict(effect.passed_on))
            return
        shared = shared.without(await transaction.gone(shared.key_id))
        await transaction.delete_wait(shared.key_id)
        await self._primary.take_over(transaction, shared, recovered=True)

    async def _adopt(
        self, transaction: ReplicaTransaction, readied: Readied, effect: effects.Adopt
    ) -> None:
        shared = effect.shared
        gone = await transaction.gone(shared.key_id) if effect.leads else ()
        present = shared.without(gone)  # a key that is to be deleted waits for no others
        await transaction.put_shared(
            present,
            (),
            self._clock.now(),
            told_by=readied.entry.origin,
            request_id=_request_id(readied),
        )
        if effect.new_lead or shared.primary != self._region:
            await transaction.delete_wait(shared.key_id)
            await transaction.handed_over(shared.key_id)
        if effect.leads:
            await self._primary.take_over(transaction, shared)
        if effect.stepped_down:
            await self._primary.pass_on(transaction, shared)
        if effect.contribute or effect.share:
            await self._primary.contribute(transaction, shared, effect.contribute, effect.share)
        await self._report(transaction, shared)

    async def _report(self, transaction: ReplicaTransaction, shared: SharedState) -> None:
        """Tell the primary's region if it believes something else of an imported material here."""
        report = report_due(self._region, shared, await transaction.held(shared.key_id))
        if report is not None:
            await self._log.append(transaction, report)

    async def _ask_for_state(self, transaction: ReplicaTransaction, readied: Readied) -> None:
        """Ask the entry's origin once; an answer that is being read, or is waited for, is not asked
        for again. The answer may have ended before the entry in the same transaction.
        """
        origin = readied.entry.origin
        waits = (await transaction.cursor(origin)).request != readied.cursor.request
        if readied.cursor.state is CursorState.FOLLOWING and not waits:
            await self._log.request_resync(transaction, origin)

    async def _begin_new_log(self, transaction: ReplicaTransaction, above: bytes) -> None:
        """This store was rolled back: peers know more of its log than it does. Begin a new log, and
        ask every peer for what was lost."""
        logger.error(
            "this store is older than its own log (restored or rolled back?); a new log begins"
        )
        await self._log.begin(transaction, above)
        for peer in self._peers:
            await self._log.request_resync(transaction, peer)


def _keys_named(readied: Sequence[Readied]) -> Collection[str]:
    """The keys that entries are about, each once."""
    named = (key_named(each.entry.payload) for each in readied)
    return dict.fromkeys(each for each in named if each is not None)


def _request_id(readied: Readied) -> str | None:
    """The call in the origin's region that the entry is about."""
    payload = readied.entry.payload
    return payload.request_id if isinstance(payload, RelatedKeysChanged) else None
