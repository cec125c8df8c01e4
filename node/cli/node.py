"""`keyspan node --config FILE`: run one region's node in the foreground."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from node.cli.command import Command
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


def _run(arguments: Namespace) -> int:
    settings = read_node_settings(arguments.config, os.environ)
    from node.app import run  # the server's modules are needed by this command alone

    run(settings)
    return 0


COMMAND = Command("node", "run one region's node", _DESCRIPTION, _add_arguments, _run)
