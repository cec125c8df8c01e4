"""What a region does with a newer version of shared state that does not simply fit."""

from __future__ import annotations

from dataclasses import replace

from replication.apply import decide_change, decide_deletion, held_again
from replication.effects import (
    Adopt,
    Announce,
    AskForMaterial,
    Claim,
    CreateRelatedKey,
    HandBack,
    NoteDeleted,
)
from replication.payloads import RelatedKeysChanged, ReplicaDeleted
from replication.position import NOWHERE, Position
from tests.unit.replication.parts import (
    AP,
    EU,
    KEY_ID,
    LOG_ID,
    OTHER_LOG_ID,
    US,
    changed,
    deletion,
    history,
    local,
    material,
    offer,
    shared,
    verified,
)

KNOWN = shared(US, AP, EU)


def test_a_region_does_not_name_material_that_it_lacks() -> None:
    """It would encrypt with it, or say that it can decrypt with it."""
    told = shared(US, AP, EU, revision=2, materials=history(0, 1))
    effect = decide_change(local(EU, KNOWN), US, changed(told), installing=False)
    assert effect == AskForMaterial(KEY_ID)


def test_a_region_that_a_new_primary_does_not_list_claims_its_place() -> None:
    told = shared(AP, US, epoch=2)
    effect = decide_change(local(EU, KNOWN), AP, changed(told), installing=False)
    assert effect == Claim(KNOWN, AP)


def test_what_was_offered_under_the_old_primary_is_shared_with_the_new_one() -> None:
    """The old primary may have activated it, encrypted with it and been lost since."""
    held = frozenset(material(each).material_id for each in (0, 1))
    told = shared(AP, EU, US, epoch=2)
    effect = decide_change(local(EU, KNOWN, held=held), AP, changed(told), installing=False)
    assert effect == Adopt(told, share=frozenset({material(1).material_id}), new_lead=True)


def test_what_was_waited_for_under_the_old_primary_is_not_waited_for_any_longer() -> None:
    """Seeds 86 and 149: a key stayed Updating for ever, and a handover was waited for in vain."""
    told = shared(AP, EU, US, epoch=2)
    effect = decide_change(local(US, KNOWN), AP, changed(told), installing=False)
    assert effect == Adopt(told, new_lead=True, stepped_down=True)


def test_a_key_that_is_not_enabled_is_not_made_the_primary_by_a_handover() -> None:
    told = KNOWN.with_primary(EU)
    mine = local(EU, KNOWN, can_lead=False)
    effect = decide_change(mine, US, changed(told), installing=False)
    assert effect == HandBack(told.with_primary(US))


def test_what_is_handed_back_is_taken_back_whatever_the_state_of_the_key() -> None:
    """Or two regions would hand it to and fro for ever."""
    handed_over = KNOWN.with_primary(EU)
    back = handed_over.with_primary(US)
    mine = local(US, handed_over, can_lead=False)
    told = RelatedKeysChanged(back, handed_back=True)
    assert decide_change(mine, EU, told, installing=False) == Adopt(back, leads=True, new_lead=True)


def test_a_region_that_deleted_its_primary_key_does_not_get_it_back_from_a_backup() -> None:
    """Seed 7: a replica came back with a backup of its region, and brought the primary with it."""
    mine = local(US, None, deletion=deletion(4))
    answer = changed(shared(US, EU), offer(US, as_of=Position(LOG_ID, 3)))
    effect = decide_change(mine, EU, answer, installing=True)
    assert effect == HandBack(shared(EU, epoch=2))


def test_a_deleted_replica_is_held_again_when_its_region_or_the_primary_says_so() -> None:
    gone = {EU: Position(LOG_ID, 9)}
    assert held_again(EU, changed(KNOWN, offer(US)), gone) == {EU}
    anew = changed(KNOWN, offer(EU, as_of=Position(LOG_ID, 9)))
    assert held_again(US, anew, gone) == {EU}


def test_an_offer_by_one_who_had_not_heard_of_the_deletion_says_nothing() -> None:
    gone = {EU: Position(LOG_ID, 9)}
    for as_of in (Position(LOG_ID, 8), Position(OTHER_LOG_ID, 20)):
        assert held_again(US, changed(KNOWN, offer(EU, as_of=as_of)), gone) == set()
    later = offer(EU, as_of=Position(LOG_ID, 9))
    assert held_again(AP, changed(KNOWN, later), gone) == set()  # not the primary
    assert held_again(US, changed(KNOWN, replace(later, anew=False)), gone) == set()


def test_a_region_that_hands_over_to_one_that_has_deleted_its_key_leads_on() -> None:
    """Seed 1781: the other handed back, in an entry that a resync then passed over. And seed 9344:
    an older version, of one who had not heard of the deletion, brought the key back.
    """
    waiting = local(US, KNOWN.with_primary(EU), handing_over=True)
    entry = verified(ReplicaDeleted(KEY_ID), EU)
    effect = decide_deletion(waiting, entry, ReplicaDeleted(KEY_ID), NOWHERE)
    gone = NoteDeleted(KEY_ID, EU, Position(entry.log_id, entry.sequence))
    assert effect == Announce(shared(US, AP, epoch=3), leads=True, gone=gone)


def test_a_region_that_is_offered_a_key_anew_and_is_to_lead_it_takes_it() -> None:
    """Seed 2226: it took the offer for one of before its deletion."""
    mine = local(EU, None, deletion=deletion(7), held=frozenset({material(0).material_id}))
    told = KNOWN.with_primary(EU)
    answer = changed(told, offer(EU, as_of=Position(LOG_ID, 7)))
    effect = decide_change(mine, US, answer, installing=True)
    assert isinstance(effect, CreateRelatedKey)
    late = changed(told, offer(EU, as_of=Position(LOG_ID, 6)))
    assert isinstance(decide_change(mine, US, late, installing=True), HandBack)
