"""`keyspan link`: cut, slow and heal what carries one region's log to another."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from node.cli import arguments as kinds
from node.cli.command import Command, CommandError
from node.cli.place import add_place, controls_of, endpoint_of, read_place
from node.cli.screen import output
from node.cluster.acts import OPEN, Act, LinkAct, LinksShown, Shape, State

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Change the links by which two regions read each other's logs, on a cluster that runs as
`keyspan up --links`, or in containers. Clients reach every region all the same.

  cut A B     break the connections and refuse new ones; with --silent, keep them and let
              nothing through, as a network does that just loses packets
  slow A B    delay what passes: --latency and --jitter each way, --loss, --bandwidth
  heal A B    as if nothing had been
  show        how every link is

Both directions are changed: A's log on its way to B, and B's to A. With --one-way only
A's log on its way to B.
"""

_SLOWED = ("latency", "jitter", "loss", "bandwidth")


def _add_arguments(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="cut|slow|heal|show", dest="verb", required=True)
    cut = _add_verb(verbs, "cut", "break it")
    cut.add_argument("--silent", action="store_true", help="keep connections, half open")
    slow = _add_verb(verbs, "slow", "delay what passes")
    slow.add_argument("--latency", metavar="TIME", type=kinds.duration, help="each way, as in 80ms")
    slow.add_argument("--jitter", metavar="TIME", type=kinds.duration, help="more or less of it")
    slow.add_argument("--loss", metavar="SHARE", type=kinds.share, help="of the packets, as in 2%%")
    slow.add_argument("--bandwidth", metavar="BYTES", type=int, help="per second")
    _add_verb(verbs, "heal", "as if nothing had been")
    add_place(verbs.add_parser("show", help="how every link is"))


def _add_verb(verbs: Any, name: str, summary: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=summary)
    parser.add_argument("regions", metavar="REGION", nargs=2, help="two regions")
    parser.add_argument("--one-way", action="store_true", help="the first one's log only")
    add_place(parser)
    return parser


def _run(arguments: Namespace) -> int:
    act = _act(arguments)
    if isinstance(act, LinkAct):
        place = read_place(arguments)
        for region in arguments.regions:
            endpoint_of(place, region)
    for sentence in controls_of(arguments).act(act):
        output().print(sentence, soft_wrap=True)
    return 0


def _act(arguments: Namespace) -> Act:
    if arguments.verb == "show":
        return LinksShown()
    first, second = arguments.regions
    if first == second:
        raise CommandError("a link joins two different regions.")
    pairs = ((first, second),) if arguments.one_way else ((first, second), (second, first))
    return LinkAct(pairs, _shape(arguments))


def _shape(arguments: Namespace) -> Shape:
    if arguments.verb == "heal":
        return OPEN
    if arguments.verb == "cut":
        return Shape(State.SILENT if arguments.silent else State.CUT)
    if all(getattr(arguments, name) is None for name in _SLOWED):
        raise CommandError("slow takes at least one of --latency, --jitter, --loss, --bandwidth.")
    if arguments.bandwidth is not None and arguments.bandwidth < 1:
        raise CommandError("--bandwidth is in bytes per second, and at least 1.")
    return Shape(
        latency_seconds=arguments.latency or 0.0,
        jitter_seconds=arguments.jitter or 0.0,
        loss=arguments.loss or 0.0,
        bandwidth=arguments.bandwidth,
    )


COMMAND = Command(
    "link", "cut, slow or heal the link of two regions", _DESCRIPTION, _add_arguments, _run
)
