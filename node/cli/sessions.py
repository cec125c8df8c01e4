"""`keyspan sessions end`: temporary credentials that are worth nothing any more."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from node.cli.command import Command, CommandError
from node.cli.place import Place, add_place, endpoint_of, read_place
from node.cli.screen import output
from node.cluster import ClusterError
from node.cluster.client import AdministrationClient

__all__ = ["COMMAND"]

_DESCRIPTION: Final = """\
End every session that STS has given, of every role and user, in every region: for a stolen
session token, or a region whose secrets may be known. Access keys of users go on, and whoever
may assume a role does so again.

The keys that seal session tokens are taken back, and another one is made. One region is told,
the first that answers or the one that is named; the others follow as they hear of it in its
log. A region that is cut off goes on taking old sessions until then.

To end the sessions of one role, delete it, or deny what was issued before a moment with the
condition aws:TokenIssueTime in a policy of the role.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("verb", choices=("end",), metavar="end")
    parser.add_argument("--region", metavar="REGION", help="tell this region, not any")
    add_place(parser)


def _run(arguments: Namespace) -> int:
    place = read_place(arguments)
    named = arguments.region
    endpoints = {named: endpoint_of(place, named)} if named else place.endpoints
    client = AdministrationClient(place.administrator)
    for name, endpoint in endpoints.items():
        try:
            client.call(name, endpoint, "EndSessions", {})
        except ClusterError as error:
            output().print(f"! {name}: {error}", style="red", soft_wrap=True)
            continue
        output().print(f"{name}: every session has ended{_others(place, name)}", soft_wrap=True)
        return 0
    raise CommandError("no region could be told; start one and try again.")


def _others(place: Place, name: str) -> str:
    others = [each for each in place.endpoints if each != name]
    return f"; {', '.join(others)} follow as they hear of it" if others else ""


COMMAND = Command(
    "sessions", "end every session that STS has given", _DESCRIPTION, _add_arguments, _run
)
