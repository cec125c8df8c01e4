"""Policies of 1, 10 and 100 statements (bench/policies.py) as a section of the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.policies import MEASURED, STATEMENTS, in_a_region
from bench.sections.section import Quantity, Section, Stage, quotients

_HOW: Final = (
    "A region in this process, without HTTP and with the audit trail asynchronous, calls one after "
    "the other. Each key policy allows by its last statement alone. Without a condition the "
    "decision is kept; with one in each statement, the request's encryption context is compared "
    "with each in turn. Ratios are to one statement."
)


def _run(stage: Stage) -> Iterator[Quantity]:
    stage.say("calls under policies of 1, 10 and 100 statements")
    found = in_a_region(stage.folder / "cluster", stage.rounds)
    for name in MEASURED:
        yield Quantity(f"{name}, 1 statement", "µs", tuple(found[name, STATEMENTS[0]]))
        for count in STATEMENTS[1:]:
            ratio = quotients(found[name, count], found[name, STATEMENTS[0]])
            yield Quantity(f"{name}, {count} statements ÷ 1", "", ratio)


SECTION: Final = Section("policies", "Policies of 1, 10 and 100 statements", _HOW, _run)
