"""`keyspan drill`: rehearse a fault on a real cluster under load, and judge what happened.

`play.py` runs a drill, `site.py` finds or starts its cluster, `steps.py` does its steps; scenarios,
load, figures and report are in `node.drill`.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from random import Random
from typing import Final

from rich.table import Table

from node.cli.command import Command, CommandError
from node.cli.screen import output, remarks
from node.cli.signals import interruptible
from node.drill.scenario import Scenario, ScenarioError
from node.drill.scenario_file import parse_scenario

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Rehearse the loss of a region, a partition, or another fault: run load in every region,
break something, act, mend it, and check that every ciphertext opens everywhere. Writes
report.html and report.json with requests and errors over time, recovery times (RTO),
the recovery point (RPO) and a verdict.

SCENARIO is a name of `keyspan drill --list`, or a file: `keyspan drill --show NAME`
prints one to copy and change. Without --data or --compose the drill uses the cluster
that runs in the default folder, or starts one of its own, which leaves nothing behind.

Exit status: 0 when all was as expected, 1 when not, 2 when it could not run.
"""
_SUFFIX: Final = ".toml"


def _add_arguments(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("scenario", metavar="SCENARIO", nargs="?", help="a name, or a file")
    what.add_argument("--list", action="store_true", help="list the scenarios there are")
    what.add_argument("--show", metavar="NAME", help="print a scenario, to copy it")
    parser.add_argument(
        "--manual",
        action="store_true",
        help="you are the operator: it waits for you to do what an operator does",
    )
    parser.add_argument(
        "--report", metavar="DIR", type=Path, help="where reports go (default: drills/SCENARIO)"
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--data", metavar="DIR", type=Path, help="a running cluster's folder")
    place.add_argument("--compose", metavar="FILE", type=Path, help="or a compose.yaml")
    place.add_argument(
        "--own", action="store_true", help="or a cluster of its own, also where one runs"
    )
    parser.set_defaults(config=None)


def _run(arguments: Namespace) -> int:
    if arguments.list:
        return _list()
    if arguments.show:
        output().print(_packaged(arguments.show), soft_wrap=True)
        return 0
    scenario = _scenario(arguments.scenario)
    if arguments.manual and not sys.stdin.isatty():
        raise CommandError("--manual waits for a person; run it in a terminal.")
    from node.cli.drill.show import rehearse  # clients and report are needed by this alone

    screen = remarks()
    try:
        with interruptible():
            return rehearse(scenario, arguments, screen, Random(os.urandom(16)))  # noqa: S311
    except KeyboardInterrupt:
        screen.print("Interrupted: what was broken is mended, and there is no report.")
        raise


def _list() -> int:
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("Scenario", "What happens", "Load"):
        table.add_column(heading)
    for name in _names():
        scenario = _scenario(name)
        table.add_row(name, scenario.title, f"{scenario.seconds:g} s")
    output().print(table)
    return 0


def _scenario(name: str) -> Scenario:
    """A scenario by its name, or a file by its path. Raises CommandError."""
    from node.cli.drill.steps import check_step

    try:
        if name.endswith(_SUFFIX) or os.sep in name:
            text = Path(name).read_text(encoding="utf-8")
            return parse_scenario(Path(name).stem, name, text, check_step)
        return parse_scenario(name, f"{name}{_SUFFIX}", _packaged(name), check_step)
    except UnicodeDecodeError:
        raise CommandError(f"{name} is not UTF-8 text; TOML must be.") from None
    except ScenarioError as error:
        raise CommandError(str(error)) from None


def _packaged(name: str) -> str:
    if name not in _names():
        raise CommandError(
            f"there is no scenario {name!r}; there are {', '.join(_names())}, and files whose "
            f"name ends in {_SUFFIX}."
        )
    return (_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _names() -> list[str]:
    return sorted(
        each.name.removesuffix(_SUFFIX)
        for each in _folder().iterdir()
        if each.name.endswith(_SUFFIX)
    )


def _folder() -> Traversable:
    return resources.files("node.drill") / "scenarios"


COMMAND = Command(
    "drill", "rehearse a fault under load, with a report", _DESCRIPTION, _add_arguments, _run
)
