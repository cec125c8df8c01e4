"""A whole cluster on this machine: per region a node and a Valkey server, each its own process.

`keyspan up`, the demo, the tests and the drills all run clusters through this class. It starts,
kills and restarts each process by itself, and waits for conditions, never for a length of time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from node.cluster.addresses import RegionAddress
from node.cluster.client import AdministrationClient
from node.cluster.files import PRIVATE, replace
from node.cluster.folder import ClusterFolder
from node.cluster.links import links_between
from node.cluster.lock import RegionNote, write_note
from node.cluster.service import Program, Service
from node.cluster.valkey import answers_ping, valkey_document
from node.cluster.waiting import eventually
from node.model.status import RegionStatus
from node.settings import Administrator
from node.settings.administrator import read_administrator

__all__ = ["PLAIN", "LocalCluster", "LocalRegion", "Options"]

START_SECONDS = 60.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class LocalRegion:
    """One region of a local cluster: where it listens, and its two processes."""

    address: RegionAddress
    node: Service
    stream: Service

    @property
    def name(self) -> str:
        return self.address.region

    def note(self) -> RegionNote:
        """The region's entry in the ready file and in `up.json`."""
        address = self.address
        return RegionNote(address.endpoint, self.node.pid, address.stream, self.stream.pid)


@dataclass(frozen=True, slots=True)
class Options:
    """What a cluster can do beside running: `links` that can be cut, a `movable_clock`, request
    quotas (per second) by region and name, and `workers`, so many processes for each region."""

    links: bool = False
    movable_clock: bool = False
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    workers: int | None = None


PLAIN: Final = Options()


class LocalCluster:
    """The processes of one cluster folder; make one with `running.py`, which also locks it.

    `control` is where `keyspan up` takes orders (`control_socket.py`); it is told in `up.json`.
    """

    def __init__(
        self,
        folder: ClusterFolder,
        addresses: Sequence[RegionAddress],
        server: Path,
        options: Options = PLAIN,
    ) -> None:
        self.folder = folder
        self.control: Path | None = None
        self.links = links_between(addresses) if options.links else None
        self._options = options
        self.administrator: Administrator = read_administrator(folder.credentials_file)
        self.client = AdministrationClient(self.administrator)
        self.regions: Mapping[str, LocalRegion] = {
            address.region: self._region(address, server) for address in addresses
        }

    @property
    def endpoints(self) -> dict[str, str]:
        """Every region's endpoint, in order."""
        return {name: each.address.endpoint for name, each in self.regions.items()}

    def services(self) -> Iterator[Service]:
        """Every process, streams first, as they are started."""
        yield from (region.stream for region in self.regions.values())
        yield from (region.node for region in self.regions.values())

    def start(self, timeout_seconds: float = START_SECONDS) -> None:
        """Start whatever does not run and return when every process answers."""
        if self.links is not None:
            self.links.start()
        for service in self.services():
            service.start()
        self.write_note()
        for service in self.services():
            service.wait_until_answering(timeout_seconds)

    def wait_until_caught_up(self, timeout_seconds: float = START_SECONDS) -> None:
        """Return when every region has published its log and read every peer's to the end."""
        awaited = "not every region has read its peers' logs to the end; see `keyspan status`"
        eventually(self.caught_up, timeout_seconds, awaited)

    def caught_up(self) -> bool:
        """Whether every region answers and has read every peer's log to the end."""
        answers = self.client.ask_all(self.endpoints)
        others = len(self.regions) - 1
        return all(
            isinstance(answer, RegionStatus) and answer.caught_up and len(answer.peers) == others
            for answer in answers
        )

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> None:
        """End every process: the nodes first, so that none is left without its stream."""
        regions = self.regions.values()
        _stop_all([region.node for region in regions], timeout_seconds)
        _stop_all([region.stream for region in regions], timeout_seconds)
        if self.links is not None:
            self.links.stop()

    def notes(self) -> dict[str, RegionNote]:
        """Every region's entry in the ready file and in `up.json`, in order."""
        return {name: region.note() for name, region in self.regions.items()}

    def write_note(self) -> None:
        """Bring `up.json` up to date; call it after a single process was started again."""
        write_note(self.folder, self.notes(), self.control)

    def _region(self, address: RegionAddress, server: Path) -> LocalRegion:
        folder = self.folder.region(address.region)
        configuration = valkey_document(address.stream_port, folder.stream_folder)
        replace(folder.stream_file, configuration, PRIVATE)
        stream = Program(
            name=f"{address.region}'s stream server",
            command=(str(server), str(folder.stream_file)),
            log=folder.stream_log,
            answers=partial(answers_ping, address.stream_port),
        )
        command = (sys.executable, "-P", "-m", "node.cli", "node", "--config")
        node = Program(
            name=f"{address.region}'s node",
            command=(*command, str(folder.node_file), *self._node_options(address.region)),
            log=folder.node_log,
            answers=partial(self.client.healthy, address.endpoint),
        )
        return LocalRegion(address, Service(node), Service(stream))

    def _node_options(self, region: str) -> Iterator[str]:
        if self._options.movable_clock:
            yield "--movable-clock"
        if self._options.workers is not None:
            yield f"--workers={self._options.workers}"
        for name, rate in self._options.quotas.get(region, {}).items():
            yield f"--quota={name}={rate:g}"
        if self.links is not None:
            for origin, url in self.links.streams_for(region).items():
                yield f"--peer-stream={origin}={url}"


def _stop_all(services: Sequence[Service], timeout_seconds: float) -> None:
    for service in services:
        service.ask_to_end()
    for service in services:
        service.wait_until_ended(timeout_seconds)
