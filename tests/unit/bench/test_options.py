"""The command line of the benchmarks."""

from __future__ import annotations

import pytest

from bench.errors import BenchError
from bench.options import read_options


def test_what_is_not_said_has_a_default() -> None:
    options = read_options([])
    assert (options.seconds, options.rounds, options.only) == (3, 7, ())
    assert not options.publish


def test_quick_is_one_round_of_one_second_of_the_main_operations() -> None:
    options = read_options(["--quick", "--rounds", "9"])
    assert (options.seconds, options.rounds) == (1, 1)
    assert options.only == ("Decrypt", "GenerateDataKey")
    assert read_options(["--quick", "--only", "Encrypt"]).only == ("Encrypt",)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--seconds", "0"], "--seconds"),
        (["--seconds", "241"], "--seconds"),
        (["--rounds", "0"], "--rounds"),
        (["--only", "ReEncrypt"], "--only ReEncrypt names nothing"),
    ],
)
def test_what_cannot_be_measured_is_refused(words: list[str], complaint: str) -> None:
    with pytest.raises(BenchError, match=complaint):
        read_options(words)


def test_every_run_without_a_seed_draws_one() -> None:
    assert len({read_options([]).seed for _ in range(20)}) > 1
    assert read_options(["--seed", "7"]).seed == 7
