"""`keyspan up`: a whole cluster on this machine, in the foreground.

Scripts depend on it: the ports count upwards from `--port` in the order of the regions, the ready
file appears only when every region answers and has read its peers' logs to the end, and SIGINT or
SIGTERM ends everything that was started (issue 2, "What a user gets").
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from node.cli import arguments as kinds
from node.cli.command import Command, CommandError
from node.cli.screen import output, remarks
from node.cli.signals import interruptible
from node.cli.supervision import Supervision
from node.cli.welcome import show_welcome
from node.cluster import ClusterFolder, Options, addresses_from, running
from node.cluster.addresses import RegionAddress
from node.cluster.control_socket import control_server
from node.cluster.create import DEFAULT_ACCOUNT
from node.seeds import Seed, plant, read_seed
from node.settings import read_cluster_settings

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Run a whole cluster on this machine in the foreground: for each region a node and
a Valkey server, each a process of its own. Ctrl-C ends all of them; what they keep
in --data is there again at the next start.

Nodes take the ports from --port upwards in the order of the regions, and their
streams the ports after those.

From another terminal, `keyspan region`, `keyspan link` and `keyspan clock` do to it what
a rehearsal needs. What is killed stays down until somebody starts it.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--regions",
        metavar="A,B,C",
        type=kinds.regions,
        help="names of the regions; new ones are added to an existing cluster "
        f"(default: those in --data, or {','.join(kinds.DEFAULT_REGIONS)})",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=kinds.port,
        default=kinds.DEFAULT_PORT,
        help=f"the first port (default: {kinds.DEFAULT_PORT})",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=kinds.folder,
        default=kinds.DEFAULT_DATA,
        help=f"where everything is kept (default: {kinds.DEFAULT_DATA})",
    )
    parser.add_argument(
        "--ready-file",
        metavar="FILE",
        type=Path,
        help="JSON with account, credentials, endpoints and processes, written when all is ready, "
        "and kept true",
    )
    parser.add_argument(
        "--links",
        action="store_true",
        help="let regions read each other through links that `keyspan link` can cut and slow",
    )
    parser.add_argument(
        "--movable-clock",
        action="store_true",
        help="let `keyspan clock advance` move the time that keys live by",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=kinds.workers,
        help="answer the requests of each region in so many processes (docs/workers.md; default: "
        "what each node.toml says, or 1)",
    )
    parser.add_argument(
        "--quota",
        metavar="REGION:NAME=RATE",
        type=kinds.regional_quota,
        action="append",
        default=[],
        help="give a region a request quota, as in eu-west-1:Symmetric=50 (docs/quotas.md); may be "
        "repeated",
    )
    parser.add_argument(
        "--seed",
        metavar="FILE",
        type=Path,
        help="TOML with accounts and keys that are to exist; see docs/seeds.md",
    )


def _run(arguments: Namespace) -> int:
    folder = ClusterFolder(arguments.data)
    addresses = addresses_from(arguments.regions or _regions_of(folder), arguments.port)
    seed = _seed(arguments.seed, folder, addresses)
    _prepare_ready_file(arguments.ready_file)
    quotas = _quotas(arguments.quota, [address.region for address in addresses])
    options = Options(arguments.links, arguments.movable_clock, quotas, arguments.workers)
    if not options.movable_clock:
        _refuse_to_go_back(folder, [address.region for address in addresses])
    screen = remarks()
    with interruptible():
        try:
            with (
                screen.status("Starting every region") as progress,
                running(folder, addresses, os.urandom, options) as cluster,
                control_server() as server,
            ):
                cluster.wait_until_caught_up()
                plant(seed, cluster.client, cluster.endpoints, progress.update)
                progress.stop()
                show = partial(show_welcome, cluster, output())
                Supervision(cluster, server, arguments.ready_file, screen).run(show)
        except KeyboardInterrupt:
            screen.print("Everything was stopped.")
        finally:
            _remove(arguments.ready_file)
    return 0


def _quotas(
    given: Sequence[tuple[str, str, float]], regions: Sequence[str]
) -> dict[str, dict[str, float]]:
    quotas: dict[str, dict[str, float]] = {region: {} for region in regions}
    for region, name, rate in given:
        if region not in quotas:
            known = ", ".join(regions)
            raise CommandError(f"--quota {region}: the regions of this cluster are {known}.")
        quotas[region][name] = rate
    return quotas


def _regions_of(folder: ClusterFolder) -> tuple[str, ...]:
    if not folder.exists():
        return kinds.DEFAULT_REGIONS
    return tuple(read_cluster_settings(folder.cluster_file).regions)


def _seed(path: Path | None, folder: ClusterFolder, addresses: Sequence[RegionAddress]) -> Seed:
    """The seed to plant, read and checked before anything is started; empty without a file."""
    if path is None:
        return Seed()
    account = DEFAULT_ACCOUNT
    if folder.exists():
        account = read_cluster_settings(folder.cluster_file).account
    return read_seed(path, account=account, regions=[each.region for each in addresses])


def _refuse_to_go_back(folder: ClusterFolder, regions: Sequence[str]) -> None:
    """A clock that was moved ahead stays ahead; see node/clock.py."""
    moved = [name for name in regions if folder.region(name).clock_file.exists()]
    if moved:
        raise CommandError(
            f"the clock of {moved[0]} was moved ahead and must not go back; "
            "start it with `keyspan up --movable-clock`, or choose another folder with --data."
        )


def _prepare_ready_file(path: Path | None) -> None:
    """Take away what an earlier run left, so that nobody reads it as this run's."""
    if path is None:
        return
    if path.is_dir() or not path.parent.is_dir():
        raise CommandError(f"--ready-file {path} cannot be written; name a file in a folder.")
    _remove(path)


def _remove(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)


COMMAND = Command("up", "run a whole cluster on this machine", _DESCRIPTION, _add_arguments, _run)
