"""Which cluster a drill is about: one that runs, or one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from node.cli import arguments as kinds
from node.cli.command import CommandError
from node.cli.place import Place, controls_of, read_place
from node.cluster import ClusterError, ClusterFolder, eventually, guard
from node.cluster.acts import LinksShown
from node.cluster.addresses import free_row
from node.cluster.client import AdministrationClient
from node.cluster.lock import is_held
from node.cluster.status import Unreachable
from node.drill.scenario import Scenario

__all__ = ["Site", "site_of"]

_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 30.0

Busy = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster that runs. `words` are the options by which commands find it, `own` whether it was
    started for the drill."""

    place: Place
    words: Sequence[str]
    own: bool

    @property
    def regions(self) -> list[str]:
        return list(self.place.endpoints)

    @property
    def client(self) -> AdministrationClient:
        return AdministrationClient(self.place.administrator)


@contextmanager
def site_of(arguments: Namespace, scenario: Scenario, busy: Busy) -> Iterator[Site]:
    """The cluster that the options name, else the one in the default folder, else a new one.

    `busy` shows words while a new one is started. Raises CommandError when it cannot do what the
    scenario asks for.
    """
    named = arguments.data or arguments.compose
    if arguments.data is None:
        arguments.data = kinds.DEFAULT_DATA
    if named or (not arguments.own and is_held(ClusterFolder(arguments.data))):
        site = Site(read_place(arguments), _words(arguments), own=False)
        controls_of(arguments)  # refuses what nobody runs
        _refuse_unable(site, arguments, scenario)
        yield site
        return
    regions = kinds.DEFAULT_REGIONS
    with _own(regions, scenario.quotas_in(regions), busy) as folder:
        arguments.data = folder.root
        yield Site(read_place(arguments), _words(arguments), own=True)


def _words(arguments: Namespace) -> list[str]:
    if arguments.compose:
        return ["--compose", str(arguments.compose)]
    return ["--data", str(arguments.data)]


def _refuse_unable(site: Site, arguments: Namespace, scenario: Scenario) -> None:
    if len(site.regions) < scenario.least_regions:
        raise CommandError(
            f"{scenario.name} needs {scenario.least_regions} regions, and this cluster has "
            f"{len(site.regions)}; start one with more, or let the drill start its own."
        )
    if scenario.uses("link") and not arguments.compose:
        controls_of(arguments).act(LinksShown())
    _refuse_other_quotas(site, scenario)
    if scenario.uses("clock"):
        for region, endpoint in site.place.endpoints.items():
            site.client.call(region, endpoint, "GetClock", {})


def _refuse_other_quotas(site: Site, scenario: Scenario) -> None:
    """Raise CommandError unless the regions have the request quotas that the scenario is about."""
    wanted = scenario.quotas_in(site.regions)
    for region, quotas in wanted.items():
        answer = site.client.ask(region, site.place.endpoints[region])
        if isinstance(answer, Unreachable):
            raise CommandError(f"{region} does not answer: {answer.reason}; start it first.")
        if any(answer.quotas.get(name) != rate for name, rate in quotas.items()):
            raise CommandError(
                f"{scenario.name} needs request quotas that {region} does not have; start the "
                f"cluster with `keyspan up {' '.join(_quota_words(wanted))}` (or set them in "
                "[quotas.requests] of its node files), or let the drill start its own with --own."
            )


def _quota_words(quotas: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [
        f"--quota {region}:{name}={rate:g}"
        for region, rates in quotas.items()
        for name, rate in rates.items()
    ]


@contextmanager
def _own(
    regions: Sequence[str], quotas: Mapping[str, Mapping[str, float]], busy: Busy
) -> Iterator[ClusterFolder]:
    """A cluster of `keyspan up` in a temporary folder, which goes with it."""
    with tempfile.TemporaryDirectory(prefix="keyspan-drill-") as place:
        folder, log = ClusterFolder(Path(place) / "cluster"), Path(place) / "up.log"
        ready = Path(place) / "ready.json"
        words = ["up", "--links", "--movable-clock", "--regions", ",".join(regions)]
        words += ["--port", str(free_row(2 * len(regions)))]
        words += ["--data", str(folder.root), "--ready-file", str(ready)]
        words += " ".join(_quota_words(quotas)).split()
        guarded = [sys.executable, "-I", "-S", guard.__file__, str(os.getpid())]
        with (
            log.open("wb") as output,
            subprocess.Popen(  # noqa: S603  the command is our own
                [*guarded, sys.executable, "-P", "-m", "node.cli", *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            ) as process,
        ):
            try:
                awaited = f"the drill's cluster is not ready; its last words: {_tail(log)}"
                with busy(f"Starting a cluster of {len(regions)} regions for the drill"):
                    eventually(partial(_ready, process, ready, log), _START_SECONDS, awaited)
                yield folder
            finally:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()


def _ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> bool:
    if process.poll() is not None:
        raise ClusterError(f"The drill's cluster did not start: {_tail(log)}")
    return ready.exists()


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "none")
