"""The command line of the benchmarks."""

from __future__ import annotations

import pytest

from bench.errors import BenchError
from bench.options import read_options
from bench.plan import planned
from bench.sections import SECTIONS
from bench.sections.section import Section


def test_what_is_not_said_has_a_default() -> None:
    options = read_options([])
    assert (options.seconds, options.rounds) == (3, 7)
    assert (options.cells, options.sections) == (planned(), SECTIONS)
    assert not options.publish


def test_quick_is_one_round_of_one_second_of_the_main_operations() -> None:
    options = read_options(["--quick", "--rounds", "9"])
    assert (options.seconds, options.rounds) == (1, 1)
    assert options.cells == planned(["Decrypt", "GenerateDataKey"])
    assert options.sections == ()
    assert read_options(["--quick", "--only", "Encrypt"]).cells == planned(["Encrypt"])


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.name)
def test_a_section_is_run_alone_by_its_name(section: Section) -> None:
    options = read_options(["--only", section.name])
    assert (options.cells, options.sections) == ((), (section,))


def test_cells_and_sections_are_chosen_together() -> None:
    options = read_options(["--only", "audit,Encrypt"])
    assert options.cells == planned(["Encrypt"])
    assert [each.name for each in options.sections] == ["audit"]
    assert read_options(["--only", "data-plane"]).cells == planned()


def test_no_section_has_the_name_of_a_cell_or_of_another() -> None:
    names = [each.name for each in SECTIONS]
    assert len(set(names)) == len(names)
    assert not any(planned([name]) for name in names)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--seconds", "0"], "--seconds"),
        (["--seconds", "241"], "--seconds"),
        (["--rounds", "0"], "--rounds"),
        (["--only", "ReEncrypt"], "--only ReEncrypt names nothing"),
        (["--only", "audit,ReEncrypt"], "--only ReEncrypt names nothing"),
    ],
)
def test_what_cannot_be_measured_is_refused(words: list[str], complaint: str) -> None:
    with pytest.raises(BenchError, match=complaint):
        read_options(words)


def test_every_run_without_a_seed_draws_one() -> None:
    assert len({read_options([]).seed for _ in range(20)}) > 1
    assert read_options(["--seed", "7"]).seed == 7
