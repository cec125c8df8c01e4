"""What may be trimmed, and when to acknowledge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication.payloads import (
    Acknowledged,
    MaterialsContributed,
    Payload,
    RelatedKeysChanged,
    ReplicaDeleted,
    ResyncBegun,
    ResyncEnded,
    ResyncRequested,
)
from replication.position import Position
from replication.progress import (
    QUIET_ENTRIES,
    acknowledgement_due,
    first_retained,
    wants_acknowledgement,
)
from tests.unit.replication.parts import (
    ACCOUNT,
    AP,
    EU,
    KEY_ID,
    LOG_ID,
    OTHER_LOG_ID,
    shared,
)

NUMBERS = st.integers(0, 40)


@given(NUMBERS, st.dictionaries(st.sampled_from(["a", "b", "c"]), NUMBERS), st.integers(0, 50))
def test_what_is_retained_is_what_somebody_may_still_read(
    head: int, acknowledged: dict[str, int], retention: int
) -> None:
    """Against a second model: go through the entries one by one."""

    def let_go(number: int) -> bool:
        read = all(each >= number for each in acknowledged.values())
        return number != head and (read or number <= head - retention)

    kept = [number for number in range(1, head + 1) if not let_go(number)]
    assert first_retained(head, acknowledged, retention) == min(kept, default=1)


@pytest.mark.parametrize("acknowledged", [{}, {EU: 9}, {EU: 9, AP: 9}, {EU: 100}])
def test_the_last_entry_is_always_kept(acknowledged: dict[str, int]) -> None:
    assert first_retained(9, acknowledged, 1000) == 9


def test_a_region_that_was_never_heard_of_is_waited_for() -> None:
    assert first_retained(9, {EU: 9, AP: 0}, 1000) == 1


def test_a_region_that_is_away_for_too_long_is_not_waited_for() -> None:
    assert first_retained(5000, {EU: 5000, AP: 0}, 1000) == 4001


@pytest.mark.parametrize(
    "payload",
    [
        RelatedKeysChanged(shared()),
        MaterialsContributed(ACCOUNT, KEY_ID, 1, (), ()),
        ReplicaDeleted(KEY_ID),
        ResyncRequested(EU),
        ResyncBegun(EU, bytes(32)),
        ResyncEnded(EU, bytes(32)),
    ],
)
def test_every_change_wants_an_acknowledgement(payload: Payload) -> None:
    assert wants_acknowledgement(payload)


def test_an_acknowledgement_wants_none() -> None:
    assert not wants_acknowledgement(Acknowledged(()))


@pytest.mark.parametrize(
    ("applied", "known", "wanted", "due"),
    [
        (1, None, True, True),
        (1, None, False, False),
        (5, 5, True, False),
        (5, 4, True, True),
        (5, 4, False, False),
        (5, 6, True, False),
        (QUIET_ENTRIES - 1, 0, False, False),
        (QUIET_ENTRIES, 0, False, True),
        (QUIET_ENTRIES, None, False, True),
    ],
)
def test_when_an_acknowledgement_is_due(
    applied: int, known: int | None, *, wanted: bool, due: bool
) -> None:
    last = None if known is None else Position(LOG_ID, known)
    assert acknowledgement_due(Position(LOG_ID, applied), last, wanted) is due


def test_what_was_acknowledged_of_another_log_counts_for_nothing() -> None:
    assert acknowledgement_due(Position(LOG_ID, 1), Position(OTHER_LOG_ID, 900), wanted=True)
