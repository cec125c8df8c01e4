"""`keyspan node --config FILE`: run one region's node in the foreground."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from node.cli import arguments as kinds
from node.cli.command import Command, CommandError
from node.settings import read_node_settings

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Run one region's node in the foreground, until SIGINT or SIGTERM. It needs its
settings and its own key store; its stream and the other regions may be away.
`keyspan init` writes the files.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--config", metavar="FILE", type=Path, required=True, help="the region's node.toml"
    )
    parser.add_argument(
        "--peer-stream",
        metavar="REGION=URL",
        type=kinds.peer_stream,
        action="append",
        default=[],
        help="reach a peer's stream at another URL than cluster.toml says; may be repeated",
    )
    parser.add_argument(
        "--quota",
        metavar="NAME=RATE",
        type=kinds.quota,
        action="append",
        default=[],
        help="requests per second of an account, in the place of the file's; may be repeated",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=kinds.workers,
        help="answer requests in so many processes, in the place of the file's `workers`",
    )
    parser.add_argument(
        "--movable-clock",
        action="store_true",
        help="let the administrator move this region's time ahead, for rehearsals",
    )


def _run(arguments: Namespace) -> int:
    settings = read_node_settings(arguments.config, os.environ)
    streams = dict(arguments.peer_stream)
    for name in streams:
        if name not in settings.peers:
            known = ", ".join(settings.peers) or "none"
            raise CommandError(f"--peer-stream {name}: the peers of this region are {known}.")
    from node.app import run  # the server's modules are needed by this command alone

    settings = settings.reaching(streams).with_quotas(dict(arguments.quota))
    if arguments.workers is not None:
        settings = settings.with_workers(arguments.workers)
    run(settings, arguments.movable_clock, _worker(arguments, settings.workers))
    return 0


def _worker(arguments: Namespace, workers: int) -> tuple[str, ...]:
    """The command that begins another worker process of this node (node/workers)."""
    safe_path = ("-P",) if sys.flags.safe_path else ()
    options = [f"--quota={name}={rate!r}" for name, rate in arguments.quota]
    if arguments.movable_clock:
        options.append("--movable-clock")
    return (
        *(sys.executable, *safe_path, "-m", "node.workers"),
        *(f"--config={arguments.config}", f"--workers={workers}", *options),
    )


COMMAND = Command("node", "run one region's node", _DESCRIPTION, _add_arguments, _run)
