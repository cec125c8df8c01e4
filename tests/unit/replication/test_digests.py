"""Digests of shared state: equal exactly when what both regions must have alike is equal."""

from collections.abc import Sequence
from dataclasses import replace

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from replication.digests import (
    DIRECTORY,
    SETS_PER_SLICE,
    Compared,
    Holding,
    Slice,
    digest,
    next_slice,
    slices,
)
from replication.facts import Fact
from replication.payloads import FactStamp
from replication.shared import SharedState
from tests.unit.replication.parts import AP, EU, US, material, shared

KEY_IDS = [f"mrk-{number:032x}" for number in range(4)]
SETS = [shared(EU, US, revision=2, key_id=each) for each in KEY_IDS]
HELD = frozenset(SETS[0].materials.ids)


def compared(states: Sequence[SharedState], region: str, peer: str) -> tuple[Compared, ...]:
    return Slice([holding(each) for each in states]).compared(region, peer)


def of_fact(fact: Fact) -> bytes:
    (row,) = Slice(facts=[fact]).compared(EU, US)
    return row.fingerprint


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
    whole = digest(compared(SETS, EU, US))
    assert digest(compared(order, US, EU)) == whole
    some = [SETS[each] for each in sorted(chosen)]
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
    for each in (DIRECTORY, *parts, DIRECTORY, parts[0]):
        last = next_slice(sets, last)
        assert last == each


def test_when_slices_become_longer_or_shorter_the_turn_goes_on() -> None:
    assert next_slice(1, "mrk-7") == DIRECTORY
    assert next_slice(2 * SETS_PER_SLICE, "mrk-") == "mrk-0"
    assert next_slice(2 * SETS_PER_SLICE, "mrk-7f") == "mrk-8"
    assert next_slice(2 * SETS_PER_SLICE, "mrk-f") == DIRECTORY
    assert next_slice(2 * SETS_PER_SLICE, DIRECTORY) == "mrk-0"


def test_every_part_of_a_fact_counts_and_of_its_secret_whether_it_is_there() -> None:
    fact = Fact(("user", "alice"), b"value", FactStamp(2, 10.0, US))
    changed = [
        replace(fact, key=("user", "bob")),
        replace(fact, key=("user", "al", "ice")),
        replace(fact, value=b"other"),
        replace(fact, value=b""),
        replace(fact, value=None),
        replace(fact, stamp=FactStamp(3, 10.0, US)),
        replace(fact, stamp=FactStamp(2, 10.5, US)),
        replace(fact, stamp=FactStamp(2, 10.0, EU)),
        replace(fact, secret=b"secret"),
    ]
    assert len({of_fact(each) for each in (fact, *changed)}) == len(changed) + 1
    assert of_fact(replace(fact, secret=b"one")) == of_fact(replace(fact, secret=b"two"))


def test_facts_are_compared_by_every_pair_whoever_made_them() -> None:
    facts = [Fact(("user", each), b"value", FactStamp(1, 10.0, AP)) for each in ("b", "a")]
    rows = Slice(facts=facts).compared(EU, US)
    assert [each.name for each in rows] == ["directory/user/a", "directory/user/b"]
