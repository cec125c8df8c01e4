"""Whether a material may still arrive, and whether a log was read to its end: the rules alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from replication.arrival import falls_short, may_arrive, reaches
from replication.entries import Entry
from replication.materials import RotationType
from replication.payloads import Acknowledged
from replication.position import Cursor, CursorState
from replication.shared import EXTERNAL
from tests.unit.replication.parts import EU, LOG_ID, OTHER_LOG_ID, US, history, shared, verified

HELD, OFFERED, UNHEARD_OF = history(0).ids, "bb" * 32, "cc" * 32
SET = shared(US, EU, materials=history(0).offered(OFFERED, RotationType.ON_DEMAND, 1_700_000_000.0))
ENTRY = verified(Acknowledged(()))
booleans = st.booleans()


def end(sequence: int, log_id: bytes = LOG_ID) -> Entry:
    return replace(ENTRY, sequence=sequence, log_id=log_id)


def cursor(sequence: int, state: CursorState = CursorState.FOLLOWING) -> Cursor:
    return Cursor(US, state, b"asked", LOG_ID, sequence, ENTRY.digest)


@given(booleans, booleans)
def test_nothing_is_sent_to_a_single_region_key(heard: bool, evicted: bool) -> None:
    assert not may_arrive(UNHEARD_OF, None, heard_everyone=heard, evicted=evicted)


@given(booleans, booleans)
def test_a_material_that_the_region_has_heard_of_may_arrive(heard: bool, evicted: bool) -> None:
    assert may_arrive(OFFERED, SET, heard_everyone=heard, evicted=evicted)


@given(booleans, booleans)
def test_one_that_nobody_told_of_may_arrive_unless_the_region_is_sure(
    heard: bool, evicted: bool
) -> None:
    found = may_arrive(UNHEARD_OF, SET, heard_everyone=heard, evicted=evicted)
    assert found is (evicted or not heard)


def test_imported_material_is_sent_to_nobody() -> None:
    imported = replace(SET, origin=EXTERNAL)
    (material,) = HELD
    assert not may_arrive(material, imported, heard_everyone=True, evicted=False)


def test_a_stream_without_an_end_of_its_origin_shows_nothing() -> None:
    assert falls_short(cursor(0), None)
    assert falls_short(cursor(7), end(9, OTHER_LOG_ID))
    assert not falls_short(cursor(7, CursorState.RESYNCING), end(3, OTHER_LOG_ID))


def test_an_end_that_is_another_entry_than_was_applied_shows_nothing() -> None:
    """Its origin's store went back to an old copy, and it wrote on up to the same number."""
    assert falls_short(cursor(7), replace(end(7), digest=b"another"))
    assert not falls_short(cursor(7), replace(end(8), digest=b"another"))


@given(st.integers(0, 9), st.integers(1, 9), st.sampled_from(CursorState))
def test_an_end_is_reached_when_all_before_it_is_applied(
    applied: int, last: int, state: CursorState
) -> None:
    following = state is CursorState.FOLLOWING
    assert reaches(cursor(applied, state), end(last)) is (following and applied >= last)
    assert not reaches(cursor(applied, state), end(last, OTHER_LOG_ID))
    resyncing = state is CursorState.RESYNCING
    assert falls_short(cursor(applied, state), end(last)) is (not resyncing and last < applied)
