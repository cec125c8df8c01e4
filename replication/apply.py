"""What an entry of another region's log means here: one pure decision per kind.

Each function takes what this region knows and what the entry says, and answers with an effect to
carry out in the transaction that also moves the cursor. None reads a store or a clock. Applying an
entry twice decides Skip the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from replication.effects import (
    Adopt,
    Announce,
    AskForMaterial,
    Claim,
    Effect,
    HandBack,
    NoteDeleted,
    Skip,
)
from replication.entries import Entry
from replication.errors import Malformed, NotAuthoritative
from replication.imports import reported
from replication.local import Local
from replication.materials import Rotated
from replication.payloads import (
    ImportReported,
    MaterialsContributed,
    RelatedKeysChanged,
    ReplicaDeleted,
    offer_to,
)
from replication.position import Position
from replication.recovery import caught_up
from replication.shared import SharedState
from replication.unheld import NOT_RELATED, decide_unheld

_NOT_ASKED: Final = Skip("an answer to another region's resync request, or one that was given up")


def decide_change(
    local: Local, origin: str, payload: RelatedKeysChanged, *, installing: bool
) -> Effect:
    """What a version of shared state means. Raises NotAuthoritative or Malformed.

    `installing`: this region asked the origin for its state, and this is part of the answer.
    """
    told, known = payload.shared, local.shared
    if not told.material_travels and any(each.material_ids for each in payload.offers):
        raise Malformed(f"{origin} offers material of {told.key_id}, which is imported")
    if known is None:
        return decide_unheld(local, origin, payload, installing=installing)
    if not _may_tell(local.region, known, origin, payload, installing=installing):
        return _pass_over(local.region, known, origin, payload)
    if not told.same_key(known):
        raise Malformed(f"{origin} tells of {known.key_id} as another key than it is")
    if known.primary == local.region and known.led_alike(told):
        return _decide_recovery(local, known, told, origin)
    if told.supersedes(known):
        return _decide_adoption(local, known, origin, payload)
    return _decide_stale(local, known, origin, payload, installing=installing)


def _fell_behind(known: SharedState, told: SharedState, origin: str) -> bool:
    """Whether a primary, asked for its state, tells an older one than it told before: its store
    went back, and if the asker's did too, nobody else may show it that.
    """
    older = told.version < known.version
    return origin == known.primary and known.led_alike(told) and older


def _may_tell(
    region: str, known: SharedState, origin: str, payload: RelatedKeysChanged, *, installing: bool
) -> bool:
    """Only regions of the set speak for it, and within an epoch only its primary's.

    A region of the set may name another primary at a higher epoch: by handover, or by an operator's
    forced promotion. While this region installs a state, any region of the set may tell what it
    knows. One that this region does not know of must offer material of the key, and so show that it
    holds it: to a primary at any time, to a replica that asked or is told of another primary. With
    imported material there is none to show, and an empty offer will do: who is listed is sent none
    for it, whatever it says.
    """
    if origin == known.primary:
        return True
    may = installing or not known.led_alike(payload.shared)
    if origin in known.regions:
        return may
    offer = offer_to(payload, region) if may or known.primary == region else None
    return offer is not None and (
        not known.material_travels
        or any(each in known.materials.ids for each in offer.material_ids)
    )


def _pass_over(region: str, known: SharedState, origin: str, payload: RelatedKeysChanged) -> Effect:
    """What an origin may not tell: nothing, if it is no change by the origin. Else raises
    NotAuthoritative.

    Who hands over the lead, or declines it, may be heard after the new primary.
    """
    told = payload.shared
    if payload.offers:
        return _NOT_ASKED
    old = known.led_alike(told) and not told.supersedes(known)
    if old and (payload.handed_back or (origin in known.regions and known.primary != region)):
        return Skip(f"version {told.version} is known")
    raise NotAuthoritative(
        f"{origin} changed the shared properties of {known.key_id}, whose primary is in "
        f"{known.primary}"
    )


def _decide_adoption(
    local: Local, known: SharedState, origin: str, payload: RelatedKeysChanged
) -> Effect:
    told, region = payload.shared, local.region
    if region not in told.regions:
        return Claim(known, told.primary)
    if not told.needed <= local.held:
        return AskForMaterial(told.key_id)
    leads = told.primary == region and known.primary != region
    if leads and not local.can_lead and _handed_over(known, origin, payload):
        return HandBack(told.with_primary(origin))
    if known.led_alike(told):
        return Adopt(told, leads=leads)
    unknown = tuple(
        each for each in known.materials.history if each.material_id not in told.materials.ids
    )
    share = local.held - told.needed if told.material_travels else frozenset()
    return Adopt(
        told,
        contribute=unknown,
        share=share,
        leads=leads,
        new_lead=True,
        stepped_down=known.primary == region and not leads,
    )


def _handed_over(known: SharedState, origin: str, payload: RelatedKeysChanged) -> bool:
    """Whether the primary hands over, and does not get back what it had handed over itself.

    An answer to a resync request, which may tell of a later change of primary, has offers.
    """
    later = payload.shared.version.epoch > known.version.epoch
    told_only = not payload.handed_back and not payload.offers
    return origin == known.primary and later and told_only


def _decide_recovery(local: Local, known: SharedState, told: SharedState, origin: str) -> Effect:
    """This region leads, and asked for what its replicas know: its store may be an old copy.

    What it learns it tells everyone: not every replica may have heard of it before it was lost.
    """
    after = caught_up(known, told, origin, local.held)
    if after == known:
        return Skip(f"version {told.version} is known")
    return Announce(after, leads=True)


def _decide_stale(
    local: Local,
    known: SharedState,
    origin: str,
    payload: RelatedKeysChanged,
    *,
    installing: bool,
) -> Effect:
    """An older version. If this region leads, it keeps what only that version knows: a replica made
    by the primary before it, or a material that was current there."""
    told = payload.shared
    if installing and _fell_behind(known, told, origin):
        return Claim(known, origin)
    if known.primary != local.region:
        return Skip(f"version {told.version} is known")
    offers = payload.offers if origin == told.primary else ()  # others answer a resync
    begun = {each.region: each.as_of for each in offers if each.anew}
    extended = _with_regions(known, _present(local, origin, told, begun))
    history = _held_history(local, known, told.materials.history)
    if history:
        extended = extended.with_materials(extended.materials.with_history(history))
    if extended == known:
        return Skip(f"version {told.version} is known")
    new = [each for each in extended.replicas if each not in known.regions and each in begun]
    return Announce(extended, passed_on=tuple((each, begun[each]) for each in new))


def _present(
    local: Local, origin: str, told: SharedState, begun: Mapping[str, Position]
) -> Iterator[str]:
    """The regions of an older version that may hold a key: not those whose deletion is known here,
    unless the version offers it anew to who had deleted it.
    """
    for region in told.regions:
        gone = local.gone.get(region)
        offered = region in begun and gone is not None and begun[region].knows(gone)
        if gone is None or region == origin or offered:
            yield region


def _with_regions(known: SharedState, regions: Iterable[str]) -> SharedState:
    for region in regions:
        if region not in known.regions:
            known = known.with_replica(region)
    return known


def _held_history(
    local: Local, known: SharedState, history: Iterable[Rotated]
) -> tuple[Rotated, ...]:
    """The materials that the shared state does not have yet, and that are held here if they can be
    sent on."""
    new = (each for each in history if each.material_id not in known.materials.ids)
    return tuple(
        each for each in new if each.material_id in local.held or not known.material_travels
    )


def decide_contribution(local: Local, origin: str, payload: MaterialsContributed) -> Effect:
    """What materials that were current elsewhere mean: the primary takes them in.

    Every region has stored them by then. Raises NotAuthoritative.
    """
    known = local.shared
    if known is None:
        return NOT_RELATED
    if origin not in known.regions:
        raise NotAuthoritative(f"{origin} contributes to {known.key_id} and holds no key of it")
    new = _held_history(local, known, payload.history)
    if known.primary != local.region or not new:
        return Skip("the primary takes it in")
    return Announce(known.with_materials(known.materials.with_history(new)))


def held_again(origin: str, payload: RelatedKeysChanged, gone: Mapping[str, Position]) -> set[str]:
    """Which of the regions that had deleted their key hold one again, by what the origin says.

    The origin itself, if it speaks of a key that it holds; and who is offered the key anew by a
    primary that knows of the deletion.
    """
    again = {origin} & gone.keys()
    for offer in payload.offers:
        at = gone.get(offer.region)
        anew = offer.anew and origin == payload.shared.primary
        if at is not None and anew and offer.as_of.knows(at):
            again.add(offer.region)
    return again


def decide_deletion(
    local: Local,
    entry: Entry,
    payload: ReplicaDeleted,
    applied: Position,
    *,
    installing: bool = False,
) -> Effect:
    """What a deleted replica means to the primary, which tells; everyone remembers it.

    `applied` is how far this region has acknowledged the origin's log: a deletion that is said
    again, for another region, may be older than the replica that the origin has been offered since.
    `installing`: it is said in the answer that this region asked for, which passed over what the
    origin said before, so perhaps also over who leads instead.
    """
    shared, origin = local.shared, entry.origin
    at = Position(payload.log_id or entry.log_id, payload.first or entry.sequence)
    if payload.first is not None and applied.knows(at):
        return Skip(f"that {origin} deleted {payload.key_id} is known")
    if shared is None:
        return NOT_RELATED
    gone = NoteDeleted(payload.key_id, origin, at)
    if shared.primary == origin and local.handing_over:  # it hands back, but that may be missed
        return Announce(shared.handed_back(local.region, without=origin), leads=True, gone=gone)
    if shared.primary == origin and installing:
        return replace(gone, led=shared)
    if shared.primary != local.region or origin not in shared.replicas:
        return gone
    return Announce(shared.without_replica(origin), gone=gone)


def decide_import(local: Local, origin: str, payload: ImportReported) -> Effect:
    """What a report of an imported material means to the primary; nothing to anyone else."""
    known = local.shared
    if known is None:
        return NOT_RELATED
    if origin not in known.regions:
        raise NotAuthoritative(f"{origin} reports on {known.key_id} and holds no key of it")
    if known.primary != local.region:
        return Skip(f"the primary of {known.key_id} is not in this region")
    after = reported(known, origin, payload)
    return Skip("nothing new is reported") if after is None else Announce(after)
