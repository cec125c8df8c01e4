"""Playing the story: every step in order, until the end or the first one that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from node.cli.demo.clients import kms_client
from node.cli.demo.narrator import Narrator, steps_table
from node.cli.demo.stage import Stage
from node.cli.demo.story import STORY, Act, Step
from node.cluster import LocalCluster

__all__ = ["perform", "play"]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A step that was shown, or failed, and how long it took."""

    act: str
    step: str
    passed: bool
    seconds: float


def perform(cluster: LocalCluster, narrator: Narrator, folder: Path) -> int:
    """Play the story in a running cluster of three regions; its files go to the folder."""
    home, *others = cluster.regions
    clients = {
        name: kms_client(region, cluster.administrator) for name, region in cluster.regions.items()
    }
    return play(STORY, Stage(cluster, clients, narrator, folder, home, (others[0], others[1])))


def play(story: Sequence[Act], stage: Stage, clock: Callable[[], float] = time.perf_counter) -> int:
    """Play acts and print the closing table. Gives the exit status: 0, or 1 when a step failed."""
    shown: list[_Shown] = []
    for number, act in enumerate(story, start=1):
        stage.narrator.act(number, act.text)
        for step in act.steps:
            started = clock()
            passed = _show(step, stage)
            shown.append(_Shown(act.text, step.text, passed, clock() - started))
            if not passed:
                return _close(story, shown, stage.narrator)
    return _close(story, shown, stage.narrator)


def _show(step: Step, stage: Stage) -> bool:
    try:
        with stage.narrator.step(step.text):
            step.show(stage)
    except Exception as error:  # noqa: BLE001  whatever a step raises, of any library, fails it
        stage.narrator.failure(f"{type(error).__name__}: {error}")
        return False
    return True


def _close(story: Sequence[Act], shown: Sequence[_Shown], narrator: Narrator) -> int:
    planned = sum(len(act.steps) for act in story)
    passed = sum(step.passed for step in shown)
    if passed == planned:
        narrator.closing(_table(shown), f"All {planned} steps went as they should.", "bold green")
        return 0
    verdict = f"{passed} of {planned} steps went as they should; then one failed."
    narrator.closing(_table(shown), verdict, "bold red")
    return 1


def _table(shown: Sequence[_Shown]) -> Table:
    table = steps_table()
    act = ""
    for step in shown:
        if act and step.act != act:
            table.add_section()
        mark = Text("✓", "green") if step.passed else Text("✗", "bold red")
        heading = Text("" if step.act == act else step.act, "cyan")
        table.add_row(heading, mark, step.step, f"{step.seconds:.2f} s")
        act = step.act
    table.add_section()
    table.add_row("", "", Text("in all", "bold"), f"{sum(step.seconds for step in shown):.2f} s")
    return table
