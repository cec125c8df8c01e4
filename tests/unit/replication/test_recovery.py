"""A primary whose store was lost or went back: what it makes of what its replicas tell."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication.apply import decide_change
from replication.effects import Announce, Claim, CreateRelatedKey, Skip
from replication.errors import NotAuthoritative
from replication.materials import RotationType
from replication.recovery import caught_up, recovered
from replication.shared import SharedState
from tests.unit.replication.parts import (
    AP,
    EU,
    NOW,
    SA,
    US,
    changed,
    history,
    local,
    material,
    offer,
    shared,
)

HELD = frozenset(material(number).material_id for number in range(4))
replicas = st.sets(st.sampled_from([AP, EU, SA])).map(lambda found: tuple(sorted(found)))


@st.composite
def states(draw: st.DrawFn) -> SharedState:
    numbers = draw(st.lists(st.integers(0, 3), min_size=1, unique=True))
    return shared(
        US, *draw(replicas), revision=draw(st.integers(1, 3)), materials=history(*numbers)
    )


def test_a_lost_primary_lists_who_told_of_it_alone() -> None:
    told = shared(US, AP, EU, revision=3)
    assert recovered(told, EU) == shared(US, EU, revision=4)
    assert recovered(shared(US, EU, revision=3), EU) == shared(US, EU, revision=3)
    answer = changed(told, offer(US))
    effect = decide_change(local(US, held=HELD), EU, answer, installing=True)
    assert effect == CreateRelatedKey(shared(US, EU, revision=4), leads=True)


def test_a_primary_whose_key_was_still_on_the_way_lists_whom_the_last_one_listed() -> None:
    told = shared(US, AP, EU, epoch=2)
    assert recovered(told, EU) == told


@pytest.mark.parametrize(
    ("known", "told", "after"),
    [
        (shared(US, EU), shared(US, EU), shared(US, EU)),
        (shared(US, EU, revision=5), shared(US, EU), shared(US, EU, revision=5)),
        (shared(US, EU), shared(US, EU, revision=5), shared(US, EU, revision=5)),
        (shared(US), shared(US, EU), shared(US, EU, revision=2)),
        (shared(US, revision=5), shared(US, AP, EU), shared(US, EU, revision=6)),
        (shared(US), shared(US, AP, EU, revision=5), shared(US, EU, revision=6)),
        (shared(US, EU, SA), shared(US, AP, EU), shared(US, EU, SA, revision=2)),
    ],
    ids=[
        "the same",
        "an older version",
        "a newer version",
        "the same number, without it",
        "older, and deleted here",
        "newer, with another that does not tell",
        "the same number, twice made",
    ],
)
def test_what_becomes_of_two_versions(
    known: SharedState, told: SharedState, after: SharedState
) -> None:
    assert caught_up(known, told, EU, HELD) == after
    effect = decide_change(local(US, known), EU, changed(told, offer(US)), installing=True)
    skipped = Skip(f"version {told.version} is known")
    assert effect == (skipped if after == known else Announce(after, leads=True))


@given(states(), states(), st.data())
def test_nothing_is_lost_and_everyone_will_take_it_over(
    known: SharedState, told: SharedState, data: st.DataObject
) -> None:
    origin = data.draw(st.sampled_from([AP, EU, SA]))
    after = caught_up(known, told, origin, HELD)
    assert {*known.replicas, origin} == set(after.replicas)
    assert after.materials.ids == known.materials.ids | told.materials.ids
    for before in (known, told):
        assert after in (before, known) or after.version >= before.version
    assert after in (known, told) or after.version > max(known.version, told.version)
    assert after.version >= max(known.version, told.version)
    assert caught_up(after, told, origin, HELD) == after


@given(states(), st.lists(st.tuples(states(), st.sampled_from([AP, EU, SA])), max_size=4))
def test_it_ends(known: SharedState, answers: list[tuple[SharedState, str]]) -> None:
    """Each replica tells what it knows, again and again, until nothing changes."""
    for _ in range(2 * len(answers) + 1):
        before = known
        for told, origin in answers:
            known = caught_up(known, told, origin, HELD)
    assert known == before


def test_a_rotation_of_which_only_a_replica_knows_goes_on() -> None:
    """The primary went back to before it, and made the same version number with another replica."""
    begun = history(0).offered(material(1).material_id, RotationType.ON_DEMAND, NOW)
    known, told = shared(US, AP, EU, revision=3), shared(US, EU, revision=3, materials=begun)
    after = caught_up(known, told, EU, HELD)
    assert after == shared(US, AP, EU, revision=4, materials=begun)
    assert caught_up(known, told, EU, frozenset()) == replace(after, materials=known.materials)


def test_a_rotation_that_has_ended_here_does_not_go_on() -> None:
    begun = history(0).offered(material(1).material_id, RotationType.ON_DEMAND, NOW)
    known = shared(US, EU, revision=4, materials=begun.activated(NOW))
    assert caught_up(known, shared(US, EU, revision=3, materials=begun), EU, HELD) == known


def test_a_replica_of_an_imported_key_tells_of_itself_without_material() -> None:
    """The store went back to before it was made. Whoever is listed is sent no material for it."""
    known = replace(shared(US), origin="EXTERNAL")
    told = replace(shared(US, EU, revision=3), origin="EXTERNAL")
    answer = changed(told, replace(offer(US), material_ids=()))
    effect = decide_change(local(US, known), EU, answer, installing=True)
    assert effect == Announce(told, leads=True)
    older = replace(shared(US, revision=5), origin="EXTERNAL")
    effect = decide_change(local(US, older), EU, answer, installing=False)
    assert effect == Announce(older.with_replica(EU), leads=True)


def test_a_replica_of_an_imported_key_that_offers_nothing_is_not_listened_to() -> None:
    known = replace(shared(US), origin="EXTERNAL")
    told = replace(shared(US, EU, revision=3), origin="EXTERNAL")
    with pytest.raises(NotAuthoritative):
        decide_change(local(US, known), EU, changed(told), installing=True)


@pytest.mark.parametrize(
    ("origin", "installing", "claims"),
    [(US, True, True), (US, False, False), (AP, True, False)],
    ids=["its answer", "an old entry", "another region's answer"],
)
def test_a_primary_that_answers_with_less_than_it_told_before_is_shown_that(
    origin: str, *, installing: bool, claims: bool
) -> None:
    """Seed 7544: the store of the region that had asked went back too, so no log showed it."""
    known, told = shared(US, AP, EU, revision=3), shared(US, AP, revision=2)
    effect = decide_change(local(EU, known), origin, changed(told), installing=installing)
    assert isinstance(effect, Claim if claims else Skip)
