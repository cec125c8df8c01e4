"""Votes for a primary, told as short stories: stores that are lost, words that are not true."""

from __future__ import annotations

from typing import Any

import pytest

from node.model.errors import InvalidState
from replication.asks import Answer, Ask, Vote
from replication.payloads import WhyNot
from replication.shared import SharedState
from tests.simulation.memory_store import State
from tests.simulation.region import SimulatedRegion
from tests.simulation.stage import AP, EU, KEY_ID, SA, US, Stage
from tests.simulation.stepping import finished

ASKED_AGAIN = 25  # seconds: patience, a second search, and the answer


@pytest.fixture
def stage() -> Stage:
    """Four regions, each with a key of one set; the primary is in US."""
    stage = Stage(US, EU, AP, SA)
    stage.run(3)
    stage.create(US)
    for name in (EU, AP, SA):
        stage.replicate(US, name)
    stage.run(3)
    return stage


def stand(stage: Stage, name: str, **members: Any) -> Any:
    """An operator asks for votes in a region, or looks how many have come."""
    return stage.call(
        name, "Keyspan.Promote", from_region=US, key_ids=[KEY_ID], quorum="majority", **members
    )


def shared(stage: Stage, name: str) -> SharedState:
    found = stage.state(name).keys[KEY_ID].shared
    assert found is not None
    return found


def refusals(stage: Stage, name: str) -> dict[str, tuple[WhyNot, str]]:
    """Who does not vote for a region, and why."""
    return {
        each.region: (each.refusal.why, each.refusal.known_region)
        for each in stage.state(name).asks[KEY_ID].answers
        if each.refusal is not None
    }


def test_a_region_that_lost_its_store_is_told_how_it_voted(stage: Stage) -> None:
    stand(stage, EU)
    stage.run(2, EU, AP)
    assert stage.state(AP).votes[KEY_ID] == Vote(KEY_ID, 2, EU)
    stage.restore(AP, State())
    stage.run(ASKED_AGAIN, EU, AP, SA)
    assert stage.state(AP).votes[KEY_ID] == Vote(KEY_ID, 2, EU)
    (undecided,) = stand(stage, AP).undecided
    assert undecided.epoch == 3


def test_a_region_that_lost_its_store_does_not_vote_before_all_have_told_it(stage: Stage) -> None:
    """SA might know of another vote; US, which is to be replaced, is no candidate."""
    stage.restore(AP, State())
    stage.run(ASKED_AGAIN, EU, AP)
    stand(stage, EU)
    stage.run(4, EU, AP)
    assert refusals(stage, EU) == {AP: (WhyNot.BEHIND, SA)}
    stage.regions[EU].crash()
    stage.run(ASKED_AGAIN, AP, SA)
    stage.regions[EU].start()
    stage.run(3, EU, AP)
    stand(stage, EU)  # asks the region again that waited
    stage.run(4, EU, AP)
    assert AP in stage.state(EU).asks[KEY_ID].voters


def test_it_does_not_stand_either(stage: Stage) -> None:
    stage.restore(AP, State())
    stage.run(ASKED_AGAIN, EU, AP)
    (undecided,) = stand(stage, AP).undecided
    (refusal,) = undecided.election.refusals
    assert (refusal.region, refusal.code) == (AP, WhyNot.BEHIND)
    assert KEY_ID not in stage.state(AP).asks


def test_a_region_that_is_gone_for_good_is_evicted_and_then_not_waited_for(stage: Stage) -> None:
    stage.restore(AP, State())
    stage.run(ASKED_AGAIN, EU, AP)
    stage.call(AP, "Keyspan.EvictRegion", region=SA)
    stand(stage, EU)
    stage.run(4, EU, AP)
    assert stage.state(AP).votes[KEY_ID] == Vote(KEY_ID, 2, EU)


def test_an_ask_that_a_resync_passes_over_is_made_again(stage: Stage) -> None:
    stage.regions[AP].crash()
    stand(stage, EU)
    stage.run(2, EU)
    stage.restore(AP, State())
    stage.call(AP, "Keyspan.EvictRegion", region=SA)  # or it would wait for that one's state too
    stage.run(ASKED_AGAIN, EU, AP)
    assert stage.state(AP).votes[KEY_ID] == Vote(KEY_ID, 2, EU)
    assert AP in stage.state(EU).asks[KEY_ID].voters


def test_a_vote_survives_a_crash(stage: Stage) -> None:
    stand(stage, EU)
    stage.run(2, EU, AP)
    stage.regions[AP].crash()
    stage.regions[AP].start()
    assert stage.state(AP).votes[KEY_ID] == Vote(KEY_ID, 2, EU)


def test_a_majority_that_was_none_convinces_nobody(stage: Stage) -> None:
    """By name AP leads at this epoch; EU says that a majority voted for it."""
    stage.call(AP, "Keyspan.Promote", from_region=US, key_ids=[KEY_ID])
    false = tuple(Answer(each, b"no vote of its") for each in (AP, EU, SA))
    finished(_promote_falsely(stage.regions[EU], false))
    stage.run(3)
    assert all(
        f"{each} refuses {EU}: Unauthentic: {EU} tells of votes for {KEY_ID} that are no majority"
        in stage.problems()
        for each in (AP,)
    )
    assert shared(stage, AP).primary == AP


async def _promote_falsely(region: SimulatedRegion, answers: tuple[Answer, ...]) -> None:
    async with region.store.transaction() as transaction:
        known = await transaction.shared(KEY_ID)
        assert known is not None
        ask = Ask(known, 2, known.regions, region.now, answers)
        await region.primary.promote(transaction, known, ask)


def test_the_votes_go_on_in_every_version_of_the_epoch_and_end_with_it(stage: Stage) -> None:
    stand(stage, EU)
    stage.run(3, EU, AP, SA)
    assert len(stand(stage, EU).keys) == 1
    stage.run(3)
    assert shared(stage, US).primary == EU
    stage.call(EU, "EnableKeyRotation", key_id=KEY_ID)
    stage.run(2)
    assert all(shared(stage, each) == shared(stage, EU) for each in (US, AP, SA))
    assert len(shared(stage, US).votes) == 3
    stage.call(EU, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=AP)
    stage.run(3)
    assert shared(stage, US).votes == ()
    assert shared(stage, US).version.epoch == 3


def test_a_handover_behind_a_vote_is_handed_back_by_a_key_that_cannot_lead(stage: Stage) -> None:
    stand(stage, EU)
    stage.run(2, EU, US)
    assert stage.state(US).votes[KEY_ID] == Vote(KEY_ID, 2, EU)
    stage.call(AP, "DisableKey", key_id=KEY_ID)
    stage.call(US, "UpdatePrimaryRegion", key_id=KEY_ID, primary_region=AP)
    assert shared(stage, US).version.epoch == 3
    stage.run(5)
    assert {shared(stage, each).primary for each in (US, EU, AP, SA)} == {US}
    assert shared(stage, US).version.epoch == 4


def test_a_region_that_was_evicted_does_not_stand(stage: Stage) -> None:
    stage.call(EU, "Keyspan.EvictRegion", region=EU)
    with pytest.raises(InvalidState, match="readmit"):
        stand(stage, EU)
