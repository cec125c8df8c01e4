"""The clock that a rehearsal moves: ahead only, and never back after a restart."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.cli.arguments import duration, shown_duration
from node.clock import MovableClock, moved_by

DAY = 86_400.0


class System:
    """The operating system's time, as a test sets it."""

    def __init__(self) -> None:
        self.moment = 1_790_000_000.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.sqlite.clock"


def test_one_that_was_never_moved_is_the_systems(file: Path) -> None:
    system = System()
    clock = MovableClock(file, system)
    assert clock.now() == system.moment
    assert clock.ahead == 0
    assert not file.exists()


def test_it_goes_on_from_where_it_was_moved_to_also_after_a_restart(file: Path) -> None:
    system = System()
    clock = MovableClock(file, system)
    clock.advance(366 * DAY)
    clock.advance(0.25)
    system.moment += 7
    assert clock.now() == system.moment + 366 * DAY + 0.25
    again = MovableClock(file, system)
    assert again.now() == clock.now()
    assert moved_by(file) == 366 * DAY + 0.25


@pytest.mark.parametrize("seconds", [-1.0, -0.001, math.inf, math.nan])
def test_it_does_not_move_otherwise(file: Path, seconds: float) -> None:
    clock = MovableClock(file, System())
    clock.advance(5)
    with pytest.raises(ValueError, match="forward only"):
        clock.advance(seconds)
    assert clock.ahead == moved_by(file) == 5


def test_what_cannot_be_kept_does_not_happen(tmp_path: Path) -> None:
    clock = MovableClock(tmp_path / "gone" / "clock", System())
    with pytest.raises(OSError, match="No such file"):
        clock.advance(5)
    assert clock.ahead == 0


@pytest.mark.parametrize("text", ["", "-1", "nan", "inf", "a year", "1 2"])
def test_a_file_that_says_something_else_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ValueError, match="does not say how far"):
        MovableClock(file, System())


@given(
    st.integers(min_value=1, max_value=9999),
    st.sampled_from([("d", 86400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0), ("ms", 0.001)]),
)
def test_lengths_of_time(count: int, unit: tuple[str, float]) -> None:
    assert duration(f"{count}{unit[0]}") == pytest.approx(count * unit[1])


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (0.4, "0s"), (61, "1m 1s"), (366 * DAY, "366d"), (367.5 * DAY, "367d 12h")],
)
def test_lengths_of_time_for_people(seconds: float, shown: str) -> None:
    assert shown_duration(seconds) == shown
