"""Imported material of related keys: what is shared of it, and who tells whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication import apply as rules
from replication.effects import Adopt, Announce, CreateRelatedKey, Skip
from replication.errors import Malformed, NotAuthoritative
from replication.imports import dropped, lacking, report_due, reported
from replication.materials import Materials, PendingImport, Rotated, RotationType
from replication.packing import pack_materials, unpack_materials
from replication.payloads import ImportReported, MaterialsContributed
from replication.shared import SharedState, pack_shared, unpack_shared
from tests.unit.replication.parts import (
    AP,
    EU,
    KEY_ID,
    NOW,
    US,
    changed,
    local,
    material,
    offer,
    shared,
)

ONE, TWO, THREE = (material(number).material_id for number in (1, 2, 3))
REPORT = ImportReported(KEY_ID, TWO, NOW, held=True)


def imported(*regions: str, **changes: Any) -> SharedState:
    """A key of three regions whose second material was imported into `regions`."""
    first = Materials.none().imported_first(ONE, "first")
    pending = PendingImport(TWO, NOW, "second", tuple(sorted(regions)))
    materials = replace(first, pending_import=pending if regions else None)
    state = shared(US, AP, EU, revision=5, materials=materials)
    return replace(state, origin="EXTERNAL", **changes)


# The values


def test_a_key_begins_with_no_material_and_its_first_is_current_at_once() -> None:
    none = Materials.none()
    assert (none.ids, none.associated, none.current) == (frozenset(), frozenset(), None)
    first = none.imported_first(ONE, "from the safe")
    assert (first.history, first.current) == ((Rotated(ONE, description="from the safe"),), ONE)
    with pytest.raises(ValueError, match="has material already"):
        first.imported_first(TWO, "")


def test_the_next_one_awaits_its_rotation() -> None:
    pending = imported(US).materials
    assert pending.current == ONE
    assert (set(pending.ids), set(pending.associated)) == ({ONE}, {ONE, TWO})
    rotated = pending.import_rotated(NOW + 9)
    assert rotated.history[-1] == Rotated(TWO, NOW + 9, RotationType.ON_DEMAND, "second")
    assert (rotated.current, rotated.pending_import) == (TWO, None)
    assert rotated.on_demand_rotations == 1
    with pytest.raises(ValueError, match="no imported material"):
        rotated.import_rotated(NOW)


def test_one_material_awaits_its_rotation_at_a_time() -> None:
    with pytest.raises(ValueError, match="another material"):
        imported(US).materials.imported_next(THREE, "", US, NOW)
    with pytest.raises(ValueError, match="this one is known"):
        imported().materials.imported_next(ONE, "", US, NOW)
    again = imported(US).materials.import_dropped().imported_next(THREE, "third", US, NOW)
    assert again.pending_import == PendingImport(THREE, NOW, "third", (US,))


def test_a_material_is_described_anew() -> None:
    materials = imported(US).materials.described(TWO, "two").described(ONE, "one")
    assert [each.description for each in materials.history] == ["one"]
    assert materials.pending_import is not None
    assert materials.pending_import.description == "two"
    assert materials.described(THREE, "none of this key's") == materials


def test_a_forced_promotion_drops_what_awaits_its_rotation() -> None:
    assert imported(US, EU).materials.abandoned().pending_import is None


def test_what_was_current_elsewhere_comes_back_into_the_history() -> None:
    elsewhere = (Rotated(TWO, NOW, RotationType.ON_DEMAND, "second"),)
    merged = imported(US).materials.with_history(elsewhere)
    assert [each.material_id for each in merged.history] == [TWO, ONE]
    assert (merged.current, merged.pending_import) == (ONE, None)
    assert Materials.none().with_history(elsewhere).current == TWO
    assert Materials.none().with_history(()) == Materials.none()


texts = st.text(max_size=8)
pendings = st.builds(
    PendingImport, texts, st.floats(allow_nan=False), texts, st.lists(texts).map(tuple)
)


@given(texts, st.none() | pendings, st.dictionaries(st.just("newer"), st.integers(0, 9)))
def test_materials_survive_being_packed(
    description: str, pending: PendingImport | None, newer: dict[str, int]
) -> None:
    for materials in (Materials.none(), Materials.none().imported_first(ONE, description)):
        full = replace(materials, pending_import=pending)
        packed = msgpack.unpackb(msgpack.packb(pack_materials(full) | newer))
        read = unpack_materials(packed)
        assert replace(read, unknown=b"") == full
        assert pack_materials(read.described(ONE, "new")).items() >= newer.items()


@pytest.mark.parametrize(
    "wrong",
    [
        {"history": []},
        {"current": None},
        {"current": TWO},
        {"pending_import": [TWO, NOW, "second"]},
        {"pending_import": [TWO, 1, "second", [US]]},
        {"pending_import": [TWO, NOW, None, [US]]},
        {"pending_import": [TWO, NOW, "", US]},
        {"pending_import": [TWO, NOW, "", [1]]},
        {"history": [[ONE, None, None]]},
        {"history": [[ONE, None, None, None]]},
    ],
)
def test_malformed_materials(wrong: dict[str, Any]) -> None:
    fields = pack_shared(imported(US))
    fields["materials"] |= wrong
    with pytest.raises(Malformed):
        unpack_shared(fields)


# Who lacks it, and who tells


def test_who_still_has_to_import() -> None:
    assert lacking(imported()) == ()
    assert lacking(imported(US)) == (AP, EU)
    assert lacking(imported(US, AP), evicted={EU}) == ()
    assert lacking(imported(AP, EU)) == (US,)
    assert lacking(imported(US, AP, EU)) == ()


def test_a_new_replica_has_to_import_and_a_deleted_one_not() -> None:
    everywhere = imported(US, AP, EU)
    assert lacking(everywhere.with_replica("sa-east-1")) == ("sa-east-1",)
    assert lacking(everywhere.without_replica(EU).with_replica(EU)) == (EU,)
    assert lacking(imported(US, AP).without_replica(EU)) == ()


def test_a_handover_keeps_the_count() -> None:
    assert lacking(imported(US, AP).with_primary(EU)) == (EU,)


@pytest.mark.parametrize(
    ("told", "held", "due"),
    [
        (imported(US), {ONE, TWO}, REPORT),
        (imported(US, EU), {ONE}, replace(REPORT, held=False)),
        (imported(US, EU), {TWO}, None),
        (imported(US), {ONE}, None),
        (imported(), {ONE, TWO}, None),
    ],
)
def test_a_replica_reports_what_the_primary_does_not_know(
    told: SharedState, held: set[str], due: ImportReported | None
) -> None:
    assert report_due(EU, told, held) == due
    assert report_due(US, told, held) is None


def test_a_report_is_counted_once() -> None:
    after = reported(imported(US), EU, REPORT)
    assert after is not None
    assert lacking(after) == (AP,)
    assert after.version.revision == 6
    assert reported(after, EU, REPORT) is None
    back = reported(after, EU, replace(REPORT, held=False))
    assert back is not None
    assert lacking(back) == (AP, EU)


@pytest.mark.parametrize(
    "stale",
    [replace(REPORT, material_id=THREE), replace(REPORT, since=NOW - 1)],
)
def test_a_report_on_another_import_counts_for_nothing(stale: ImportReported) -> None:
    assert reported(imported(US), EU, stale) is None
    assert reported(imported(), EU, REPORT) is None


def test_the_primary_announces_what_is_reported() -> None:
    effect = rules.decide_import(local(US, imported(US)), EU, REPORT)
    assert effect == Announce(reported(imported(US), EU, REPORT))  # type: ignore[arg-type]


def test_a_report_means_nothing_to_others() -> None:
    assert isinstance(rules.decide_import(local(AP, imported(US)), EU, REPORT), Skip)
    assert isinstance(rules.decide_import(local(US, None), EU, REPORT), Skip)
    known = reported(imported(US), EU, REPORT)
    assert isinstance(rules.decide_import(local(US, known), EU, REPORT), Skip)


def test_a_region_without_a_key_of_the_set_may_not_report() -> None:
    with pytest.raises(NotAuthoritative):
        rules.decide_import(local(US, imported(US)), "sa-east-1", REPORT)


# What travels


def test_a_replica_is_created_without_material() -> None:
    told = imported(US)
    empty = replace(offer(EU), material_ids=())
    effect = rules.decide_change(local(EU), US, changed(told, empty), installing=False)
    assert effect == CreateRelatedKey(told)


@pytest.mark.parametrize("known", [None, imported(US)])
def test_material_that_is_sent_is_refused(known: SharedState | None) -> None:
    told = imported(US, version=replace(imported().version, revision=9))
    for sent in (offer(EU, 1), offer(AP, 1)):
        with pytest.raises(Malformed, match="which is imported"):
            rules.decide_change(local(EU, known), US, changed(told, sent), installing=False)


@pytest.mark.parametrize(
    "other",
    [
        {"origin": "AWS_KMS"},
        {"key_spec": "HMAC_256"},
        {"key_usage": "SIGN_VERIFY"},
        {"account": "444455556666"},
    ],
)
def test_what_never_changes_about_a_key_cannot_be_changed(other: dict[str, str]) -> None:
    """Else a region could make another one send what its owner imported there."""
    told = replace(imported(US).with_primary(EU), **other)  # type: ignore[arg-type]
    for installing in (False, True):
        with pytest.raises(Malformed, match="as another key"):
            rules.decide_change(local(AP, imported(US)), EU, changed(told), installing=installing)


def test_a_new_version_is_taken_over_whether_its_material_is_here_or_not() -> None:
    known = imported(US, AP, EU)
    told = known.with_materials(known.materials.import_rotated(NOW))
    assert rules.decide_change(
        local(EU, known, held=frozenset()), US, changed(told), installing=False
    ) == Adopt(told)


def test_the_primary_takes_materials_in_that_it_does_not_hold() -> None:
    """They can be imported again; a ciphertext under an unknown one could not be opened."""
    lone = imported().with_primary(EU)
    history = (Rotated(TWO, NOW, RotationType.ON_DEMAND),)
    contribution = MaterialsContributed(lone.account, KEY_ID, 2, history, ())
    effect = rules.decide_contribution(local(EU, lone, held=frozenset({ONE})), US, contribution)
    assert isinstance(effect, Announce)
    assert effect.shared.materials.ids == {ONE, TWO}


# What is let go


def test_what_the_primary_drops_is_let_go() -> None:
    known = imported(US, EU)
    assert dropped(known, known.with_materials(known.materials.import_dropped())) == {TWO}
    assert dropped(known, known.with_materials(known.materials.import_rotated(NOW))) == set()
    assert dropped(known, known) == set()


def test_what_another_primary_never_knew_is_kept() -> None:
    known = imported(US, EU)
    promoted = replace(known, materials=known.materials.abandoned()).with_primary(AP)
    assert dropped(known, promoted) == set()
