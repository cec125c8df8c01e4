"""Places in logs: what compares, and what does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from replication.position import (
    LOG_ID_BYTES,
    NOTHING,
    NOWHERE,
    Cursor,
    CursorState,
    LogHead,
    Position,
    Version,
    genesis,
    later_log_id,
)
from tests.unit.replication.parts import EU, LOG_ID, NOW, OTHER_LOG_ID, US

log_ids = st.binary(min_size=LOG_ID_BYTES, max_size=LOG_ID_BYTES)
tails = st.binary(min_size=8, max_size=8)
sequences = st.integers(0, 2**53)
versions = st.builds(Version, st.integers(0, 9), st.integers(0, 9))


@given(versions, versions)
def test_an_epoch_outweighs_every_revision(one: Version, other: Version) -> None:
    assert (one < other) == ((one.epoch, one.revision) < (other.epoch, other.revision))
    assert one < one.next_revision() < one.next_epoch()


@given(log_ids, sequences, log_ids, sequences)
def test_only_positions_of_one_log_compare(
    log_id: bytes, sequence: int, other_id: bytes, other: int
) -> None:
    reaches = Position(log_id, sequence).reaches(Position(other_id, other))
    assert reaches == (log_id == other_id and sequence >= other)


@given(log_ids, sequences)
def test_nowhere_reaches_nothing(log_id: bytes, sequence: int) -> None:
    assert not NOWHERE.reaches(Position(log_id, sequence))


def test_every_log_has_its_own_genesis() -> None:
    found = {genesis(US, LOG_ID), genesis(US, OTHER_LOG_ID), genesis(EU, LOG_ID)}
    assert len(found) == 3
    assert LogHead.begin(US, LOG_ID) == LogHead(LOG_ID, 0, genesis(US, LOG_ID))


@given(st.floats(0, 2e10), log_ids, tails)
def test_a_new_log_comes_after_the_one_that_it_replaces(
    now: float, above: bytes, tail: bytes
) -> None:
    made = later_log_id(now, above, tail)
    assert len(made) == LOG_ID_BYTES
    assert made.endswith(tail)
    assert made > above or above.startswith(b"\xff" * 8)  # which no clock ever says


@given(st.floats(0, 2e10), st.floats(0.001, 1e9), tails, tails)
def test_logs_sort_by_the_time_when_they_began(
    now: float, later: float, one: bytes, other: bytes
) -> None:
    if int((now + later) * 1000) > int(now * 1000):
        assert later_log_id(now, b"", one) < later_log_id(now + later, b"", other)


def test_a_clock_that_went_back_does_not_matter() -> None:
    old = later_log_id(NOW, b"", b"8 bytes.")
    assert later_log_id(NOW - 1e6, old, bytes(8)) > old


def test_an_unread_cursor_asks_and_knows_nothing() -> None:
    cursor = Cursor.unread(EU)
    assert (cursor.state, cursor.request) == (CursorState.RESYNCING, b"")
    assert (cursor.position, cursor.applied) == (NOWHERE, NOTHING)


def test_a_cursor_that_resyncs_keeps_what_was_applied() -> None:
    cursor = Cursor(EU, CursorState.FOLLOWING, b"old", LOG_ID, 7, b"d" * 32)
    after = cursor.resyncing(b"new")
    assert (after.state, after.request) == (CursorState.RESYNCING, b"new")
    assert after.applied == cursor.applied
