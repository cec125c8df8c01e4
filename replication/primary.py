"""What only the primary key's region does: add replicas, rotate, hand over; and taking over by
force.

Each verb works in the caller's transaction, so that a change and the entry that tells of it are one
commit. step() carries on with what waits for other regions. New material is offered, installed,
then activated (decision D7): no region encrypts with a material that a waited-for region lacks.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crypto.identity import PublicIdentity
from crypto.material import KeyMaterial
from replication.asks import Ask
from replication.log import Log
from replication.materials import Materials, Rotated, RotationType
from replication.offers import ReplicaProperties, Subject, seal_offer
from replication.payloads import MaterialsContributed, Offer, RelatedKeysChanged
from replication.ports import Clock, Offload, ReplicaStore, ReplicaTransaction
from replication.position import NOWHERE, Position
from replication.shared import SharedState
from replication.votes import epoch_to_take
from replication.waits import TO_BE_REPEATED, Wait, WaitKind, need_wait_no_longer

LOOKED_AT_AT_ONCE: Final = 64  # waits; others wait to write while all of them are carried on
_NONE: Final[Mapping[str, Position]] = {}
logger = logging.getLogger(__name__)


async def sendable(transaction: ReplicaTransaction, shared: SharedState) -> Sequence[KeyMaterial]:
    """The materials of a key that may be sent to other regions: none of an imported key."""
    return await transaction.materials(shared.key_id) if shared.material_travels else ()


async def _sendable_of(
    transaction: ReplicaTransaction, shared: SharedState, wanted: Collection[str]
) -> Sequence[KeyMaterial]:
    """Those with these IDs. Opening materials costs something, and mostly none is wanted."""
    materials = await sendable(transaction, shared) if wanted else ()
    return [each for each in materials if each.material_id in wanted]


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Who an offer goes to; with properties if it is to create its key.

    `as_of` is how much of the region's log is known to who offers it, if that is another primary.
    """

    region: str
    properties: ReplicaProperties | None = None
    as_of: Position | None = None

    @classmethod
    def anew(cls, region: str, as_of: Position | None) -> _Recipient:
        """Who is offered once more what another primary had offered; or what is new, if none had.

        The properties are not known any longer: the default ones.
        """
        return cls(region, None if as_of is None else ReplicaProperties(), as_of)


