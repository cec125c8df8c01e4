"""`keyspan status`: how the regions are, and how far each has read the others' logs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

import msgspec

from node.cli.command import Command
from node.cli.place import Place, add_place, read_place
from node.cli.screen import output
from node.cli.status_view import show_status
from node.cluster.client import AdministrationClient
from node.cluster.status import Unreachable, complaints
from node.model.status import RegionStatus

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Show every region of a cluster: its keys by state, its own log, and for each peer how
far its log was read here (position of end), how much of this region's log it has
acknowledged, and how many of its entries were refused; and the keys whose rotation or
handover waits for other regions, which those are, and since when.

Exit status: 0 when every region answers and follows every peer (it may still be catching
up), 1 when a region is unreachable or needs attention, 2 when nothing could be asked.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="the same as JSON, for scripts")


def _run(arguments: Namespace) -> int:
    cluster = read_place(arguments)
    answers = AdministrationClient(cluster.administrator).ask_all(cluster.endpoints)
    found = [complaint for answer in answers for complaint in complaints(answer)]
    if arguments.json:
        output().print(_document(cluster, answers, found), soft_wrap=True)
    else:
        show_status(cluster.settings, answers, found, output())
    return 1 if found else 0


def _document(
    cluster: Place, answers: Sequence[RegionStatus | Unreachable], found: Sequence[str]
) -> str:
    """The answers as they came, and an `unreachable` reason in the place of one that did not."""
    regions = {
        answer.region: {"unreachable": answer.reason}
        if isinstance(answer, Unreachable)
        else msgspec.to_builtins(answer)
        for answer in answers
    }
    document = {"account": cluster.settings.account, "regions": regions, "attention": found}
    return msgspec.json.format(msgspec.json.encode(document)).decode()


COMMAND = Command(
    "status", "show every region and how replication stands", _DESCRIPTION, _add_arguments, _run
)
