"""Medians over rounds, ratios within them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plan import Subject
from bench.summary import Spread, Summary, spread, summarised
from tests.unit.bench.samples import BARE, KEYSPAN, MINIMUM, sample

rates = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=9)


def of_keyspan(summaries: tuple[Summary, ...]) -> Summary:
    return next(each for each in summaries if each.cell == KEYSPAN)


@given(values=rates)
def test_a_spread_is_in_order_and_in_the_values(values: list[float]) -> None:
    found = spread(values)
    assert found.least == min(values)
    assert found.most == max(values)
    assert found.least <= found.median <= found.most


@given(speeds=rates, factor=st.floats(0.1, 10.0))
def test_a_machine_that_is_slow_for_a_round_moves_no_ratio(
    speeds: list[float], factor: float
) -> None:
    samples = [
        each
        for number, speed in enumerate(speeds)
        for each in (sample(KEYSPAN, number, speed * factor), sample(MINIMUM, number, speed))
    ]
    (ratio,) = of_keyspan(summarised(samples)).ratios
    assert ratio.reference is Subject.MINIMUM
    assert ratio.rate.median == pytest.approx(factor)
    assert ratio.cpu.median == pytest.approx(factor)


@given(shuffled=st.permutations([(KEYSPAN, 1), (KEYSPAN, 2), (MINIMUM, 1), (MINIMUM, 2)]))
def test_the_order_of_samples_does_not_matter(shuffled: list[tuple[object, int]]) -> None:
    speeds = {(KEYSPAN, 1): 100.0, (KEYSPAN, 2): 10.0, (MINIMUM, 1): 50.0, (MINIMUM, 2): 20.0}
    samples = [sample(pair[0], pair[1], speeds[pair]) for pair in shuffled]  # type: ignore[arg-type,index]
    (ratio,) = of_keyspan(summarised(samples)).ratios
    assert ratio.rate == Spread(1.25, 0.5, 2.0)


def test_less_cpu_time_is_the_better_ratio() -> None:
    samples = [sample(KEYSPAN, 1, 2000.0), sample(MINIMUM, 1, 1000.0)]
    (ratio,) = of_keyspan(summarised(samples)).ratios
    assert ratio.cpu.median == pytest.approx(2.0)


def test_failures_of_all_rounds_are_counted() -> None:
    samples = [sample(KEYSPAN, 1, 9.0, failures=2), sample(KEYSPAN, 2, 9.0, failures=3)]
    assert of_keyspan(summarised(samples)).failures == 5


def test_references_are_not_compared_and_stand_after_keyspan() -> None:
    samples = [sample(MINIMUM, 1, 1.0), sample(BARE, 1, 1.0), sample(KEYSPAN, 1, 1.0)]
    summaries = summarised(samples)
    assert [each.cell for each in summaries] == [KEYSPAN, BARE, MINIMUM]
    assert [len(each.ratios) for each in summaries] == [2, 0, 0]


def test_a_round_without_its_reference_is_refused() -> None:
    samples = [sample(KEYSPAN, 1, 1.0), sample(KEYSPAN, 2, 1.0), sample(MINIMUM, 1, 1.0)]
    with pytest.raises(ValueError, match="shorter"):
        summarised(samples)
