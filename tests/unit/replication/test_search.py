"""Looking for the answer to a resync request: where to go on, and when to ask again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replication.search import START, Search

PATIENCE = 5.0
OLD, NEW = b"entry when it asked", b"entry since then"


def _at_end(search: Search, end: bytes, now: float, *, rewritten: bool = False) -> Search | None:
    return search.at_end(end, rewritten=rewritten, now=now, patience=PATIENCE)


def _next(search: Search, end: bytes, now: float) -> Search:
    found = _at_end(search, end, now)
    assert found is not None
    return found


def test_a_search_goes_on_behind_what_it_has_passed() -> None:
    assert Search.begun(0.0).passed("7-0").after == "7-0"


def test_nothing_is_done_before_patience_ends() -> None:
    search = _next(Search.begun(100.0).passed("7-0"), OLD, 100.0)
    assert _at_end(search, NEW, 104.9) == search


def test_it_searches_again_before_it_asks_again() -> None:
    search = _next(Search.begun(100.0).passed("7-0"), OLD, 100.0)
    again = _next(search, NEW, 105.0)
    assert (again.after, again.repeated) == (START, True)
    assert _at_end(again.passed("7-0"), NEW, 109.9) == again.passed("7-0")
    assert _at_end(again.passed("7-0"), NEW, 110.0) is None


@pytest.mark.parametrize("end", [OLD, b""], ids=["the same last entry", "no true last entry"])
def test_it_does_not_ask_again_without_a_sign_of_life(end: bytes) -> None:
    search = _next(Search.begun(100.0), OLD, 100.0)
    for now in range(105, 1000, 5):
        search = _next(search.passed("7-0"), end, float(now))
        assert search.after == START
    assert _at_end(search, NEW, 1000.0) is None


def test_after_a_restart_it_asks_once_though_nothing_is_new() -> None:
    search = _next(Search().passed("7-0"), OLD, 100.0)
    assert search.after == START
    assert _at_end(search, OLD, 105.0) is None


def test_a_stream_that_was_written_anew_is_searched_from_its_start_at_once() -> None:
    search = _next(Search.begun(100.0).passed("900-0"), OLD, 100.0)
    assert _at_end(search, NEW, 100.1, rewritten=True) == search.passed(START)


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from([OLD, NEW, b""]), st.booleans())))
def test_it_never_asks_sooner_than_after_two_searches(
    idles: list[tuple[float, bytes, bool]],
) -> None:
    search, now = Search.begun(0.0), 0.0
    for passed, end, rewritten in idles:
        now += passed
        found = _at_end(search, end, now, rewritten=rewritten)
        if found is None:
            assert now >= 2 * PATIENCE
            assert end not in (b"", search.end)
            return
        search = found


def test_a_clock_that_was_set_back_does_not_make_it_wait_until_then() -> None:
    """Seed 33: a clock was a quarter of an hour ahead when the request was made."""
    search = _next(Search.begun(1000.0), OLD, 1000.0)
    search = _next(search, NEW, 100.0)
    assert _next(search, NEW, 104.9).repeated is False
    assert _next(search, NEW, 105.0).repeated is True
