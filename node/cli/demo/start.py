"""The command `keyspan demo`: its own cluster, in its own temporary folder, on free ports.

Whatever happens (a step fails, Ctrl-C, SIGTERM), everything that was started is ended and the
folder is removed. Exit status 0 when every step was shown, 1 when one failed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from argparse import ArgumentParser, Namespace
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from node.cli.arguments import DEFAULT_REGIONS
from node.cli.command import Command, CommandError
from node.cli.demo.narrator import Narrator
from node.cli.screen import output
from node.cli.signals import interruptible
from node.cluster import ClusterFolder, LocalCluster, free_addresses, running

__all__ = ["COMMAND"]

_CLIENT_PACKAGES = ("boto3", "aws_encryption_sdk", "aws_cryptographic_material_providers")

_WIDEST = 100
_SUBTITLE = "Each region is a process with its own key store, beside its own Valkey server."
_START = "Start their nodes and Valkey servers, and load the clients"

_DESCRIPTION = """\
Play the whole story, in about half a minute: start three regions, create one key in all of
them, encrypt a file in one, kill that region, decrypt in the others, see what must
fail fail, and bring the region back. Uses boto3 and the AWS Encryption SDK as they are.

Nothing of it stays: it uses free ports and a temporary folder, and ends what it
started.
"""


def _add_arguments(_parser: ArgumentParser) -> None:
    """It takes none."""


def _run(_arguments: Namespace) -> int:
    _refuse_without_clients()
    screen = output()
    screen.width = min(screen.width, _WIDEST)
    narrator = Narrator(screen)
    narrator.title("Keyspan: one key in three regions", _SUBTITLE)
    narrator.act("Three regions on one machine")
    with interruptible(), tempfile.TemporaryDirectory(prefix="keyspan-demo-") as place:
        return _perform(Path(place), narrator)


def _perform(place: Path, narrator: Narrator) -> int:
    """Start the cluster, and meanwhile load the clients' modules, which takes seconds."""
    folder = ClusterFolder(place / "cluster")
    with ExitStack() as stack:
        with ThreadPoolExecutor(1) as loader, narrator.step(_START):
            loading = loader.submit(importlib.import_module, "node.cli.demo.performance")
            addresses = free_addresses(DEFAULT_REGIONS)
            cluster = stack.enter_context(running(folder, addresses, os.urandom))
            cluster.wait_until_caught_up()
            performance = loading.result()
            _introduce(cluster, narrator)
        if performance.perform(cluster, narrator, place):
            return 0
        _show_last_words(cluster, narrator)
        return 1


def _introduce(cluster: LocalCluster, narrator: Narrator) -> None:
    for name, region in cluster.regions.items():
        processes = f"node {region.node.pid}, Valkey {region.stream.pid}"
        narrator.fact(name, f"{region.address.endpoint}   {processes}")


def _show_last_words(cluster: LocalCluster, narrator: Narrator) -> None:
    """The logs go with the folder, so say what they ended with."""
    for service in cluster.services():
        narrator.remark(f"{service.name} last said: {service.last_words() or 'nothing'}")


def _refuse_without_clients() -> None:
    missing = [name for name in _CLIENT_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise CommandError(
            f"the demo uses real clients, and {', '.join(missing)} cannot be found; "
            "install them with `pip install 'keyspan[demo]'`, or run `make demo`."
        )


COMMAND = Command("demo", "play the whole story, then stop", _DESCRIPTION, _add_arguments, _run)