class Primary:
    """The verbs of one region for the sets of related keys that it leads, or is to lead."""

    def __init__(
        self,
        region: str,
        store: ReplicaStore,
        log: Log,
        clock: Clock,
        peers: Mapping[str, PublicIdentity],
        offload: Offload[tuple[Offer, ...]],
    ) -> None:
        self._region = region
        self._store = store
        self._log = log
        self._clock = clock
        self._peers = peers
        self._offload = offload

    async def add_replica(
        self,
        transaction: ReplicaTransaction,
        shared: SharedState,
        region: str,
        properties: ReplicaProperties,
        request_id: str | None = None,
    ) -> tuple[SharedState, int]:
        """Offer the key to `region`, for the call with this ID. Returns the new shared state, and
        the entry that offers it.
        """
        after = shared.with_replica(region)
        await transaction.delete_gone(shared.key_id, region)
        materials = await sendable(transaction, shared)
        recipients = [_Recipient(region, properties)]
        sequence = await self._tell(transaction, after, materials, recipients, request_id)
        if after.materials.pending is not None:  # the new replica got it too, and is waited for
            await transaction.put_wait(Wait(after.key_id, WaitKind.ROTATION, sequence))
        return after, sequence

    async def change_materials(
        self, transaction: ReplicaTransaction, shared: SharedState, materials: Materials
    ) -> SharedState:
        """Change when the key is rotated, or which imported materials it has."""
        after = shared.with_materials(materials)
        await self._tell(transaction, after)
        return after

    async def rotate(
        self,
        transaction: ReplicaTransaction,
        shared: SharedState,
        material: KeyMaterial,
        rotation_type: RotationType,
    ) -> SharedState:
        """Offer new material to every replica; without replicas, activate it at once.

        ValueError if a rotation is pending already.
        """
        now = self._clock.now()
        offered = shared.materials.offered(material.material_id, rotation_type, now)
        if not shared.replicas:
            after = shared.with_materials(offered.activated(now))
            await transaction.put_shared(after, [material], now)
            return after
        after = shared.with_materials(offered)
        recipients = [_Recipient(each) for each in after.replicas]
        sequence = await self._tell(transaction, after, [material], recipients)
        await transaction.put_wait(Wait(after.key_id, WaitKind.ROTATION, sequence))
        return after

    async def hand_over(
        self,
        transaction: ReplicaTransaction,
        shared: SharedState,
        region: str,
        request_id: str | None = None,
    ) -> tuple[SharedState, int]:
        """Step down in favour of `region`, which leads from the next epoch on, for the call with
        this ID.

        A pending rotation is the new primary's to finish. Returns the new shared state, and the
        entry that tells of it.
        """
        vote = await transaction.vote(shared.key_id)
        after = shared.with_primary(region, epoch=epoch_to_take(region, shared, vote))
        await transaction.delete_wait(shared.key_id)
        sequence = await self._tell(transaction, after, request_id=request_id)
        await transaction.put_wait(Wait(after.key_id, WaitKind.HANDOVER, sequence))
        return after, sequence

    async def promote(
        self, transaction: ReplicaTransaction, shared: SharedState, won: Ask | None = None
    ) -> SharedState:
        """Take the next epoch for this region without asking the primary (forced promotion).

        `won` is the ask that a majority has voted for; without it nobody was asked. What was
        offered and not activated is dropped. Every other region is offered all the
        material that this one holds: one of them may have missed some of it.
        """
        dropped = replace(shared, materials=shared.materials.abandoned())
        vote = await transaction.vote(shared.key_id)
        epoch = epoch_to_take(self._region, shared, vote) if won is None else won.epoch
        votes = () if won is None else won.votes
        led = dropped.with_primary(self._region, epoch=epoch, votes=votes)
        after = led.without(await transaction.gone(shared.key_id))
        await transaction.delete_wait(shared.key_id)
        await transaction.delete_ask(shared.key_id)
        others = [_Recipient(each) for each in after.replicas]
        await self._tell(transaction, after, await sendable(transaction, shared), others)
        return after

    async def contribute(
        self,
        transaction: ReplicaTransaction,
        shared: SharedState,
        history: tuple[Rotated, ...],
        wanted: frozenset[str],
    ) -> None:
        """Send materials that the primary does not know to every other region of the set.

        Those in `history` were current here; any other may have been elsewhere, unheard of here.
        """
        materials = await _sendable_of(transaction, shared, wanted)
        others = [_Recipient(each) for each in shared.regions if each != self._region and materials]
        offers = await self._offers(transaction, Subject.of(shared), materials, others)
        await self._log.append(
            transaction,
            MaterialsContributed(
                shared.account, shared.key_id, shared.version.epoch, history, offers
            ),
        )

    async def claim(
        self, transaction: ReplicaTransaction, shared: SharedState, primary: str
    ) -> None:
        """Show the primary's region that this region holds a replica, by material of the key.

        The replica was offered by another region, so the primary may not know of it.
        """
        materials = await sendable(transaction, shared)
        recipient = _Recipient(primary, ReplicaProperties())
        offers = await self._offers(transaction, Subject.of(shared), materials, [recipient])
        if offers:
            await self._log.append(transaction, RelatedKeysChanged(shared, offers))

    async def pass_on(self, transaction: ReplicaTransaction, shared: SharedState) -> None:
        """Tell of another region's lead: some may have listened to this region alone.

        The offers are empty. They mark it as no change by this region, for who knows of the lead.
        """
        others = [_Recipient(each) for each in shared.regions if each != self._region]
        offers = await self._offers(transaction, Subject.of(shared), (), others)
        await self._log.append(transaction, RelatedKeysChanged(shared, offers))

    async def announce(
        self,
        transaction: ReplicaTransaction,
        shared: SharedState,
        *,
        recovered: bool = False,
        passed_on: Mapping[str, Position] = _NONE,
    ) -> int:
        """Put a new version of a set that this region leads, and tell everyone.

        Regions that are new in the set are offered every material, and the others what is new. If
        the state was `recovered` from what replicas told, everyone is offered everything: what one
        of them held may have been current before it was lost here. `passed_on`: see
        effects.Announce.
        """
        before = await transaction.shared(shared.key_id) or shared
        held = await transaction.held(shared.key_id) if shared.material_travels else frozenset()
        new = shared.needed - before.needed
        await transaction.put_shared(shared, (), self._clock.now())
        subject = Subject.of(shared)
        offers: list[Offer] = []
        for region in shared.replicas:
            everything = recovered or region not in before.regions
            wanted = held if everything else held & new
            recipient = _Recipient.anew(region, passed_on.get(region))
            if wanted or recipient.properties is not None:
                materials = await _sendable_of(transaction, shared, wanted)
                offers += await self._offers(transaction, subject, materials, [recipient])
        return await self._log.append(transaction, RelatedKeysChanged(shared, tuple(offers)))

    async def hand_back(self, transaction: ReplicaTransaction, shared: SharedState) -> None:
        """Decline the lead: another region leads, and is known to from now on."""
        deletion = await transaction.deletion(shared.key_id)
        if deletion is not None:
            led = replace(deletion, epoch=shared.version.epoch, primary=shared.primary)
            await transaction.put_deletion(shared.key_id, led)
        if await transaction.shared(shared.key_id) is not None:
            await transaction.put_shared(shared, (), self._clock.now())
        await self._log.append(transaction, RelatedKeysChanged(shared, handed_back=True))

    async def take_over(
        self, transaction: ReplicaTransaction, shared: SharedState, *, recovered: bool = False
    ) -> None:
        """Go on as the primary, and tell everyone: whoever told this region need not have been
        heard by all. A pending rotation is offered again from here.

        Who holds imported material that awaits its rotation is asked anew: a report may have come
        before this region knew that it leads. `recovered`: see announce().
        """
        gone = await transaction.gone(shared.key_id)
        if set(gone) & set(shared.replicas):  # the old primary had not heard of it
            shared = replace(shared.without(gone), version=shared.version.next_revision())
        pending = shared.materials.pending_import
        if pending is not None:
            held = pending.material_id in await transaction.held(shared.key_id)
            told = shared.materials.import_told(self._region, held=held)
            shared = shared.with_materials(told)
        await self.announce(transaction, shared, recovered=recovered)
        if shared.materials.pending is not None:
            wait = Wait(shared.key_id, WaitKind.ROTATION, TO_BE_REPEATED)
            await transaction.put_wait(wait)

    async def step(self) -> bool:
        """Carry on with what waited and need wait no longer. Returns whether anything was done.

        Looking costs no transaction: it is done after every entry of a peer. Many keys are one
        transaction: each would wait for the disk.
        """
        done, after = False, ""
        while found := await self._store.waiting(after, LOOKED_AT_AT_ONCE):
            after = found[-1][0].key_id
            acknowledged = await self._store.acknowledgements()
            evicted = await self._store.evicted()
            ready = [
                wait
                for wait, shared in found
                if need_wait_no_longer(wait, shared, acknowledged, evicted)
            ]
            if ready:
                done |= await self._carry_on_all(ready, acknowledged)
        return done

    async def _carry_on_all(self, waits: Sequence[Wait], acknowledged: Mapping[str, int]) -> bool:
        done = False
        async with self._store.replica_transaction() as transaction:
            await transaction.read_ahead([each.key_id for each in waits])
            for each in waits:
                done |= await self._carry_on(transaction, each, acknowledged)
        return done

    async def _carry_on(
        self, transaction: ReplicaTransaction, wait: Wait, acknowledged: Mapping[str, int]
    ) -> bool:
        shared = await transaction.shared(wait.key_id)
        if shared is None or wait not in await transaction.waits():
            return False
        if wait.sequence == TO_BE_REPEATED:
            await self._repeat(transaction, wait, shared)
            return True
        evicted = await transaction.evicted()
        if not need_wait_no_longer(wait, shared, acknowledged, evicted):
            return False
        await transaction.delete_wait(wait.key_id)
        if wait.kind is WaitKind.HANDOVER:
            await transaction.handed_over(wait.key_id)
        elif shared.primary == self._region and shared.materials.pending is not None:
            await self._activate(transaction, shared)
        return True

    async def _activate(self, transaction: ReplicaTransaction, shared: SharedState) -> None:
        materials = shared.materials.activated(self._clock.now())
        await self.announce(transaction, shared.with_materials(materials))
        logger.info("rotated %s: %s is current", shared.key_id, materials.current)

    async def _repeat(
        self, transaction: ReplicaTransaction, wait: Wait, shared: SharedState
    ) -> None:
        """Append the wait's entry again, to a log that does not have it."""
        pending = shared.materials.pending
        materials = [
            each
            for each in await transaction.materials(shared.key_id)
            if pending is not None and each.material_id == pending.material_id
        ]
        recipients = [_Recipient(each) for each in shared.replicas] if materials else []
        sequence = await self._tell(transaction, shared, materials, recipients)
        await transaction.put_wait(replace(wait, sequence=sequence))

    async def _tell(
        self,
        transaction: ReplicaTransaction,
        shared: SharedState,
        materials: Sequence[KeyMaterial] = (),
        recipients: Sequence[_Recipient] = (),
        request_id: str | None = None,
    ) -> int:
        """Put the shared state, and append the entry that tells of it. Returns its number."""
        await transaction.put_shared(shared, materials, self._clock.now())
        offers = await self._offers(transaction, Subject.of(shared), materials, recipients)
        told = RelatedKeysChanged(shared, offers, request_id=request_id)
        return await self._log.append(transaction, told)

    async def _offers(
        self,
        transaction: ReplicaTransaction,
        subject: Subject,
        materials: Sequence[KeyMaterial],
        recipients: Sequence[_Recipient],
    ) -> tuple[Offer, ...]:
        known = [each for each in recipients if each.region in self._peers]
        applied = await transaction.last_acknowledgement()

        def sealed() -> tuple[Offer, ...]:
            return tuple(
                seal_offer(
                    subject,
                    materials,
                    origin=self._region,
                    receiver=self._peers[each.region],
                    as_of=each.as_of or applied.get(each.region, NOWHERE),
                    properties=each.properties,
                )
                for each in known
            )

        nothing_to_seal = not materials and all(each.properties is None for each in known)
        return sealed() if nothing_to_seal else await self._offload(sealed)
