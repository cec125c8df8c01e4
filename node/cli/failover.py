"""`keyspan failover`: make a region the primary of the keys that a lost region led.

KMS cannot do this: its UpdatePrimaryRegion runs in the primary's region. The lost region, when it
comes back, finds the higher epoch and steps down by itself (architecture.md, D6).
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace

import msgspec
from rich.table import Table

from node.cli.command import Command, CommandError
from node.cli.place import add_place, endpoint_of, read_place
from node.cli.screen import output
from node.cluster.client import AdministrationClient
from node.operations.failover import PromoteResponse

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Make a region the primary of the multi-Region keys that a lost region led, without asking
the lost one. Replicas go on encrypting and decrypting without any of this; it is for key
management: rotation, new replicas, deletion of the primary.

First look with --dry-run: it tells what would be promoted, how much of the lost region's
log was read, and which rotations would be given up. The lost region steps down by itself
when it comes back, and everything that was encrypted stays readable.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    add_place(parser)
    parser.add_argument("--from", dest="lost", metavar="REGION", required=True, help="the lost one")
    parser.add_argument(
        "--to", dest="heir", metavar="REGION", required=True, help="the one that is to lead"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="every key that the lost region led")
    which.add_argument(
        "--key", dest="keys", metavar="KEY-ID", action="append", help="one key; may be repeated"
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, only")


def _run(arguments: Namespace) -> int:
    if arguments.lost == arguments.heir:
        raise CommandError("--from and --to name the same region; --to is the one that lives.")
    place = read_place(arguments)
    endpoint_of(place, arguments.lost)
    answer = AdministrationClient(place.administrator).call(
        arguments.heir,
        endpoint_of(place, arguments.heir),
        "Promote",
        {"from_region": arguments.lost, "key_ids": arguments.keys, "dry_run": arguments.dry_run},
    )
    response = msgspec.json.decode(answer, type=PromoteResponse)
    _show(response)
    return _missed(response, arguments.keys or ())


def _show(response: PromoteResponse) -> None:
    screen = output()
    lost = response.lost
    screen.print(
        f"{lost.region}, as {response.region} sees it: {lost.state}; its log was applied up to "
        f"entry {lost.position} of {lost.end} that were seen.",
        soft_wrap=True,
    )
    if not response.keys:
        screen.print(f"{response.region} holds no key that {lost.region} leads: nothing to do.")
        return
    screen.print(_table(response))
    done = "would lead" if response.dry_run else "leads"
    screen.print(f"{response.region} {done} {len(response.keys)} key(s).", style="green")


def _table(response: PromoteResponse) -> Table:
    table = Table(box=None, padding=(0, 2))
    for column in ("Key", "Epoch", "Rotation given up"):
        table.add_column(column)
    for key in response.keys:
        since = key.dropped_rotation_since
        begun = "" if since is None else time.strftime("begun %F %T UTC", time.gmtime(since))
        table.add_row(key.key_id, str(key.epoch), begun)
    return table


def _missed(response: PromoteResponse, wanted: list[str] | tuple[()]) -> int:
    found = {key.key_id for key in response.keys}
    missed = [each for each in wanted if each not in found]
    for each in missed:
        output().print(
            f"! {each} is not a key that {response.lost.region} leads and {response.region} holds.",
            style="red",
        )
    return 1 if missed else 0


COMMAND = Command(
    "failover", "make a region lead the keys of a lost one", _DESCRIPTION, _add_arguments, _run
)
