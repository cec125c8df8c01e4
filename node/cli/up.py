"""`keyspan up`: a whole cluster on this machine, in the foreground.

Scripts depend on it: the ports count upwards from `--port` in the order of the regions, the ready
file appears only when every region answers and has read its peers' logs to the end, and SIGINT or
SIGTERM ends everything that was started (issue 2, "What a user gets").
"""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from node.cli import arguments as kinds
from node.cli.command import Command, CommandError
from node.cli.screen import output, remarks
from node.cli.signals import interruptible
from node.cli.welcome import show_welcome
from node.cluster import ClusterFolder, LocalCluster, addresses_from, running
from node.cluster.ready import write_ready_file
from node.settings import read_cluster_settings

__all__ = ["COMMAND"]

_LOOK_SECONDS = 0.5

_DESCRIPTION = """\
Run a whole cluster on this machine in the foreground: for each region a node and
a Valkey server, each a process of its own. Ctrl-C ends all of them; what they keep
in --data is there again at the next start.

Nodes take the ports from --port upwards in the order of the regions, and their
streams the ports after those.
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
        help="JSON with account, credentials, endpoints and processes, written when all is ready",
    )


def _run(arguments: Namespace) -> int:
    folder = ClusterFolder(arguments.data)
    addresses = addresses_from(arguments.regions or _regions_of(folder), arguments.port)
    _prepare_ready_file(arguments.ready_file)
    screen = remarks()
    with interruptible():
        try:
            with (
                screen.status("Starting every region") as progress,
                running(folder, addresses, os.urandom) as cluster,
            ):
                cluster.wait_until_caught_up()
                progress.stop()
                _serve(cluster, arguments.ready_file, screen)
        except KeyboardInterrupt:
            screen.print("Everything was stopped.")
        finally:
            _remove(arguments.ready_file)
    return 0


def _regions_of(folder: ClusterFolder) -> tuple[str, ...]:
    if not folder.exists():
        return kinds.DEFAULT_REGIONS
    return tuple(read_cluster_settings(folder.cluster_file).regions)


def _serve(cluster: LocalCluster, ready_file: Path | None, screen: Console) -> None:
    """Say that all is ready, then watch until a signal ends it."""
    if ready_file is not None:
        write_ready_file(ready_file, cluster)
    show_welcome(cluster, output())
    reported: set[str] = set()
    while True:
        for service in cluster.services():
            if service.ended and service.name not in reported:
                reported.add(service.name)
                screen.print(
                    f"{service.name} {service.ended} and is not started again; see {service.log}. "
                    "Everything else goes on; Ctrl-C, then `keyspan up`, starts all again.",
                    style="bold red",
                )
        time.sleep(_LOOK_SECONDS)


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
