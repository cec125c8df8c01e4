"""What a version of shared state means here: who may tell it, and what is done with it."""

from __future__ import annotations

import pytest

from replication.apply import decide_change
from replication.effects import Adopt, Announce, Skip
from replication.errors import NotAuthoritative
from replication.payloads import RelatedKeysChanged
from replication.position import Position
from tests.unit.replication.parts import AP, EU, LOG_ID, SA, US, changed, local, offer, shared

KNOWN = shared(US, AP, EU, revision=3)


def test_an_answer_to_another_region_is_not_taken_for_a_change_by_the_wrong_region() -> None:
    """The simulator's first find: eu-west-1 answers a resync request of ap-southeast-2, and its log
    is read by us-east-1 too. That refused it as NotAuthoritative, asked for a resync itself, and by
    that answer made the next region refuse: no end of resyncs.
    """
    answer = changed(KNOWN, offer(AP))
    effect = decide_change(local(US, KNOWN), EU, answer, installing=False)
    assert isinstance(effect, Skip)


def test_an_answer_that_was_given_up_is_passed_over() -> None:
    effect = decide_change(local(AP, KNOWN), EU, changed(KNOWN, offer(AP)), installing=False)
    assert isinstance(effect, Skip)


@pytest.mark.parametrize("origin", [AP, SA])
def test_only_the_primary_tells_of_a_change(origin: str) -> None:
    told = shared(US, EU, revision=4)
    with pytest.raises(NotAuthoritative, match=f"{origin} changed .* whose primary is in {US}"):
        decide_change(local(EU, KNOWN), origin, changed(told), installing=False)


def test_the_new_primary_may_be_heard_before_the_old_one_hands_over() -> None:
    """That was refused as NotAuthoritative, and the old primary's log not read on, until it had
    been asked for its state. At every handover: who begins to lead says so at once.
    """
    handover = changed(shared(EU, US, AP, epoch=2))
    known = shared(EU, US, AP, epoch=2, revision=2)
    assert isinstance(decide_change(local(AP, known), US, handover, installing=False), Skip)
    later = changed(shared(EU, US, AP, epoch=2, revision=3))
    for origin, told in ((SA, handover), (US, later)):
        with pytest.raises(NotAuthoritative):
            decide_change(local(AP, known), origin, told, installing=False)


def test_who_declines_the_lead_may_be_heard_by_who_leads() -> None:
    """It has deleted its key, and told another that had missed who leads."""
    known = shared(US, AP, epoch=3, revision=4)
    declined = RelatedKeysChanged(shared(US, AP, epoch=3, revision=0), handed_back=True)
    for region in (US, AP):
        effect = decide_change(local(region, known), EU, declined, installing=False)
        assert isinstance(effect, Skip)


def test_a_region_whose_store_is_an_old_copy_listens_to_a_replica_that_it_does_not_know() -> None:
    """us-east-1 was restored from before it replicated to ap-southeast-2: whoever offers material
    of the key holds it. Without this, it refused the answer that it had asked for, for ever.
    """
    restored = shared(US, EU, revision=2)
    answer = changed(shared(US, AP, EU, revision=3), offer(US))
    effect = decide_change(local(US, restored), AP, answer, installing=True)
    assert effect == Announce(answer.shared, leads=True)


def test_a_primary_takes_a_claim_that_it_did_not_ask_for() -> None:
    known, claim = shared(US, EU, revision=4), changed(shared(US, AP, EU, revision=3), offer(US))
    effect = decide_change(local(US, known), AP, claim, installing=False)
    assert effect == Announce(shared(US, AP, EU, revision=5), leads=True)


def test_nobody_but_the_primary_takes_a_claim() -> None:
    known, claim = shared(US, EU, revision=4), changed(shared(US, AP, EU, revision=3), offer(EU))
    assert isinstance(decide_change(local(EU, known), AP, claim, installing=False), Skip)


def test_a_replica_that_this_region_does_not_know_may_have_been_promoted() -> None:
    """Seed 7030: the primary had lost its store, and handed over before ap-southeast-2 could claim
    its place; ap-southeast-2 was promoted by force, and nobody listened.
    """
    known, promoted = shared(US, EU, epoch=2), shared(AP, EU, US, epoch=2)
    effect = decide_change(local(EU, known), AP, changed(promoted, offer(EU)), installing=False)
    assert effect == Adopt(promoted, new_lead=True)


def test_a_region_that_shows_no_material_of_the_key_is_not_listened_to() -> None:
    restored = shared(US, EU, revision=2)
    told = shared(US, AP, EU, revision=3)
    stranger = changed(told, offer(US, 7))
    assert isinstance(decide_change(local(US, restored), AP, stranger, installing=True), Skip)
    with pytest.raises(NotAuthoritative):
        decide_change(local(US, restored), AP, changed(told), installing=True)


@pytest.mark.parametrize(
    ("told", "listed"),
    [
        (changed(shared(AP, EU, US)), ()),
        (changed(shared(AP, EU, US), offer(EU, as_of=Position(LOG_ID, 6))), ()),
        (changed(shared(AP, EU, US), offer(EU, as_of=Position(LOG_ID, 7))), (EU,)),
    ],
    ids=["listed", "offered before", "offered anew"],
)
def test_an_older_version_does_not_bring_back_what_was_deleted(
    told: RelatedKeysChanged, listed: tuple[str, ...]
) -> None:
    """Seed 8673: its teller had not heard of the deletion, and the region was offered it again."""
    known = shared(US, AP, epoch=2)
    here = local(US, known, gone={EU: Position(LOG_ID, 7)})
    effect = decide_change(here, AP, told, installing=False)
    after = shared(US, AP, EU, epoch=2, revision=2)
    passed_on = ((EU, Position(LOG_ID, 7)),)
    assert effect == Announce(after, passed_on=passed_on) if listed else isinstance(effect, Skip)
