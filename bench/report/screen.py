"""A run as its user sees it: a bar while it lasts, a table at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.box import SIMPLE
from rich.console import Console, JustifyMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.table import Table

from bench.plan import Cell
from bench.report.words import COLUMNS, QUANTITY_COLUMNS, Column, Row
from bench.sections.section import Found
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


def said(name: str, status: Status) -> Callable[[str], None]:
    """Shows what a section is doing now."""
    return lambda doing: status.update(f"{name}: {doing}")


def table(summaries: Iterable[Summary]) -> Table:
    """The data plane's table, as much of it as fits on a terminal."""
    return _made(COLUMNS, summaries)


def section_table(found: Found) -> Table:
    """A section's table."""
    made = _made(QUANTITY_COLUMNS, found.quantities)
    made.title = found.title + (f"\n{found.skipped}" if found.skipped else "")
    made.title_justify = "left"
    return made


def _made(columns: Iterable[Column[Row]], rows: Iterable[Row]) -> Table:
    made, shown = Table(box=SIMPLE), [column for column in columns if column.brief]
    for column in shown:
        justify: JustifyMethod = "right" if column.number else "left"
        made.add_column(column.heading, justify=justify, no_wrap=column.number)
    for row in rows:
        made.add_row(*(column.text(row) for column in shown))
    return made
