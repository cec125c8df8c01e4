"""Lag and convergence, from what was seen."""

from __future__ import annotations

from node.drill.monitor import Look, converged_at, lags

A, B = "us-east-1", "eu-west-1"


def look(at: float, ends: dict[str, int], ab: int | None = None, ba: int | None = None) -> Look:
    """`ab` is how far A has read B."""
    positions = {(A, B): ab, (B, A): ba}
    return Look(at, ends, {pair: each for pair, each in positions.items() if each is not None})


def test_lag_is_what_a_region_lacks_of_the_others() -> None:
    looks = [look(0, {A: 10, B: 5}, 5, 7), look(1, {A: 12, B: 5}, 5, 12)]
    assert lags(looks, (A, B)) == {A: [(0, 0), (1, 0)], B: [(0, 3), (1, 0)]}


def test_one_that_is_down_has_no_lag_and_counts_as_it_was_last_seen() -> None:
    looks = [look(0, {A: 10, B: 5}, 5, 7), look(1, {B: 5}, None, 8)]
    assert lags(looks, (A, B)) == {A: [(0, 0)], B: [(0, 3), (1, 2)]}


def test_convergence_is_when_all_have_what_there_was_at_the_healing() -> None:
    looks = [
        look(0, {A: 10, B: 5}, 5, 10),  # before
        look(2, {A: 20, B: 8}, 5, 12),
        look(3, {A: 25, B: 9}, 8, 19),
        look(4, {A: 30, B: 9}, 8, 20),  # all of the 20 and the 8
        look(5, {A: 35, B: 9}, 9, 35),
    ]
    assert converged_at(looks, 1.0, (A, B)) == 4


def test_one_that_comes_back_later_counts_with_what_it_brings() -> None:
    looks = [look(2, {A: 20}, 5), look(3, {A: 20, B: 9}, 5, 20), look(4, {A: 20, B: 9}, 9, 20)]
    assert converged_at(looks, 1.0, (A, B)) == 4


def test_without_it_there_is_none() -> None:
    assert converged_at([], 0, (A, B)) is None
    assert converged_at([look(2, {A: 20}, 5)], 1, (A, B)) is None
    assert converged_at([look(0, {A: 1, B: 1}, 1, 1)], 1, (A, B)) is None
