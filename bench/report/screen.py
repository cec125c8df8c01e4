"""A run as its user sees it: a bar while it lasts, a table at its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.box import SIMPLE
from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bench.plan import Cell
from bench.report.words import COLUMNS
from bench.summary import Summary


def followed(cells: Sequence[tuple[int, Cell]], screen: Console) -> Iterator[tuple[int, Cell]]:
    """The same cells; each is named on the screen while it is measured."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("", total=len(cells))
        for number, cell in cells:
            progress.update(task, description=f"round {number} {cell}")
            yield number, cell
            progress.advance(task)


def table(summaries: Iterable[Summary]) -> Table:
    """The report's table, as much of it as fits on a terminal."""
    columns = [column for column in COLUMNS if column.brief]
    made = Table(box=SIMPLE)
    for column in columns:
        justify: JustifyMethod = "right" if column.number else "left"
        made.add_column(column.heading, justify=justify, no_wrap=column.number)
    for summary in summaries:
        made.add_row(*(column.text(summary) for column in columns))
    return made
