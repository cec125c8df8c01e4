"""What calls come to: counts, longest refusals, and seconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.drill.samples import WRONG, Sample, per_second, summarised

samples = st.lists(
    st.builds(
        Sample,
        at=st.floats(0, 20),
        region=st.sampled_from(["us-east-1", "eu-west-1"]),
        operation=st.sampled_from(["Encrypt", "Decrypt"]),
        seconds=st.floats(0, 3),
        error=st.sampled_from(["", "", "unreachable", "KMSInternalException", WRONG]),
    )
)


def sample(at: float, error: str = "", region: str = "us-east-1", seconds: float = 0.1) -> Sample:
    return Sample(at, region, "Encrypt", seconds, error)


@given(samples)
def test_every_call_is_counted_once(found: list[Sample]) -> None:
    summary = summarised(found)
    assert summary.tried == len(found)
    assert summary.answered + summary.refused + summary.wrong == summary.tried
    assert summary.errors.total() == summary.tried - summary.answered
    assert summary.wrong == summary.errors[WRONG]
    seconds = per_second(found, 21)
    assert sum(each.answered for each in seconds) == summary.answered
    assert sum(each.failed for each in seconds) == summary.errors.total()


@given(samples)
def test_a_refusal_is_no_longer_than_the_run(found: list[Sample]) -> None:
    summary = summarised(found)
    assert (summary.longest_refusal > 0) <= (summary.errors.total() > 0)
    if found:
        length = max(each.ended for each in found) - min(each.at for each in found)
        assert summary.longest_refusal <= length


def test_the_longest_refusal_is_of_one_region_and_ends_with_an_answer() -> None:
    found = [
        sample(0.0),
        sample(1.0, "unreachable"),
        sample(2.0, "unreachable"),
        sample(2.5, region="eu-west-1"),
        sample(3.0),
        sample(4.0, "unreachable"),
    ]
    assert summarised(found).longest_refusal == 1.1


def test_nothing_comes_to_nothing() -> None:
    summary = summarised([])
    assert (summary.tried, summary.longest_refusal) == (0, 0.0)
    assert per_second([], 2)[1].answered == 0


def test_calls_before_and_after_the_time_are_left_out() -> None:
    assert sum(each.answered for each in per_second([sample(-0.5), sample(0.0), sample(5)], 5)) == 1
