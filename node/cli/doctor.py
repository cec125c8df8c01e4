"""`keyspan doctor`: compare all regions now, and let them mend what differs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence

from rich.progress import track
from rich.table import Table
from rich.text import Text

from node.cli.command import Command
from node.cli.place import add_place, read_place
from node.cli.screen import output, remarks
from node.cluster.client import AdministrationClient
from node.cluster.examination import Examiner, PairFinding

__all__ = ["COMMAND"]

SETTLE_SECONDS = 3.0
MEND_SECONDS = 30.0
NAMES_SHOWN = 10

_DESCRIPTION = """\
Compare the regions pair by pair: the shared state of every multi-Region key that the two
hold and one of them leads, whether both have its key material, and the directory of users
and roles. Regions do this by themselves every half minute; this does it now, and says what
differs, key by key and fact by fact.

Two regions that differ are made to send each other their state, and compared again.
With --dry-run nothing is mended.

Exit status: 0 when all regions hold the same now, 1 when something differs, or a region
cannot be reached.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--dry-run", action="store_true", help="compare, and mend nothing")


def _run(arguments: Namespace) -> int:
    place = read_place(arguments)
    client = AdministrationClient(place.administrator)
    examiner = Examiner(client, place.endpoints, SETTLE_SECONDS, MEND_SECONDS)
    findings = [
        examiner.examine(pair, mend=not arguments.dry_run) for pair in _shown(examiner.pairs)
    ]
    _show(findings)
    return 0 if all(each.well for each in findings) else 1


def _shown(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs, with a progress bar where somebody looks."""
    console = remarks()
    shown = track(
        pairs, "comparing", console=console, transient=True, disable=not console.is_terminal
    )
    yield from shown


def _show(findings: Sequence[PairFinding]) -> None:
    screen = output()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in ("Regions", "Compared", "Differed", "Differ now", "What was done"):
        table.add_column(heading, no_wrap=heading == "Regions")
    for each in findings:
        table.add_row(*_cells(each))
    screen.print(table)
    for each in findings:
        for line in _details(each):
            screen.print(line, soft_wrap=True)
    if all(each.well for each in findings):
        screen.print("All regions hold the same.", style="green")


def _cells(finding: PairFinding) -> list[Text]:
    regions = Text(" and ".join(finding.pair), "bold")
    if finding.problem is not None:
        return [regions, Text("could not be compared", "red")]
    done = "each sent the other its state" if finding.mending else "nothing"
    return [
        regions,
        Text(f"{finding.compared:,}"),
        Text(f"{len(finding.differed):,}", "yellow" if finding.differed else "dim"),
        Text(f"{len(finding.left):,}", "bold red" if finding.left else "dim"),
        Text(done, "yellow" if finding.mending else "dim"),
    ]


def _details(finding: PairFinding) -> Iterator[Text]:
    names = " and ".join(finding.pair)
    if finding.problem is not None:
        yield Text(f"! {names}: {finding.problem}", "red")
    if finding.differed:
        state = "still differ" if finding.left else "differed"
        shown = ", ".join((finding.left or finding.differed)[:NAMES_SHOWN])
        more = len(finding.left or finding.differed) - NAMES_SHOWN
        rest = f" and {more:,} more" if more > 0 else ""
        yield Text(f"~ {names} {state} on {shown}{rest}", "red" if finding.left else "yellow")


COMMAND = Command(
    "doctor", "compare all regions, and mend what differs", _DESCRIPTION, _add_arguments, _run
)
