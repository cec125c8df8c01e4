"""`keyspan init DIR`: write a cluster's files, start nothing."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from node.cli import arguments as kinds
from node.cli.command import Command
from node.cli.screen import output
from node.cluster.addresses import addresses_from
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from node.cluster.folder import ClusterFolder

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Write a new cluster into DIR: cluster.toml with the regions and their public
identities, and for each region a folder with its settings, its identity and its
root key, all freshly made. Nothing is started.

The addresses are of this machine. To spread the regions over machines, change
them in cluster.toml and in each node.toml, give each machine cluster.toml and its
region's folder alone, and start each with `keyspan node --config FILE`.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=kinds.folder, help="a new or empty folder")
    parser.add_argument(
        "--regions",
        metavar="A,B,C",
        type=kinds.regions,
        default=kinds.DEFAULT_REGIONS,
        help=f"names of the regions (default: {','.join(kinds.DEFAULT_REGIONS)})",
    )
    parser.add_argument(
        "--account",
        metavar="ID",
        type=kinds.account,
        default=DEFAULT_ACCOUNT,
        help=f"the account that owns the keys, twelve digits (default: {DEFAULT_ACCOUNT})",
    )


def _run(arguments: Namespace) -> int:
    folder = ClusterFolder(arguments.folder)
    addresses = addresses_from(arguments.regions, kinds.DEFAULT_PORT)
    create_cluster(folder, addresses, arguments.account, os.urandom)
    screen = output()
    screen.print(f"A cluster of {len(addresses)} regions was written to {folder.root}:")
    for address in addresses:
        screen.print(f"  {folder.region(address.region).node_file}", soft_wrap=True)
    screen.print(f"Start all of it on this machine with: keyspan up --data {folder.root}")
    return 0


COMMAND = Command("init", "write a new cluster's files", _DESCRIPTION, _add_arguments, _run)
