"""What imported material does to a key, for any key, material and moment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.model import imports, lifecycle
from node.model.errors import (
    IncorrectKeyMaterial,
    InvalidState,
    UnsupportedOperation,
    Validation,
)
from node.model.imports import DOES_NOT_EXPIRE, EXISTING, EXPIRES, NEW, Terms
from node.model.key import ImportedMaterial, Key, KeyState
from replication.materials import Materials
from replication.shared import EXTERNAL, SharedState
from tests.unit.model.keys import ELSEWHERE, HOME, NOW, key, shared_state

ONE, TWO, THREE, FOUR = (str(number) * 64 for number in (1, 2, 3, 4))
ANY = Terms(None, None, None, None)
DAY = 86_400
ids = st.sampled_from((ONE, TWO, THREE, FOUR))
times = st.none() | st.floats(NOW, NOW + 400 * DAY)
GOING = (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION)
histories = st.lists(ids, unique=True, max_size=3)


def materials_of(history: list[str], pending: str | None = None) -> Materials:
    materials = Materials.none()
    for number, each in enumerate(history):
        if number == 0:
            materials = materials.imported_first(each, "")
        else:
            materials = materials.imported_next(each, "", HOME, NOW).import_rotated(NOW)
    if pending is not None and pending not in history and history:
        materials = materials.imported_next(pending, "", HOME, NOW)
    return materials


def external(
    history: list[str],
    held: dict[str, float | None],
    state: KeyState = KeyState.ENABLED,
    pending: str | None = None,
) -> Key:
    imported = tuple(ImportedMaterial(*each) for each in sorted(held.items()))
    materials = materials_of(history, pending)
    return replace(key(state), origin=EXTERNAL, own_materials=materials, imported=imported)


keys = st.builds(
    external, histories, st.dictionaries(ids, times), st.sampled_from(KeyState), st.none() | ids
)


@given(keys)
def test_a_key_that_misses_material_is_pending_import_unless_it_goes(subject: Key) -> None:
    settled = imports.settled(subject)
    complete = bool(subject.materials.ids) and not imports.missing(subject)
    if subject.state in GOING:
        assert settled == subject
    elif not complete:
        assert settled.state is KeyState.PENDING_IMPORT
    elif subject.state is KeyState.PENDING_IMPORT:
        assert settled.state is KeyState.ENABLED
    else:
        assert settled == subject
    assert imports.settled(settled) == settled
    assert replace(settled, state=subject.state) == subject


@given(st.sampled_from(KeyState))
def test_a_key_with_material_of_kms_is_never_touched(state: KeyState) -> None:
    assert imports.settled(key(state)) == key(state)


@given(keys, st.floats(NOW, NOW + 400 * DAY))
def test_what_has_expired_is_let_go_and_nothing_else(subject: Key, now: float) -> None:
    gone = imports.expired(subject, now)
    after = imports.without(subject, gone)
    assert imports.held(after) == imports.held(subject) - gone
    assert not imports.expired(after, now)
    due = imports.expiry_due(after)
    assert due is None or due > now
    assert all(each.valid_to is None or each.valid_to > now for each in after.imported)


@given(keys)
def test_what_is_shown_is_the_earliest_of_what_was_ever_current(subject: Key) -> None:
    model, ends = imports.earliest(subject)
    shown = [each for each in subject.imported if each.material_id in subject.materials.ids]
    assert (model is None) == (not shown)
    assert (model == EXPIRES) == (ends is not None)
    if shown and ends is None:
        assert model == DOES_NOT_EXPIRE
        assert all(each.valid_to is None for each in shown)


@given(keys, ids, st.none() | st.sampled_from((NEW, EXISTING)), st.none() | ids, times)
def test_an_import_is_refused_or_does_what_it_says(
    subject: Key, material_id: str, import_type: str | None, named: str | None, valid_to: float
) -> None:
    terms = Terms(import_type, named, None, valid_to)
    try:
        imports.check_terms(subject, terms)
        after = imports.imported(subject, material_id, terms, NOW)
        materials = imports.materials_after(subject, material_id, terms, NOW)
    except (Validation, IncorrectKeyMaterial, InvalidState):
        return
    assert ImportedMaterial(material_id, valid_to) in after.imported
    assert imports.held(after) == imports.held(subject) | {material_id}
    assert materials.associated == subject.materials.associated | {material_id}
    assert materials.ids >= subject.materials.ids
    assert material_id in (materials.current, *materials.associated)
    if subject.materials.current is not None:
        assert materials.current == subject.materials.current  # until it is rotated


@given(keys, st.sets(ids))
def test_deletion_forgets_only_what_awaits_its_rotation(subject: Key, gone: set[str]) -> None:
    after = imports.materials_without(subject, gone)
    assert after.ids == subject.materials.ids
    pending = subject.materials.pending_import
    kept = pending is not None and pending.material_id not in gone
    assert (after.pending_import == pending) if kept else (after.pending_import is None)


@pytest.mark.parametrize(
    ("model", "given_time", "found"),
    [
        (DOES_NOT_EXPIRE, None, None),
        (None, NOW + 1, NOW + 1),
        (EXPIRES, NOW + 365 * DAY, NOW + 365 * DAY),
    ],
)
def test_times(model: str | None, given_time: float | None, found: float | None) -> None:
    assert imports.valid_to(model, given_time, NOW) == found


@pytest.mark.parametrize(
    ("model", "given_time"),
    [
        (None, None),
        (EXPIRES, None),
        (DOES_NOT_EXPIRE, NOW + 1),
        (EXPIRES, NOW),
        (EXPIRES, -1.0),
        (EXPIRES, NOW + 365 * DAY + 1),
        (EXPIRES, float("inf")),
        (EXPIRES, float("nan")),
    ],
)
def test_times_that_do_not_go(model: str | None, given_time: float | None) -> None:
    with pytest.raises(Validation):
        imports.valid_to(model, given_time, NOW)


def test_terms_that_only_symmetric_keys_have() -> None:
    mac = replace(external([], {}), key_spec="HMAC_256", key_usage="GENERATE_VERIFY_MAC")
    imports.check_terms(mac, ANY)
    for terms in (replace(ANY, import_type=NEW), replace(ANY, material_id=ONE)):
        with pytest.raises(UnsupportedOperation):
            imports.check_terms(mac, terms)


def _replica(state: KeyState, history: list[str], held: list[str]) -> Key:
    shared = replace(
        shared_state(ELSEWHERE[0], (HOME,)), origin=EXTERNAL, materials=materials_of(history)
    )
    imported = tuple(ImportedMaterial(each, None) for each in held)
    return replace(key(state, shared), origin=EXTERNAL, imported=imported)


def test_a_replica_takes_no_new_material() -> None:
    replica = _replica(KeyState.ENABLED, [ONE], [ONE])
    imports.check_terms(replica, ANY)
    with pytest.raises(UnsupportedOperation):
        imports.check_terms(replica, replace(ANY, import_type=NEW))


def _rotated(shared: SharedState) -> SharedState:
    pending = shared.materials.imported_next(TWO, "", ELSEWHERE[0], NOW)
    return shared.with_materials(pending.import_rotated(NOW))


@pytest.mark.parametrize(
    ("state", "held", "after"),
    [
        (KeyState.ENABLED, [ONE], KeyState.PENDING_IMPORT),
        (KeyState.DISABLED, [ONE], KeyState.PENDING_IMPORT),
        (KeyState.ENABLED, [ONE, TWO], KeyState.ENABLED),
        (KeyState.DISABLED, [ONE, TWO], KeyState.DISABLED),
        (KeyState.PENDING_IMPORT, [TWO], KeyState.PENDING_IMPORT),
        (KeyState.PENDING_DELETION, [ONE], KeyState.PENDING_DELETION),
    ],
)
def test_a_rotation_that_a_replica_hears_of(
    state: KeyState, held: list[str], after: KeyState
) -> None:
    replica = _replica(state, [ONE], held)
    assert replica.shared is not None
    changed = lifecycle.shared_changed(replica, _rotated(replica.shared), NOW)
    assert changed.state is after
    assert imports.held(changed) == set(held)


def test_cancelling_a_deletion_does_not_hide_what_is_missing() -> None:
    going = external([ONE], {}, KeyState.PENDING_DELETION)
    assert lifecycle.deletion_cancelled(going).state is KeyState.PENDING_IMPORT
    whole = external([ONE], {ONE: None}, KeyState.PENDING_DELETION)
    assert lifecycle.deletion_cancelled(whole).state is KeyState.DISABLED
