"""`keyspan clock`: the time that keys live by, shown and moved ahead."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

import msgspec
from rich.table import Table

from node.cli import arguments as kinds
from node.cli.command import Command
from node.cli.place import Place, add_place, endpoint_of, read_place
from node.cli.screen import output
from node.cluster import ClusterError
from node.cluster.client import AdministrationClient
from node.operations.clock import ClockResponse

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Show the time that keys live by, or move it ahead, on a cluster that runs as
`keyspan up --movable-clock`: rotations, deletions and expiries that fall due happen
within a second or two.

  show              every region's time, and how far it is ahead of the real one
  advance 366d      move it ahead by days (d), hours (h), minutes (m) or seconds (s), in
                    all regions or in one (--region)

It never moves back, also when a node starts again. Requests are signed by the real time
all the while, so that clients need not know.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="show|advance", dest="verb", required=True)
    show = verbs.add_parser("show", help="every region's time")
    advance = verbs.add_parser("advance", help="move it ahead")
    advance.add_argument("time", metavar="TIME", type=kinds.duration, help="as in 366d or 12h")
    for each in (show, advance):
        each.add_argument("--region", metavar="REGION", help="this region's clock alone")
        add_place(each)


def _run(arguments: Namespace) -> int:
    operation, request = _request(arguments)
    place = read_place(arguments)
    endpoints = _endpoints(place, arguments.region)
    client = AdministrationClient(place.administrator)
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("Region", "Time (UTC)", "Ahead by"):
        table.add_column(heading, no_wrap=True)
    refused: list[str] = []
    for name, endpoint in endpoints.items():
        try:
            answer = client.call(name, endpoint, operation, request)
        except ClusterError as error:
            refused.append(f"! {name}: {error}")
            continue
        clock = msgspec.json.decode(answer, type=ClockResponse)
        moment = time.strftime("%F %T", time.gmtime(clock.now))
        table.add_row(name, moment, kinds.shown_duration(clock.ahead_seconds))
    if table.row_count:
        output().print(table)
    for sentence in refused:
        output().print(sentence, style="red", soft_wrap=True)
    return 1 if refused else 0


def _request(arguments: Namespace) -> tuple[str, Mapping[str, float]]:
    if arguments.verb == "show":
        return "GetClock", {}
    return "AdvanceClock", {"seconds": arguments.time}


def _endpoints(place: Place, region: str | None) -> Mapping[str, str]:
    if region is None:
        return place.endpoints
    return {region: endpoint_of(place, region)}


COMMAND = Command(
    "clock", "show or move the time that keys live by", _DESCRIPTION, _add_arguments, _run
)
