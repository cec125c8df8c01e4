"""The commands that a scenario's steps may be, and how they are done.

They are the very commands of `keyspan` that a person types, parsed and run by the same code, with
what they print caught for the report; and two that only a drill has, as they act on its own keys.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Final

from node.cli import clock, failover, link, region
from node.cli.command import Command, CommandError
from node.cli.parser import parse
from node.cluster import ClusterError
from node.drill.keys import DrillKeys
from node.drill.scenario import ScenarioError

__all__ = ["Steps", "check_step"]


class Steps:
    """Does steps on one cluster; `place` are the words by which commands find it."""

    def __init__(self, place: Sequence[str], keys: DrillKeys) -> None:
        self._place = place
        self._keys = keys

    def do(self, words: Sequence[str]) -> list[str]:
        """Do one, and give the lines that it printed. Raises what commands raise."""
        command, arguments = parse(_COMMANDS, words)
        if command is _ROTATE:
            return [f"{self._keys.rotate(arguments.region)} keys are rotated"]
        if command is _HANDOVER:
            count = self._keys.hand_over(arguments.origin, arguments.heir)
            return [f"{count} keys are handed over to {arguments.heir}"]
        _, arguments = parse(_COMMANDS, [*words, *self._place])
        with redirect_stdout(StringIO()) as output:  # only this command prints there meanwhile
            status = command.run(arguments)
        said = [line.rstrip() for line in output.getvalue().splitlines() if line.strip()]
        if status:
            raise ClusterError("; ".join(said) or f"it ended with status {status}.")
        return said


def check_step(words: Sequence[str]) -> None:
    """Raise ScenarioError for words that are no step."""
    try:
        with redirect_stdout(StringIO()):  # of --help
            parse(_COMMANDS, words)
    except CommandError as error:
        raise ScenarioError(str(error)) from None
    except SystemExit:
        raise ScenarioError("--help does nothing to a cluster; name what is to be done.") from None


def _add_region(parser: ArgumentParser) -> None:
    parser.add_argument("region", metavar="REGION")


def _add_regions(parser: ArgumentParser) -> None:
    parser.add_argument("origin", metavar="FROM")
    parser.add_argument("heir", metavar="TO")


def _never(_arguments: Namespace) -> int:
    raise CommandError("this is a step of a drill.")


_ROTATE: Final = Command(
    "rotate", "rotate the drill's keys that a region leads", "", _add_region, _never
)
_HANDOVER: Final = Command(
    "handover", "hand the drill's keys over, as UpdatePrimaryRegion does", "", _add_regions, _never
)
_COMMANDS: Final = (
    region.COMMAND,
    link.COMMAND,
    failover.COMMAND,
    clock.COMMAND,
    _ROTATE,
    _HANDOVER,
)
