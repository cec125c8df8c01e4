"""What is run, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plan import HONEST, OPERATIONS, Cell, Subject, planned, reference_cell, rounds


@given(count=st.integers(1, 9), seed=st.integers())
def test_every_round_visits_every_cell_once(count: int, seed: int) -> None:
    cells = planned()
    order = rounds(cells, count, seed)
    assert len(order) == count
    assert all(sorted(each) == sorted(cells) for each in order)


def test_a_seed_gives_its_order_again_and_another_seed_another() -> None:
    assert rounds(planned(), 5, 7) == rounds(planned(), 5, 7)
    assert rounds(planned(), 5, 7) != rounds(planned(), 5, 8)


def test_rounds_differ_from_each_other() -> None:
    first, second = rounds(planned(), 2, 1)
    assert first != second


def test_no_cell_of_keyspan_is_without_its_references() -> None:
    cells = planned()
    own = [cell for cell in cells if cell.subject is Subject.KEYSPAN]
    assert {cell.operation for cell in own} == set(OPERATIONS)
    for cell in own:
        assert reference_cell(cell, Subject.BARE) in cells
        for honest in (Subject.MINIMUM, Subject.RAW):
            assert (reference_cell(cell, honest) in cells) is (cell.operation in HONEST)
        assert (reference_cell(cell, Subject.MOTO) in cells) is (cell.operation == "Decrypt")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("alone", {"alone/Decrypt/1"}),
        (
            "keyspan/Encrypt/32",
            {"keyspan/Encrypt/32", "e/Encrypt/32", "f/Encrypt/32", "a/Decrypt/32"},
        ),
        (
            "GENERATEDATAKEY/1",
            {
                "keyspan/GenerateDataKey/1",
                "e/GenerateDataKey/1",
                "f/GenerateDataKey/1",
                "a/Decrypt/1",
            },
        ),
    ],
)
def test_only_what_was_named_is_measured_and_its_references(word: str, names: set[str]) -> None:
    assert {str(cell) for cell in planned([word])} == names


@pytest.mark.parametrize("word", ["crypt", "2", "a", "e", "ReEncrypt", "keyspan/Decrypt/3"])
def test_a_word_that_names_nothing_selects_nothing(word: str) -> None:
    assert planned([word]) == ()


def test_the_bare_server_stands_for_every_operation() -> None:
    cell = Cell(Subject.KEYSPAN, "GenerateDataKey", 1)
    assert reference_cell(cell, Subject.BARE) == Cell(Subject.BARE, "Decrypt", 1)
