"""What `keyspan up` shows once the cluster is ready: endpoints, credentials, three commands.

The `export` lines and the commands can be copied as they are: each stands alone on its line, is
never wrapped, and holds nothing to fill in.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from node.cluster import LocalCluster

__all__ = ["show_welcome"]

_OPERATIONS = (
    "create-key --multi-region",
    "list-aliases",
    "generate-random --number-of-bytes 32",
)
"""One for each of the first regions; every cluster has at least one, which then takes them all."""


def show_welcome(cluster: LocalCluster, screen: Console) -> None:
    """Print it."""
    count = len(cluster.regions)
    words = "1 region is" if count == 1 else f"{count} regions are"
    screen.print(f"\nKeyspan: {words} ready; data in {cluster.folder.root}", style="bold green")
    screen.print(_endpoints(cluster))
    screen.print("In another terminal:\n", style="bold")
    for line in [*_exports(cluster), "", *_commands(cluster)]:
        screen.print(line, soft_wrap=True)
    screen.print("\nCtrl-C stops everything; the data stay.", style="dim")


def _endpoints(cluster: LocalCluster) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("Region", "Endpoint", "Stream"):
        table.add_column(heading, no_wrap=True)
    for name, region in cluster.regions.items():
        table.add_row(name, region.address.endpoint, region.address.stream)
    return table


def _exports(cluster: LocalCluster) -> list[str]:
    administrator = cluster.administrator
    lines = [
        f"export AWS_ACCESS_KEY_ID={administrator.access_key_id}",
        f"export AWS_SECRET_ACCESS_KEY={administrator.secret_access_key}",
    ]
    return lines + _path_to_aws()


def _path_to_aws() -> list[str]:
    """Make `aws` found, when it is not on PATH but was installed beside this Python."""
    beside = Path(sys.executable).parent
    if shutil.which("aws") or not (beside / "aws").exists():
        return []
    return [f'export PATH="{beside}:$PATH"']


def _commands(cluster: LocalCluster) -> list[str]:
    regions = list(cluster.regions.values())
    return [
        f"aws kms --endpoint-url {region.address.endpoint} --region {region.name} {operation}"
        for region, operation in zip(
            (regions[index % len(regions)] for index in range(len(_OPERATIONS))),
            _OPERATIONS,
            strict=True,
        )
    ]
