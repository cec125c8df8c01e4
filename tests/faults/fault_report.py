"""What faults cost, as a table for people and as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

REPORT = Path(".cache") / "faults.json"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one fault, or all of them, did to the calls of all regions. Times in seconds.

    `converged` is the time from the fault's end until all regions were level; None for the whole
    run.
    """

    fault: str
    tried: int
    refused: int
    wrong: int
    longest_refusal: float
    converged: float | None


def table(costs: Sequence[Cost]) -> str:
    """The costs as a table."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("fault")
    for heading in ("tried", "refused", "wrong", "longest refusal", "converged after"):
        shown.add_column(heading, justify="right")
    for each in costs:
        shown.add_row(
            each.fault,
            f"{each.tried:,}",
            f"{each.refused:,}",
            f"{each.wrong:,}",
            f"{each.longest_refusal:.1f} s",
            "" if each.converged is None else f"{each.converged:.1f} s",
        )
    console = Console(width=110, no_color=True)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def write(costs: Sequence[Cost], path: Path = REPORT) -> None:
    """Put the costs into a file for other programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(each) for each in costs], indent=1) + "\n", "utf-8")
