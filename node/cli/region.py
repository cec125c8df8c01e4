"""`keyspan region evict|readmit`: whether rotations wait for a region."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Final

from node.cli.command import Command, CommandError
from node.cli.place import add_place, endpoint_of, read_place
from node.cli.screen import output
from node.cluster import ClusterError
from node.cluster.client import AdministrationClient

__all__ = ["COMMAND"]

_DESCRIPTION = """\
A rotation of a multi-Region key waits until every region that holds the key has the new
material. `evict` lets rotations go on without a region that is lost; `readmit` makes them
wait for it again once it is back. An evicted region goes on serving what it holds, and
cannot be made a primary.

Every region of the cluster is told, the named one too if it answers; another one that cannot
be reached must be told again.
"""

_VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "evict": ("EvictRegion", "no rotation waits for it any longer"),
    "readmit": ("ReadmitRegion", "rotations wait for it again"),
}


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("verb", choices=tuple(_VERBS), metavar="evict|readmit")
    parser.add_argument("region", metavar="REGION")
    add_place(parser)


def _run(arguments: Namespace) -> int:
    place = read_place(arguments)
    endpoint_of(place, arguments.region)
    operation, effect = _VERBS[arguments.verb]
    client = AdministrationClient(place.administrator)
    screen = output()
    failed: list[str] = []
    for name, endpoint in place.endpoints.items():
        try:
            client.call(name, endpoint, operation, {"region": arguments.region})
            screen.print(f"{name}: {effect}")
        except ClusterError as error:
            failed.append(name)
            screen.print(f"! {name}: {error}", style="red")
    if len(failed) == len(place.endpoints):
        raise CommandError("no region could be told; start one and try again.")
    return 1 if set(failed) - {arguments.region} else 0


COMMAND = Command(
    "region",
    "evict a lost region from rotations, or readmit it",
    _DESCRIPTION,
    _add_arguments,
    _run,
)
