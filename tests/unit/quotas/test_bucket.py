"""A token bucket: never more than it should, never less, whatever the clock does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.quotas.bucket import Level, taken

RATES = st.sampled_from((0.25, 1.0, 5.0, 100.0))
STEPS = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60)


def granted(rate: float, times: Sequence[float]) -> list[bool]:
    level: Level | None = None
    found = []
    for now in times:
        level, was = taken(level, rate, now)
        found.append(was)
    return found


@given(RATES, STEPS)
def test_within_any_time_no_more_than_rate_and_burst(rate: float, steps: list[float]) -> None:
    times = [sum(steps[:count]) for count in range(len(steps))]
    found = granted(rate, times)
    for first in range(len(times)):
        for last in range(first, len(times)):
            most = max(rate, 1.0) + rate * (times[last] - times[first])
            assert sum(found[first : last + 1]) <= most + 1e-6


@given(RATES, STEPS)
def test_who_waits_long_enough_gets_one(rate: float, steps: list[float]) -> None:
    level: Level | None = None
    now = 0.0
    for step in steps:
        now += step
        level, _ = taken(level, rate, now)
    assert taken(level, rate, now + 1.0 / rate + 1e-6)[1]


@pytest.mark.parametrize(("rate", "burst"), [(0.5, 1), (1.0, 1), (5.0, 5), (100.0, 100)])
def test_a_burst_is_one_second_s_worth(rate: float, burst: int) -> None:
    assert granted(rate, [7.0] * (burst + 3)) == [True] * burst + [False] * 3


def test_a_clock_that_goes_back_fills_nothing() -> None:
    assert granted(1.0, [10.0, 5.0, 9.0, 10.5, 11.0]) == [True, False, False, False, True]
