"""Digests of shared state: equal exactly when what both regions must have alike is equal."""

from dataclasses import replace

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from replication.digests import (
    SETS_PER_SLICE,
    Holding,
    compared,
    digest,
    next_slice,
    slices,
)
from replication.shared import SharedState
from tests.unit.replication.parts import AP, EU, US, material, shared

KEY_IDS = [f"mrk-{number:032x}" for number in range(4)]
SETS = [shared(EU, US, revision=2, key_id=each) for each in KEY_IDS]
HELD = frozenset(SETS[0].materials.ids)


def holding(state: SharedState, *more: str) -> Holding:
    return Holding(state, frozenset({*state.materials.ids, *more}))


def test_a_pair_compares_what_both_hold_and_one_of_them_leads() -> None:
    assert holding(shared(EU, US)).concerns(EU, US)
    assert holding(shared(EU, US)).concerns(US, EU)
    assert not holding(shared(EU, US)).concerns(EU, AP)
    assert not holding(shared(EU, US, AP)).concerns(US, AP)
    assert not holding(shared(EU, AP)).concerns(EU, US)


def test_both_sides_have_one_fingerprint() -> None:
    assert holding(SETS[0]).fingerprint == holding(SETS[0]).fingerprint
    assert holding(SETS[0]).fingerprint != holding(SETS[1]).fingerprint


def test_every_shared_property_counts() -> None:
    state = SETS[0]
    changed = [
        replace(state, version=state.version.next_revision()),
        replace(state, version=state.version.next_epoch()),
        replace(state, account="444455556666"),
        replace(state, key_usage="SIGN_VERIFY"),
        replace(state, key_spec="HMAC_256"),
        replace(state, primary=AP),
        state.with_replica(AP),
        replace(state, materials=replace(state.materials, period_days=90)),
        replace(state, unknown=msgpack.packb({"newer": 1})),
    ]
    assert len({holding(each).fingerprint for each in (state, *changed)}) == len(changed) + 1


def test_a_material_that_is_missing_counts_and_one_that_is_too_many_does_not() -> None:
    whole = holding(SETS[0]).fingerprint
    assert Holding(SETS[0], frozenset()).fingerprint != whole
    assert holding(SETS[0], material(9, KEY_IDS[0]).material_id).fingerprint == whole


def test_materials_that_each_region_imports_do_not_count() -> None:
    external = replace(SETS[0], origin="EXTERNAL")
    assert Holding(external, frozenset()).fingerprint == holding(external).fingerprint


def test_fields_of_a_newer_version_count_in_any_order() -> None:
    one, other = ({"a": 1, "b": {"x": 1, "y": 2}}, {"b": {"y": 2, "x": 1}, "a": 1})
    states = [replace(SETS[0], unknown=msgpack.packb(each)) for each in (one, other)]
    assert holding(states[0]).fingerprint == holding(states[1]).fingerprint


@given(st.permutations(SETS), st.sets(st.integers(0, 3)))
def test_a_digest_tells_sets_apart_and_not_their_order(
    order: list[SharedState], chosen: set[int]
) -> None:
    whole = digest(compared(map(holding, SETS), EU, US))
    assert digest(compared(map(holding, order), US, EU)) == whole
    some = [holding(SETS[each]) for each in sorted(chosen)]
    assert (digest(compared(some, EU, US)) == whole) == (len(chosen) == len(SETS))


@given(st.integers(0, 20 * SETS_PER_SLICE), st.integers(0, 2**128 - 1))
def test_slices_part_all_key_ids(sets: int, number: int) -> None:
    parts = list(slices(sets))
    assert sum(f"mrk-{number:032x}".startswith(each) for each in parts) == 1
    assert sets <= SETS_PER_SLICE * len(parts)
    assert len(parts) == 1 or sets > SETS_PER_SLICE * len(parts) / 16


@given(st.integers(0, 20 * SETS_PER_SLICE))
def test_every_slice_has_its_turn(sets: int) -> None:
    parts = list(slices(sets))
    last = None
    for each in (*parts, parts[0]):
        last = next_slice(sets, last)
        assert last == each


def test_when_slices_become_longer_or_shorter_the_turn_goes_on() -> None:
    assert next_slice(1, "mrk-7") == "mrk-"
    assert next_slice(2 * SETS_PER_SLICE, "mrk-") == "mrk-0"
    assert next_slice(2 * SETS_PER_SLICE, "mrk-7f") == "mrk-8"
    assert next_slice(2 * SETS_PER_SLICE, "mrk-f") == "mrk-0"
