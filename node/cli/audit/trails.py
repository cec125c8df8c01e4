"""Which trails a command is about: all of a cluster's folder, or one region's."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path

from crypto.identity import PublicIdentity
from node.audit.folder import trail_files
from node.cli.command import CommandError
from node.cli.place import add_place
from node.cluster import ClusterFolder
from node.settings import SettingsError, read_cluster_settings, read_node_audit

__all__ = ["TrailPlace", "add_trails", "read_trails"]


@dataclass(frozen=True, slots=True)
class TrailPlace:
    """One region's trail: the identity that signs it, and its files, oldest first."""

    region: str
    identity: PublicIdentity
    folder: Path
    files: tuple[Path, ...]


def add_trails(parser: ArgumentParser) -> None:
    """Add the options to a command."""
    add_place(parser)
    parser.add_argument("--region", metavar="REGION", help="one region's trail alone")


def read_trails(arguments: Namespace) -> list[TrailPlace]:
    """The trails that the options name. Raises CommandError or SettingsError."""
    found = [_trail(path) for path in _node_files(arguments)]
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


def _trail(node_file: Path) -> TrailPlace:
    access, audit = read_node_audit(node_file)
    try:
        files = trail_files(audit.folder)
    except OSError as error:
        raise SettingsError.about(
            node_file, "audit.folder", f"cannot be read ({error.strerror})", "check its owner"
        ) from None
    identity = access.cluster.regions[access.region].identity
    return TrailPlace(access.region, identity, audit.folder, tuple(files))
