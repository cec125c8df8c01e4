"""Which cluster a command is about: `--data DIR`, or `--config FILE` of one region's node."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from node.cli import arguments as kinds
from node.cli.command import CommandError
from node.cluster import ClusterFolder
from node.settings import (
    Administrator,
    ClusterSettings,
    read_cluster_settings,
    read_node_access,
)
from node.settings.administrator import read_administrator

__all__ = ["Place", "add_place", "endpoint_of", "read_place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Whom to ask, and as whom."""

    settings: ClusterSettings
    administrator: Administrator

    @property
    def endpoints(self) -> dict[str, str]:
        """Every region's endpoint, in the order of the cluster file."""
        return {name: region.endpoint for name, region in self.settings.regions.items()}


def add_place(parser: ArgumentParser) -> None:
    """Add the two options to a command."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=kinds.DEFAULT_DATA,
        help=f"the cluster's folder (default: {kinds.DEFAULT_DATA})",
    )
    place.add_argument("--config", metavar="FILE", type=Path, help="or the node.toml of one region")


def read_place(arguments: Namespace) -> Place:
    """The cluster that the options name. Raises CommandError or SettingsError."""
    if arguments.config:
        access = read_node_access(arguments.config)
        return Place(access.cluster, access.administrator)
    folder = ClusterFolder(arguments.data)
    if not folder.exists():
        raise CommandError(
            f"there is no cluster in {arguments.data}; name its folder with --data, "
            "or make one with `keyspan up`."
        )
    settings = read_cluster_settings(folder.cluster_file)
    return Place(settings, read_administrator(folder.credentials_file))


def endpoint_of(place: Place, region: str) -> str:
    """A region's endpoint. Raises CommandError for one that the cluster does not have."""
    endpoint = place.endpoints.get(region)
    if endpoint is None:
        known = ", ".join(place.endpoints)
        raise CommandError(f"{region} is not a region of this cluster; it has {known}.")
    return endpoint
