"""A drill on a terminal: the cluster, the play, the report, and the verdict in a table."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.cli.command import CommandError
from node.cli.drill.live import Screen
from node.cli.drill.play import Ask, play
from node.cli.drill.site import site_of
from node.cli.screen import output
from node.cluster.files import replace
from node.drill.record import Record
from node.drill.report import as_html, as_json
from node.drill.scenario import Scenario
from node.drill.verdict import Measures, Verdict, judge, measured

__all__ = ["rehearse"]


def rehearse(scenario: Scenario, arguments: Namespace, console: Console, random: Random) -> int:
    """Run the drill, write its reports, and give the exit status."""
    folder = arguments.report or Path("drills") / scenario.name
    _refuse_unwritable(folder)
    screen = Screen(console)
    ask = _asker(console) if arguments.manual else None
    record = _played(scenario, arguments, screen, random, ask)
    measures = measured(record)
    verdict = judge(record, measures)
    replace(folder / "report.html", as_html(record, measures, verdict))
    replace(folder / "report.json", as_json(record, measures, verdict))
    _conclude(measures, verdict, folder)
    return 0 if verdict.passed else 1


def _played(
    scenario: Scenario, arguments: Namespace, screen: Screen, random: Random, ask: Ask | None
) -> Record:
    with ExitStack() as stack:
        site = stack.enter_context(site_of(arguments, scenario, screen.busy))
        screen.title(scenario.title, scenario.about)
        where = "a cluster of its own" if site.own else " ".join(site.words)
        screen.say(f"On {where}: {', '.join(site.regions)}", "dim")
        return play(scenario, site, screen, random, ask)


def _asker(console: Console) -> Ask:
    def ask(command: str) -> None:
        console.print("\nYour turn. Type this in another terminal, or do better:", style="bold")
        console.print(f"  {command}", style="cyan", soft_wrap=True)
        console.input("Then press Enter here. ")

    return ask


def _conclude(measures: Measures, verdict: Verdict, folder: Path) -> None:
    screen = output()
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("", "What", "Expected", "Found"):
        table.add_column(heading)
    for each in verdict.criteria:
        mark = Text("✓", "green") if each.passed else Text("✗", "bold red")
        table.add_row(mark, each.name, each.expected, each.found)
    screen.print()
    screen.print(table)
    total = measures.total
    screen.print(
        f"\n{total.tried:,} requests: {total.answered:,} answered, {total.refused:,} refused, "
        f"{total.wrong:,} wrong. The longest refusal of one region took "
        f"{total.longest_refusal:.1f} s.",
        soft_wrap=True,
    )
    screen.print(f"Report: {folder / 'report.html'} (and report.json)", soft_wrap=True)
    if verdict.passed:
        screen.print("Passed: all was as expected.", style="bold green")
    else:
        screen.print("Failed: see what is marked.", style="bold red")


def _refuse_unwritable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(
            f"reports cannot be written to {folder} ({error.strerror}); choose another --report."
        ) from None
