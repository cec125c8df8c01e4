"""The cases of decision 0005, each asked of a region, so that the page shows what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.compat.page.cases import CASES
from tests.compat.page.facts import error_of
from tests.compat.page.ground import Ground
from tests.compat.page.recorder import Note

DECISION = Path(__file__).parents[3] / "docs/decisions/0005-where-kms-is-not-documented.md"
_ROW = re.compile(r"^\| (?!Case |---)(?P<case>.+?) \| (?P<answer>.+?) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: the case, what was decided, and what was answered (of which operation, if any)."""

    case: str
    decided: str
    operation: str
    answered: str


def rows() -> list[tuple[str, str]]:
    """The cases of the decision's tables, and what is decided for each."""
    text = DECISION.read_text(encoding="utf-8")
    return [(found["case"], found["answer"]) for found in _ROW.finditer(text)]


def shown(on: Ground) -> Iterator[Shown]:
    """Every row, asked anew where a call can ask for it (cases.py)."""
    for case, decided in rows():
        asked = CASES[case](on) if case in CASES else None
        if asked is None:
            yield Shown(case, decided, "", "not asked")
        else:
            yield Shown(case, decided, asked.operation, outcome(asked))


def outcome(asked: Note) -> str:
    """How the call ended, as the page shows it."""
    return error_of(asked) if asked.code else "answered"
