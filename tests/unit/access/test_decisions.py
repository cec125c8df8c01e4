"""Decisions, one by one, each with the page of the documentation that it comes from."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.unit.access.support import CALLERS, DATA, decided, document, groups, outcome, shown

DECISIONS_LEAST = 300  # issue 5
FILES = ("key_access", "condition_keys", "grants")
CASES = [
    pytest.param(group, case, id=f"{name}: {group['source']}: {case['action']} {number}")
    for name in FILES
    for group in groups(name)
    for number, case in enumerate(group["decisions"])
]
CONDITIONS = [
    pytest.param(row, values, holds, id=f"{row['source']}: {values}")
    for row in tomllib.loads((DATA / "conditions.toml").read_text())["condition"]
    for holds in (True, False)
    for values in row["holds" if holds else "fails"]
]


@pytest.mark.parametrize(("group", "case"), CASES)
def test_a_decision(group: dict[str, Any], case: dict[str, Any]) -> None:
    assert outcome(group, case) == case["outcome"]


@pytest.mark.parametrize(("row", "values", "holds"), CONDITIONS)
def test_a_condition(row: dict[str, Any], values: list[str], *, holds: bool) -> None:
    statement = f"""{{"Effect": "Allow", "Principal": {{"AWS": "{CALLERS["alice"].arn}"}},
        "Action": "*", "Resource": "*", "Condition": {row["condition"]}}}"""
    case: dict[str, Any] = {"action": "Encrypt"}
    if values:
        case["facts"] = {"test:key": values}
    group = {"text": document([statement], row.get("version", "2012-10-17"))}
    assert shown(decided(group, case)) == ("key policy" if holds else "no resource-based policy")


def test_there_are_enough_of_them() -> None:
    assert len(CASES) + len(CONDITIONS) >= DECISIONS_LEAST
