"""What a version of shared state means to a region that holds no key of the set.

Pure decisions, see apply.py.
"""

from __future__ import annotations

from typing import Final

from replication.effects import (
    AskForState,
    CreateRelatedKey,
    DeclareDeleted,
    Effect,
    HandBack,
    Skip,
)
from replication.errors import Malformed, NotAuthoritative
from replication.local import Local
from replication.payloads import RelatedKeysChanged, offer_to
from replication.recovery import recovered
from replication.shared import SharedState

NOT_RELATED: Final = Skip("this region holds no key of the set")
_NOT_OFFERED: Final = Skip("this region's key of the set was not offered yet")


def decide_unheld(
    local: Local, origin: str, payload: RelatedKeysChanged, *, installing: bool
) -> Effect:
    told = payload.shared
    if local.region not in told.regions:
        return NOT_RELATED
    if origin not in told.regions:
        raise NotAuthoritative(f"{origin} offers {told.key_id} and holds no key of that set")
    if _offered_anew(local, origin, payload):
        return _decide_creation(local, origin, told)
    if told.primary == local.region and local.deletion is not None:
        return HandBack(local.deletion.handed_back(local.region, origin, told))
    if installing or _offered_to_others(local, payload):
        return _NOT_OFFERED  # a part of an answer, to this region or to another: more may follow
    if told.primary in (local.region, origin):
        return _decide_listed(local, origin, told)
    return _NOT_OFFERED


def _decide_listed(local: Local, origin: str, told: SharedState) -> Effect:
    """This region is said to hold a key that it does not hold, and is not offered it."""
    if local.deletion is None:  # who offered it leads no longer, or this store was lost
        return AskForState(origin)
    return DeclareDeleted(told.key_id) if local.deletion_acknowledged else _NOT_OFFERED


def _offered_to_others(local: Local, payload: RelatedKeysChanged) -> bool:
    """Whether others are offered a key, and this region is not."""
    anew = {each.region for each in payload.offers if each.anew}
    return bool(anew) and local.region not in anew


def _offered_anew(local: Local, origin: str, payload: RelatedKeysChanged) -> bool:
    """Whether this region is offered a key, which it has not deleted since.

    Only the primary knows of a deletion and offers the key anew; a replica that read of it may
    still list the deleted one, as the primary has not answered yet.
    """
    offer = offer_to(payload, local.region)
    if offer is None or not offer.anew:
        return False
    if origin != payload.shared.primary and payload.shared.primary != local.region:
        return local.deletion is None
    return not local.deleted_after(offer.as_of)


def _decide_creation(local: Local, origin: str, told: SharedState) -> Effect:
    if not told.needed <= local.held:
        raise Malformed(f"the offer of {told.key_id} lacks key material")
    if told.primary == local.region:
        return CreateRelatedKey(recovered(told, origin), leads=True)
    return CreateRelatedKey(told, claims=origin != told.primary)
