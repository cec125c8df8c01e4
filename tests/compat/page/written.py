"""Makes the run and writes the page of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.compat.page.calls import ask_everything
from tests.compat.page.decisions import Shown, shown
from tests.compat.page.facts import operation_facts
from tests.compat.page.ground import ground
from tests.compat.page.recorder import Note, Recorder
from tests.compat.page.text import page
from tests.wire.model import MODEL

PAGE = Path(__file__).parents[3] / "docs/compatibility.md"


@dataclass(frozen=True, slots=True)
class Run:
    """Every call that was made for the page, and every case."""

    notes: Sequence[Note]
    cases: Sequence[Shown]

    def of(self, operation: str) -> list[Note]:
        """The notes of one operation."""
        return [note for note in self.notes if note.operation == operation]


def run(folder: Path, tell: Callable[[str], None]) -> Run:
    """Calls every operation in regions whose stores are in `folder`; `tell` is told of each."""
    recorder = Recorder()
    with recorder.listening(), ground(folder) as on:
        ask_everything(on, recorder, tell)
        return Run(recorder.notes, tuple(shown(on)))


def written(run: Run) -> str:
    """The page of a run."""
    operations = [
        operation_facts(MODEL.operation_model(name), run.of(name)) for name in MODEL.operation_names
    ]
    return page(operations, run.cases, {name: version(name) for name in ("boto3", "botocore")})
