"""What a drill shows while it runs: time, regions, and what was done; on standard error.

Without a terminal the steps come as plain lines, so that a log of a drill reads well too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from node.drill.monitor import Look, lags
from node.drill.record import Event
from node.drill.samples import Sample
from node.drill.scenario import Kind

__all__ = ["Screen"]

_STYLES: Final[Mapping[Kind, str]] = {Kind.FAULT: "red", Kind.ACT: "cyan", Kind.HEAL: "green"}
_WINDOW_SECONDS: Final = 2.0
_LEAST_WINDOW_SECONDS: Final = 0.1
_BAR: Final = 40
_FRAMES: Final = 4  # a second


class Screen:
    """The terminal of one drill."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None

    def title(self, text: str, about: str) -> None:
        self._console.print(f"\nDrill: {text}", style="bold", soft_wrap=True)
        if about:
            self._console.print(" ".join(about.split()), style="dim")

    def say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style), soft_wrap=True)

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """A spinner with words for as long as the block runs."""
        if not self._console.is_terminal:
            self.say(f"{text} …", "dim")
            yield
            return
        with self._console.status(Text(text)):
            yield

    @contextmanager
    def running(self) -> Iterator[None]:
        """The live view for as long as the block runs."""
        if not self._console.is_terminal:
            yield
            return
        with Live(console=self._console, refresh_per_second=_FRAMES, transient=True) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Nothing moves while the operator reads and types."""
        if self._live is None:
            yield
            return
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def step(self, event: Event) -> None:
        """Tell what was done."""
        line = Text(f"{event.at:6.1f} s  ")
        line.append(f"{event.kind.value:<5}  ", _STYLES[event.kind])
        line.append(event.command)
        self._console.print(line, soft_wrap=True)

    def show(
        self,
        now: float,
        seconds: float,
        regions: Sequence[str],
        samples: Sequence[Sample],
        looks: Sequence[Look],
        ciphertexts: int,
    ) -> None:
        """Bring the live view up to date; `samples` are those of late."""
        if self._live is None:
            return
        self._live.update(
            Group(
                _clock(now, seconds, ciphertexts),
                _regions(now, regions, samples, looks),
            )
        )

    @contextmanager
    def counting(self, text: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar for `total` calls."""
        if not self._console.is_terminal:
            self.say(f"{text} …", "dim")
            yield lambda _count: None
            return
        columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(text, total=total)
            yield lambda count: progress.advance(task, count)


def _clock(now: float, seconds: float, ciphertexts: int) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=seconds, completed=min(now, seconds), width=_BAR)
    grid.add_row(f"{now:6.1f} of {seconds:g} s", bar, f"{ciphertexts:,} ciphertexts kept")
    return grid


def _regions(
    now: float, regions: Sequence[str], samples: Sequence[Sample], looks: Sequence[Look]
) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("Region", "Answered/s", "Failed/s", "Lag", ""):
        table.add_column(heading, justify="left" if heading in ("Region", "") else "right")
    window = max(_LEAST_WINDOW_SECONDS, min(_WINDOW_SECONDS, now))
    behind = lags(looks, regions)
    answering = looks[-1].ends if looks else {}
    for region in regions:
        recent = [each for each in samples if each.region == region and each.at > now - window]
        answered = sum(each.answered for each in recent) / window
        failed = sum(not each.answered for each in recent) / window
        lag = behind[region][-1][1] if behind[region] else 0
        table.add_row(
            Text(region, "bold"),
            f"{answered:,.0f}",
            Text(f"{failed:,.0f}", "red" if failed else "dim"),
            Text(f"{lag:,}" if region in answering else "?", "yellow" if lag else "dim"),
            Text("" if region in answering else "does not answer", "red"),
        )
    return table
