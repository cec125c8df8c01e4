"""A set of which this region holds no key: create it, pass over it, or say what is true."""

from __future__ import annotations

import pytest

from replication.apply import decide_change
from replication.deletion import Deletion
from replication.effects import AskForState, CreateRelatedKey, DeclareDeleted, HandBack, Skip
from replication.errors import Malformed, NotAuthoritative
from replication.position import NOWHERE, Position, Version
from tests.unit.replication.parts import (
    AP,
    EU,
    LATER_LOG_ID,
    LOG_ID,
    OTHER_LOG_ID,
    SA,
    US,
    changed,
    deletion,
    history,
    local,
    material,
    offer,
    shared,
)

TOLD = shared(US, AP, EU, revision=3)
HELD = frozenset({material(0).material_id})


@pytest.mark.parametrize("installing", [True, False])
def test_an_offer_creates_the_key(*, installing: bool) -> None:
    payload = changed(TOLD, offer(SA), offer(EU))
    effect = decide_change(local(EU, held=HELD), US, payload, installing=installing)
    assert effect == CreateRelatedKey(TOLD)


def test_a_key_that_a_replica_offers_is_claimed_at_the_primary() -> None:
    effect = decide_change(local(EU, held=HELD), AP, changed(TOLD, offer(EU)), installing=True)
    assert effect == CreateRelatedKey(TOLD, claims=True)


@pytest.mark.parametrize("as_of", [Position(LOG_ID, 900), NOWHERE])
def test_only_the_primary_offers_a_deleted_key_anew(as_of: Position) -> None:
    """A replica may have read of the deletion and list the deleted replica all the same."""
    here = local(EU, held=HELD, deletion=deletion(7))
    payload = changed(TOLD, offer(EU, as_of=as_of))
    assert isinstance(decide_change(here, AP, payload, installing=True), Skip)


def test_an_offer_without_all_that_is_needed_is_refused() -> None:
    told = shared(US, EU, materials=history(0, 1))
    with pytest.raises(Malformed, match="lacks key material"):
        decide_change(local(EU, held=HELD), US, changed(told, offer(EU)), installing=False)


@pytest.mark.parametrize("origin", [SA])
def test_who_is_not_in_the_set_offers_nothing(origin: str) -> None:
    with pytest.raises(NotAuthoritative, match=f"{origin} offers .* and holds no key"):
        decide_change(local(EU, held=HELD), origin, changed(TOLD, offer(EU)), installing=True)


def test_an_offer_of_a_set_that_does_not_have_the_receiver_is_passed_over() -> None:
    told = shared(US, AP)
    effect = decide_change(local(EU, held=HELD), US, changed(told, offer(EU)), installing=False)
    assert isinstance(effect, Skip)


@pytest.mark.parametrize(
    ("as_of", "creates"),
    [
        (Position(LOG_ID, 7), True),
        (Position(LOG_ID, 8), True),
        (Position(LOG_ID, 6), False),
        (Position(OTHER_LOG_ID, 900), False),
        (Position(LATER_LOG_ID, 1), True),
        (NOWHERE, False),
    ],
)
def test_a_deleted_key_comes_back_by_an_offer_that_knows_of_the_deletion(
    as_of: Position, *, creates: bool
) -> None:
    here = local(EU, held=HELD, deletion=deletion(7))
    effect = decide_change(here, US, changed(TOLD, offer(EU, as_of=as_of)), installing=False)
    assert isinstance(effect, CreateRelatedKey if creates else Skip)


def test_a_primary_that_knows_of_the_deletion_and_lists_the_replica_is_told_again() -> None:
    here = local(EU, deletion=deletion(7), acknowledged=7)
    effect = decide_change(here, US, changed(TOLD), installing=False)
    assert effect == DeclareDeleted(TOLD.key_id)


def test_a_primary_that_cannot_know_of_the_deletion_yet_is_not_told_again() -> None:
    here = local(EU, deletion=deletion(7), acknowledged=6)
    assert isinstance(decide_change(here, US, changed(TOLD), installing=False), Skip)


def test_a_primary_that_lists_a_replica_that_never_was_is_asked_for_it() -> None:
    """Seed 3431: the offer was in the log of the primary before it, which was not read yet."""
    effect = decide_change(local(EU), US, changed(TOLD), installing=False)
    assert effect == AskForState(US)


def test_a_region_that_leads_and_never_had_the_key_asks_for_it() -> None:
    told = TOLD.with_primary(EU)
    effect = decide_change(local(EU), US, changed(told), installing=False)
    assert effect == AskForState(US)


@pytest.mark.parametrize(
    ("origin", "payload", "installing"),
    [
        (US, changed(TOLD), True),
        (AP, changed(TOLD), False),
        (AP, changed(TOLD, offer(SA)), False),
        (US, changed(TOLD, offer(SA)), False),
    ],
    ids=["more of the answer may follow", "not the primary", "an answer", "a new replica"],
)
def test_what_is_no_news_of_this_region_is_passed_over(
    origin: str, payload: object, *, installing: bool
) -> None:
    here = local(EU, deletion=deletion(7), acknowledged=9)
    effect = decide_change(here, origin, payload, installing=installing)  # type: ignore[arg-type]
    assert isinstance(effect, Skip)


def test_a_region_that_holds_no_key_hands_the_primary_back() -> None:
    told = TOLD.with_primary(EU)
    effect = decide_change(local(EU, deletion=deletion(7)), US, changed(told), installing=False)
    assert effect == HandBack(told.handed_back(US, without=EU))


@pytest.mark.parametrize(
    ("known", "version", "leads"),
    [
        (deletion(7, epoch=3, primary=AP), Version(3, 0), AP),  # seed 8929
        (deletion(7, epoch=3, primary=EU), Version(4, 1), US),
        (deletion(7, epoch=2, primary=AP), Version(3, 1), US),
        (deletion(7, epoch=1, primary=US), Version(3, 1), US),
    ],
    ids=["another led since", "this region led since", "another led too", "it is handed over"],
)
def test_what_is_handed_back_makes_no_two_primaries_of_one_epoch(
    known: Deletion, version: Version, leads: str
) -> None:
    """Seed 8929: a region that was restored said that this one leads, in epoch 2, whose key was
    deleted in epoch 3 of another; what was handed back became a second epoch 3.
    """
    told = TOLD.with_primary(EU)
    effect = decide_change(local(EU, deletion=known), US, changed(told), installing=False)
    assert isinstance(effect, HandBack)
    assert (effect.shared.version, effect.shared.primary) == (version, leads)
    assert EU not in effect.shared.regions


@pytest.mark.parametrize("installing", [True, False])
def test_a_lost_primary_does_not_hand_back_what_it_is_about_to_be_told(*, installing: bool) -> None:
    """A part of an answer, about a key that this region led before it lost its store."""
    answer = changed(TOLD, offer(SA))
    effect = decide_change(local(US), EU, answer, installing=installing)
    assert isinstance(effect, Skip)
