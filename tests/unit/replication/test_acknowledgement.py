"""What a peer's acknowledgement says of this region's own log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication.apply_logs import OwnLog, decide_acknowledgement
from replication.effects import BeginNewLog, Effect, PutAcknowledged, Skip
from replication.payloads import Acknowledged
from replication.position import NOTHING, Applied, LogHead, Position
from tests.unit.replication.parts import AP, EU, LOG_ID, OTHER_LOG_ID, US

HERE, ELSEWHERE = b"h" * 32, b"e" * 32
HEAD = LogHead(LOG_ID, 20, HERE)


def _applied(sequence: int, *, log_id: bytes = LOG_ID, digest: bytes = HERE) -> Applied:
    return Applied(Position(log_id, sequence), digest)


def _decided(applied: Applied, *, known: int = 5, digest: bytes | None = HERE) -> Effect:
    payload = Acknowledged(((AP, _applied(900)), (US, applied)))
    return decide_acknowledgement(OwnLog(US, HEAD, digest), known, EU, payload)


@pytest.mark.parametrize("sequence", [6, 19, 20])
def test_news_is_noted(sequence: int) -> None:
    assert _decided(_applied(sequence)) == PutAcknowledged(EU, sequence)


def test_an_entry_that_is_no_longer_kept_is_believed() -> None:
    assert _decided(_applied(6), digest=None) == PutAcknowledged(EU, 6)


@pytest.mark.parametrize(
    "applied",
    [NOTHING, _applied(4), _applied(5), _applied(900, log_id=OTHER_LOG_ID)],
    ids=["nothing", "less", "what is known", "of a log that was given up"],
)
def test_what_is_no_news_is_passed_over(applied: Applied) -> None:
    assert isinstance(_decided(applied), Skip)


def test_what_concerns_other_regions_is_passed_over() -> None:
    payload = Acknowledged(((AP, _applied(900)),))
    assert isinstance(decide_acknowledgement(OwnLog(US, HEAD, None), 5, EU, payload), Skip)


@pytest.mark.parametrize("sequence", [21, 900])
def test_an_acknowledgement_ahead_of_the_head_begins_a_new_log(sequence: int) -> None:
    assert _decided(_applied(sequence), digest=None) == BeginNewLog(LOG_ID)


@pytest.mark.parametrize("sequence", [3, 6, 20])
def test_an_acknowledgement_of_another_entry_begins_a_new_log(sequence: int) -> None:
    """The store went back and wrote on: the number is there, and the entry is not. It would have
    counted as applied what the peer never saw, and a rotation would have gone on.
    """
    assert _decided(_applied(sequence, digest=ELSEWHERE)) == BeginNewLog(LOG_ID)


def test_an_acknowledgement_of_a_log_that_is_not_known_begins_a_new_one_above_it() -> None:
    """The store went back to before a new log was begun (seed 998)."""
    later = b"n" + LOG_ID[1:]
    assert _decided(_applied(3, log_id=later), digest=None) == BeginNewLog(later)


@given(st.integers(0, 40), st.integers(0, 20), st.booleans(), st.sampled_from([HERE, None]))
def test_against_a_second_model(
    sequence: int,
    known: int,
    own: bool,
    digest: bytes | None,
) -> None:
    applied = _applied(sequence, log_id=LOG_ID if own else OTHER_LOG_ID)
    effect = _decided(applied, known=known, digest=digest)
    if own and sequence in range(21, 41):
        assert effect == BeginNewLog(LOG_ID)
    elif own and sequence in range(known + 1, 21):
        assert effect == PutAcknowledged(EU, sequence)
    else:
        assert isinstance(effect, Skip)


def test_applying_it_twice_is_applying_it_once() -> None:
    effect = _decided(_applied(9))
    assert isinstance(effect, PutAcknowledged)
    assert isinstance(_decided(_applied(9), known=effect.sequence), Skip)
