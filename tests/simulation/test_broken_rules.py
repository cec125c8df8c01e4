"""The simulator can fail: for each invariant there are broken rules that it finds."""

from __future__ import annotations

import pytest

from tests.simulation.broken import VARIANTS, Variant
from tests.simulation.runs import simulate
from tests.simulation.violation import Invariant

SEEDS = 500
STEPS = 200


@pytest.mark.parametrize(
    "variant", VARIANTS, ids=lambda each: f"{each.invariant.name}: {each.what}"
)
def test_a_broken_rule_is_found(variant: Variant) -> None:
    for seed in (variant.seed, *range(SEEDS)):
        with variant.in_place():
            outcome = simulate(seed, STEPS)
        if outcome.invariant == variant.invariant.name:
            return
    pytest.fail(f"not found within {SEEDS} seeds")


def test_there_is_one_for_every_invariant() -> None:
    assert {each.invariant for each in VARIANTS} == set(Invariant)
