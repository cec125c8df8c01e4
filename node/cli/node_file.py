"""Which region's own files a command works on: `--config FILE`, or `--region` of `--data DIR`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from node.cli import arguments as kinds
from node.cli.command import CommandError
from node.cluster import ClusterFolder
from node.settings import read_cluster_settings

__all__ = ["add_node_file", "node_file"]


def add_node_file(parser: ArgumentParser) -> None:
    """Add the options to a command."""
    parser.add_argument("--region", metavar="REGION", help="which region of --data")
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=kinds.DEFAULT_DATA,
        help=f"the cluster's folder (default: {kinds.DEFAULT_DATA})",
    )
    place.add_argument("--config", metavar="FILE", type=Path, help="or the region's node.toml")


def node_file(arguments: Namespace) -> Path:
    """The node file that the options name. Raises CommandError if they name none."""
    if arguments.config:
        return Path(arguments.config)
    folder = ClusterFolder(arguments.data)
    if not folder.exists():
        raise CommandError(
            f"there is no cluster in {folder.root}; name its folder with --data, or a region's "
            "node.toml with --config."
        )
    known = tuple(read_cluster_settings(folder.cluster_file).regions)
    if arguments.region is None:
        raise CommandError(f"no region is named; give --region, one of {', '.join(known)}.")
    if arguments.region not in known:
        raise CommandError(
            f"{arguments.region} is not a region of this cluster; it has {', '.join(known)}."
        )
    return folder.region(arguments.region).node_file
