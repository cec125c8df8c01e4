"""`keyspan status`: how the regions are, and how far each has read the others' logs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from node.cli import arguments as kinds
from node.cli.command import Command, CommandError
from node.cli.screen import output
from node.cli.status_view import show_status
from node.cluster import ClusterFolder
from node.cluster.client import AdministrationClient
from node.cluster.status import RegionStatus, Unreachable, complaints
from node.settings import (
    Administrator,
    ClusterSettings,
    read_cluster_settings,
    read_node_access,
)
from node.settings.administrator import read_administrator

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Show every region of a cluster: its keys by state, its own log, and for each peer how
far its log was read here (position of end), how much of this region's log it has
acknowledged, and how many of its entries were refused.

Exit status: 0 when every region answers and follows every peer (it may still be catching
up), 1 when a region is unreachable or needs attention, 2 when nothing could be asked.
"""


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Whom to ask, and as whom."""

    settings: ClusterSettings
    administrator: Administrator


def _add_arguments(parser: ArgumentParser) -> None:
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=kinds.DEFAULT_DATA,
        help=f"the cluster's folder (default: {kinds.DEFAULT_DATA})",
    )
    place.add_argument("--config", metavar="FILE", type=Path, help="or the node.toml of one region")
    parser.add_argument("--json", action="store_true", help="the same as JSON, for scripts")


def _run(arguments: Namespace) -> int:
    cluster = _of_node(arguments.config) if arguments.config else _of_folder(arguments.data)
    endpoints = {name: region.endpoint for name, region in cluster.settings.regions.items()}
    answers = AdministrationClient(cluster.administrator).ask_all(endpoints)
    found = [complaint for answer in answers for complaint in complaints(answer)]
    if arguments.json:
        output().print(_document(cluster, answers, found), soft_wrap=True)
    else:
        show_status(cluster.settings, answers, found, output())
    return 1 if found else 0


def _of_folder(root: Path) -> _Cluster:
    folder = ClusterFolder(root)
    if not folder.exists():
        raise CommandError(
            f"there is no cluster in {root}; name its folder with --data, "
            "or make one with `keyspan up`."
        )
    settings = read_cluster_settings(folder.cluster_file)
    return _Cluster(settings, read_administrator(folder.credentials_file))


def _of_node(path: Path) -> _Cluster:
    access = read_node_access(path)
    return _Cluster(access.cluster, access.administrator)


def _document(
    cluster: _Cluster, answers: Sequence[RegionStatus | Unreachable], found: Sequence[str]
) -> str:
    """The answers as they came, and an `unreachable` reason in the place of one that did not."""
    regions = {
        answer.region: {"unreachable": answer.reason}
        if isinstance(answer, Unreachable)
        else msgspec.to_builtins(answer)
        for answer in answers
    }
    document = {"account": cluster.settings.account, "regions": regions, "attention": found}
    return msgspec.json.format(msgspec.json.encode(document)).decode()


COMMAND = Command(
    "status", "show every region and how replication stands", _DESCRIPTION, _add_arguments, _run
)
