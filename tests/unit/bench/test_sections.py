"""Sections: what they measure, round by round, and what counts as met."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import counted
from bench.errors import BenchError
from bench.load.generator import FALLBACK
from bench.machine import Cores
from bench.report.markdown import as_markdown
from bench.report.report import Report
from bench.sections.instructions import per_request
from bench.sections.section import (
    Found,
    Quantity,
    Section,
    Stage,
    Unmeasurable,
    at_least,
    at_most,
    interleaved,
    performed,
    quotients,
)


def stage(rounds: int = 3, seed: int = 7) -> Stage:
    return Stage(Cores(0, 0), FALLBACK, Path(), 1, rounds, seed, quick=True, say=lambda _: None)


def visits(rounds: int, seed: int) -> list[str]:
    """The order in which measures are called."""
    order: list[str] = []

    def measured(name: str) -> float:
        order.append(name)
        return 0.0

    interleaved(stage(rounds, seed), {name: partial(measured, name) for name in "abcd"})
    return order


@given(rounds=st.integers(1, 5), seed=st.integers())
def test_every_round_has_each_measure_once_in_an_order_of_its_seed(rounds: int, seed: int) -> None:
    order = visits(rounds, seed)
    each = [order[start : start + 4] for start in range(0, len(order), 4)]
    assert len(each) == rounds
    assert all(sorted(names) == list("abcd") for names in each)
    assert order == visits(rounds, seed)


def test_values_are_kept_by_measure_in_the_order_of_the_rounds() -> None:
    counts = {"a": iter((1.0, 2.0, 3.0)), "b": iter((4.0, 5.0, 6.0))}
    measures = {name: lambda values=values: next(values) for name, values in counts.items()}
    assert interleaved(stage(), measures) == {"a": (1.0, 2.0, 3.0), "b": (4.0, 5.0, 6.0)}


def test_a_ratio_is_taken_within_its_round() -> None:
    assert quotients((1.0, 4.0, 3.0), (2.0, 2.0, 0.0)) == (0.5, 2.0, 0.0)


@pytest.mark.parametrize(
    ("quantity", "met"),
    [
        (Quantity("q", "", (0.1, 0.85, 0.9), at_least(0.85)), True),
        (Quantity("q", "", (0.1, 0.84, 0.9), at_least(0.85)), False),
        (Quantity("q", "", (0.1, 2.0, 9.0), at_most(2.0)), True),
        (Quantity("q", "", (2.1,), at_most(2.0)), False),
        (Quantity("q", "", (2.1,)), None),
    ],
)
def test_the_median_is_held_against_the_target(quantity: Quantity, met: bool | None) -> None:
    assert quantity.met is met


def test_what_a_machine_lacks_is_told_and_is_no_failure() -> None:
    def run(_: Stage) -> Iterator[Quantity]:
        yield Quantity("q", "", (1.0,))
        raise Unmeasurable("valgrind is not installed.")

    found = performed(Section("it", "It", "How.", run), stage())
    kept = (Quantity("q", "", (1.0,)),)
    assert found == Found("it", "It", "How.", kept, skipped="valgrind is not installed.")


def test_a_section_that_fails_does_not_end_the_run_and_says_so() -> None:
    def run(_: Stage) -> Iterator[Quantity]:
        yield Quantity("what was found before", "", (1.0,))
        raise BenchError("3 of 9 requests failed.")

    found = performed(Section("it", "It", "How.", run), stage())
    assert (found.skipped, found.failed) == ("3 of 9 requests failed.", True)
    assert not Report({}, (), (), (found,)).complete
    told = as_markdown(Report({}, (), (), (found,)), "")
    assert "**Failed:** 3 of 9" in told
    assert "what was found before" in told


def summary(total: int) -> str:
    return f"events: Ir\nfn=main\n1 7\nsummary: {total}\n"


def test_instructions_are_the_difference_of_two_ends() -> None:
    output = f"71 0 0\n72 {counted.COUNTED} 0\n"
    counts = {"71": summary(1_000_000), "72": summary(1_000_000 + 400 * counted.COUNTED)}
    assert per_request(output, {**counts, "70": summary(9)}) == 400.0


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("", {}),
        ("71 0 0\n", {"71": summary(1)}),
        (f"71 0 0\n72 {counted.COUNTED} 0\n", {"71": summary(1)}),
        (f"71 0 0\n72 {counted.COUNTED} 0\n", {"71": summary(1), "72": "no summary"}),
        (f"71 0 0\n72 {counted.COUNTED} 3\n", {"71": summary(1), "72": summary(9)}),
    ],
)
def test_what_was_not_counted_whole_is_refused(output: str, counts: dict[str, str]) -> None:
    with pytest.raises(BenchError):
        per_request(output, counts)


def test_the_transport_of_what_is_counted_sees_failures() -> None:
    transport = counted.Transport()
    transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert transport.failures == 0
    transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert (transport.failures, transport.last[9:12]) == (1, b"400")
