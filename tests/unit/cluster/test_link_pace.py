"""When bytes leave a link: never out of order, never early, and later the slower it is."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from node.cluster.acts import OPEN, Shape
from node.cluster.link_pace import Pace

shapes = st.builds(
    Shape,
    latency_seconds=st.floats(0, 2),
    jitter_seconds=st.floats(0, 2),
    loss=st.floats(0, 0.9),
    bandwidth=st.none() | st.integers(1, 10**9),
)
arrivals = st.lists(
    st.tuples(st.floats(0, 5), st.integers(0, 20_000), shapes), min_size=1, max_size=20
)


@given(arrivals, st.integers())
def test_order_is_kept_and_nothing_comes_before_it_was_sent(
    chunks: list[tuple[float, int, Shape]], seed: int
) -> None:
    pace, now, last = Pace(Random(seed)), 0.0, 0.0
    for pause, size, shape in chunks:
        now += pause
        due = pace.due(shape, now, size)
        assert due >= now
        assert due >= last
        assert due >= now + shape.latency_seconds - shape.jitter_seconds - 1e-9
        last = due


@given(st.floats(0, 1e6), st.integers(0, 20_000))
def test_an_open_link_delays_nothing(now: float, size: int) -> None:
    assert Pace(Random(1)).due(OPEN, now, size) == now


def test_bandwidth_is_shared_by_what_is_sent_together() -> None:
    pace, shape = Pace(Random(1)), Shape(bandwidth=1000)
    assert [pace.due(shape, 0.0, 500) for _ in range(3)] == [0.5, 1.0, 1.5]
    assert pace.due(shape, 10.0, 500) == 10.5


def test_losses_come_later_and_as_often_as_asked() -> None:
    late = 0
    for seed in range(2000):
        due = Pace(Random(seed)).due(Shape(loss=0.1), 0.0, 100)
        assert due == 0 or due >= 0.2
        late += due > 0
    assert 140 < late < 260


def test_more_segments_are_lost_more_often() -> None:
    shape = Shape(loss=0.01)
    small = sum(Pace(Random(seed)).due(shape, 0.0, 100) > 0 for seed in range(2000))
    large = sum(Pace(Random(seed)).due(shape, 0.0, 100_000) > 0 for seed in range(2000))
    assert small < 60
    assert large > 700
