"""How the story looks on a terminal: acts, steps, facts, and a bar for what takes long.

A step shows a spinner while it runs, then one line with its time, then its facts. Without a
terminal the same lines come plainly, so that a log of the demo reads well too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.status import Status
from rich.table import Table
from rich.text import Text

__all__ = ["Advance", "Narrator"]

Advance = Callable[[int], None]
"""Tells a progress bar how many more bytes are done."""

_LABEL_COLUMNS = 16
_STEP_COLUMNS = 60
_INDENT = 4


@dataclass(frozen=True, slots=True)
class _Shown:
    """A step that was shown, or failed, and how long it took."""

    act: str
    step: str
    passed: bool
    seconds: float


class Narrator:
    """Tells the story as it happens, and keeps what it told for the closing table."""

    def __init__(self, screen: Console, clock: Callable[[], float] = time.perf_counter) -> None:
        self._screen = screen
        self._clock = clock
        self._status: Status | None = None
        self._facts: list[tuple[str, Text]] = []
        self._acts: list[str] = []
        self._shown: list[_Shown] = []

    @property
    def passed(self) -> int:
        """How many steps went as they should."""
        return sum(step.passed for step in self._shown)

    def title(self, text: str, subtitle: str) -> None:
        """Open the story."""
        self._screen.print(f"\n{text}", style="bold")
        self._screen.print(subtitle, style="dim")

    def act(self, text: str) -> None:
        """Open an act."""
        self._acts.append(text)
        heading = Text(f"{len(self._acts)}  {text}", "bold cyan")
        self._screen.print()
        self._screen.rule(heading, align="left", style="dim cyan")

    def remark(self, text: str) -> None:
        """Say a sentence between steps."""
        self._screen.print(Padding(Text(text, "dim italic"), (0, 0, 0, 2)))

    def fact(self, label: str, value: str, style: str = "") -> None:
        """Note what a step found; it is shown below the step's line."""
        self._facts.append((label, Text(value, style)))

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show a step while it runs, and its outcome and time after. Exceptions pass through."""
        started = self._clock()
        self._facts = []
        self._status = self._screen.status(Text(text), spinner="dots", spinner_style="cyan")
        self._status.start()
        try:
            yield
        except BaseException:
            self._end_step(text, False, self._clock() - started)
            raise
        self._end_step(text, True, self._clock() - started)

    @contextmanager
    def progress(self, text: str, total: int) -> Iterator[Advance]:
        """A bar of `total` bytes for as long as the block runs; it leaves no trace."""
        self._hide_status()
        if not self._screen.is_terminal:
            yield lambda _count: None
            return
        columns = (
            TextColumn("  {task.description}"),
            BarColumn(bar_width=28, complete_style="cyan", finished_style="green"),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._screen, transient=True) as progress:
            task = progress.add_task(text, total=total)
            yield lambda count: progress.advance(task, count)
        if self._status is not None:
            self._status.start()

    def failure(self, text: str) -> None:
        """Say why the story ends early."""
        self._screen.print(Padding(Text(text, "red"), (0, 0, 0, _INDENT)))

    def closing(self, verdict: str, style: str) -> None:
        """The table of what was shown, and the last word."""
        self._screen.print()
        self._screen.print(_closing_table(self._shown))
        self._screen.print(f"\n{verdict}", style=style)

    def _hide_status(self) -> None:
        if self._status is not None:
            self._status.stop()

    def _end_step(self, text: str, passed: bool, seconds: float) -> None:
        self._hide_status()
        self._status = None
        self._shown.append(_Shown(self._acts[-1], text, passed, seconds))
        line = Table.grid(expand=True)
        line.add_column(width=2)
        line.add_column(ratio=1)
        line.add_column(justify="right", width=9)
        line.add_row(_mark(passed), Text(text), Text(f"{seconds:.2f} s", "dim"))
        self._screen.print(line)
        for label, value in self._facts:
            self._show_fact(label, value)

    def _show_fact(self, label: str, value: Text) -> None:
        """The label and the value, on two lines where one is too narrow: a value never breaks."""
        heading = Text(" " * _INDENT) + Text(label.ljust(_LABEL_COLUMNS), "dim")
        room = self._screen.width - len(heading)
        if len(value) <= room or not self._screen.is_terminal:
            self._screen.print(heading + value, soft_wrap=True)
            return
        self._screen.print(heading)
        self._screen.print(value, soft_wrap=True)


def _mark(passed: bool) -> Text:
    return Text("✓", "green") if passed else Text("✗", "bold red")


def _closing_table(shown: Sequence[_Shown]) -> Table:
    """Each act with its steps below it, their times, and the time of all."""
    table = Table(box=None, padding=(0, 2, 0, 0), title="What was shown", title_style="bold")
    table.title_justify = "left"
    table.show_header = False
    table.add_column(width=1)
    table.add_column(min_width=_STEP_COLUMNS)
    table.add_column(justify="right", no_wrap=True)
    for act, steps in groupby(shown, key=attrgetter("act")):
        table.add_row("", "")
        table.add_row("", Text(act, "cyan"))
        for step in steps:
            table.add_row(_mark(step.passed), Text(step.step), f"{step.seconds:.2f} s")
    total = sum(step.seconds for step in shown)
    table.add_row("", "")
    table.add_row("", Text("in all", "bold"), Text(f"{total:.2f} s", "bold"))
    return table
