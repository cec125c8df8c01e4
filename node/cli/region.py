"""`keyspan region`: what becomes of one region's processes, and whether rotations wait for it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Final

from node.cli.command import Command, CommandError
from node.cli.place import Place, add_place, controls_of, endpoint_of, read_place
from node.cli.screen import output
from node.cluster import ClusterError
from node.cluster.acts import Part, RegionAct, Verb
from node.cluster.client import AdministrationClient

__all__ = ["COMMAND"]

_DESCRIPTION = """\
For a rehearsal, on a cluster that `keyspan up` or compose runs on this machine:

  stop, start     end a region's node and stream server in order, and start them again
  kill            end them at once (SIGKILL), as a lost region does
  pause, resume   make them stand still: connected, and answering nothing
  wipe            empty its stream server (FLUSHALL; a container loses its disk)

--node or --stream chooses one of the two. What was stopped or killed stays down until
`start`. For a region that is lost in earnest:

  evict           let rotations go on without it
  readmit         make them wait for it again, once it is back

A rotation of a multi-Region key waits until every region that holds the key has the new
material. An evicted region goes on serving what it holds, and cannot be made a primary.
Every region of the cluster is told, the named one too if it answers; another one that
cannot be reached must be told again.
"""

_VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "evict": ("EvictRegion", "no rotation waits for it any longer"),
    "readmit": ("ReadmitRegion", "rotations wait for it again"),
}


def _add_arguments(parser: ArgumentParser) -> None:
    verbs = (*(verb.value for verb in Verb), *_VERBS)
    parser.add_argument("verb", choices=verbs, metavar="|".join(verbs))
    parser.add_argument("region", metavar="REGION")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--node", action="store_true", help="its node alone")
    part.add_argument("--stream", action="store_true", help="its stream server alone")
    parser.add_argument(
        "--at", metavar="REGION", help="evict, readmit: tell this region alone, not every one"
    )
    add_place(parser)


def _run(arguments: Namespace) -> int:
    place = read_place(arguments)
    endpoint_of(place, arguments.region)
    if arguments.verb not in _VERBS:
        if arguments.at:
            raise CommandError("--at belongs to evict and readmit.")
        act = RegionAct(Verb(arguments.verb), arguments.region, _parts(arguments))
        for sentence in controls_of(arguments).act(act):
            output().print(sentence, soft_wrap=True)
        return 0
    if arguments.node or arguments.stream:
        raise CommandError(f"{arguments.verb} is about a region, not about one of its processes.")
    told = {arguments.at: endpoint_of(place, arguments.at)} if arguments.at else place.endpoints
    failed = _tell(place, told, arguments.verb, arguments.region)
    if len(failed) == len(told):
        raise CommandError("no region could be told; start one and try again.")
    return 1 if set(failed) - {arguments.region} else 0


def _tell(place: Place, endpoints: Mapping[str, str], verb: str, region: str) -> list[str]:
    """Tell regions to evict or to readmit one; gives those that could not be told."""
    operation, effect = _VERBS[verb]
    client = AdministrationClient(place.administrator)
    screen = output()
    failed: list[str] = []
    for name, endpoint in endpoints.items():
        try:
            client.call(name, endpoint, operation, {"region": region})
            screen.print(f"{name}: {effect}")
        except ClusterError as error:
            failed.append(name)
            screen.print(f"! {name}: {error}", style="red")
    return failed


def _parts(arguments: Namespace) -> tuple[Part, ...]:
    if arguments.verb == Verb.WIPE:
        if arguments.node:
            raise CommandError("wipe empties a stream server; a node keeps what it has.")
        return (Part.STREAM,)
    if arguments.node:
        return (Part.NODE,)
    if arguments.stream:
        return (Part.STREAM,)
    return (Part.STREAM, Part.NODE)


COMMAND = Command(
    "region",
    "stop, kill, pause or start a region; evict a lost one",
    _DESCRIPTION,
    _add_arguments,
    _run,
)
