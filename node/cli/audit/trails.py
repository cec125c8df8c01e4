"""Which trails a command is about: all of a cluster's folder, or one region's.

A region has one trail for each of its worker processes.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from crypto.identity import PublicIdentity
from node.audit.folder import trail_files, trail_folders
from node.cli.command import CommandError
from node.cli.place import add_place
from node.cluster import ClusterFolder
from node.settings import SettingsError, read_cluster_settings, read_node_audit

__all__ = ["TrailPlace", "add_trails", "read_trails"]


@dataclass(frozen=True, slots=True)
class TrailPlace:
    """One trail of a region: the identity that signs it, and its files, oldest first. `worker` is
    the number of the process that writes it, 1 for the leader.
    """

    region: str
    worker: int
    identity: PublicIdentity
    folder: Path
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The trail in messages."""
        return self.region if self.worker == 1 else f"{self.region}, worker {self.worker}"


def add_trails(parser: ArgumentParser) -> None:
    """Add the options to a command."""
    add_place(parser)
    parser.add_argument("--region", metavar="REGION", help="one region's trail alone")


def read_trails(arguments: Namespace) -> list[TrailPlace]:
    """The trails that the options name. Raises CommandError or SettingsError."""
    found = [trail for path in _node_files(arguments) for trail in _trails(path)]
    if arguments.region is not None:
        found = [each for each in found if each.region == arguments.region]
        if not found:
            raise CommandError(
                f"{arguments.region} has no node file here; name the cluster's folder with "
                "--data, or the region's node.toml with --config."
            )
    return found


def _node_files(arguments: Namespace) -> list[Path]:
    if arguments.config:
        return [arguments.config]
    if arguments.compose:
        raise CommandError(
            "the trails of containers lie in their volumes; run `docker compose exec node-REGION "
            "keyspan audit … --config /run/secrets/node.toml`."
        )
    folder = ClusterFolder(arguments.data)
    if not folder.exists():
        raise CommandError(
            f"there is no cluster in {arguments.data}; name its folder with --data, or one "
            "region's node.toml with --config."
        )
    regions = read_cluster_settings(folder.cluster_file).regions
    files = [folder.region(name).node_file for name in regions]
    return [path for path in files if path.is_file()]


def _trails(node_file: Path) -> list[TrailPlace]:
    access, audit = read_node_audit(node_file)
    identity = access.cluster.regions[access.region].identity
    try:
        return [
            TrailPlace(access.region, worker, identity, folder, tuple(trail_files(folder)))
            for worker, folder in trail_folders(audit.folder).items()
        ]
    except OSError as error:
        raise SettingsError.about(
            node_file, "audit.folder", f"cannot be read ({error.strerror})", "check its owner"
        ) from None
