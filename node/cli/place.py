"""Which cluster a command is about: `--data DIR`, `--config FILE` of one region's node, or
`--compose FILE` of containers."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from node.cli import arguments as kinds
from node.cli.command import CommandError
from node.cluster import ClusterFolder
from node.cluster.acts import Controls
from node.cluster.compose import ComposeControls
from node.cluster.control_socket import RemoteControls
from node.cluster.lock import is_held, read_note
from node.settings import (
    Administrator,
    ClusterSettings,
    read_cluster_settings,
    read_node_access,
)
from node.settings.administrator import read_administrator

__all__ = ["Place", "add_place", "controls_of", "endpoint_of", "folder_of", "read_place"]

_BESIDE_COMPOSE = Path("deploy") / "cluster"


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
    place.add_argument(
        "--compose",
        metavar="FILE",
        type=Path,
        help="or the compose.yaml of containers, with its files in deploy/cluster beside it",
    )


def read_place(arguments: Namespace) -> Place:
    """The cluster that the options name. Raises CommandError or SettingsError."""
    if arguments.config:
        access = read_node_access(arguments.config)
        return Place(access.cluster, access.administrator)
    folder = folder_of(arguments)
    if not folder.exists() and arguments.compose:
        raise CommandError(
            f"{folder.root} holds no cluster; make one with `docker compose run --rm setup`, "
            "or name another compose.yaml."
        )
    if not folder.exists():
        raise CommandError(
            f"there is no cluster in {folder.root}; name its folder with --data, "
            "or make one with `keyspan up`."
        )
    settings = read_cluster_settings(folder.cluster_file)
    return Place(settings, read_administrator(folder.credentials_file))


def folder_of(arguments: Namespace) -> ClusterFolder:
    """The cluster's folder, of `--data` or beside the file of `--compose`."""
    if arguments.compose:
        return ClusterFolder(arguments.compose.parent / _BESIDE_COMPOSE)
    return ClusterFolder(arguments.data)


def controls_of(arguments: Namespace) -> Controls:
    """What acts on the processes of the cluster that the options name.

    Raises CommandError when nothing that we know runs it.
    """
    if arguments.compose:
        if not arguments.compose.is_file():
            raise CommandError(f"{arguments.compose} does not exist; name a compose.yaml.")
        return ComposeControls(arguments.compose)
    if arguments.config:
        raise CommandError("processes are found by --data or --compose, not by --config.")
    folder = folder_of(arguments)
    note = read_note(folder)
    if note is None or note.control is None or not is_held(folder):
        raise CommandError(
            f"`keyspan up` runs no cluster in {folder.root}; start one, name its folder with "
            "--data, or name a compose.yaml with --compose."
        )
    return RemoteControls(Path(note.control))


def endpoint_of(place: Place, region: str) -> str:
    """A region's endpoint. Raises CommandError for one that the cluster does not have."""
    endpoint = place.endpoints.get(region)
    if endpoint is None:
        known = ", ".join(place.endpoints)
        raise CommandError(f"{region} is not a region of this cluster; it has {known}.")
    return endpoint
