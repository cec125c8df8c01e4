"""Clusters of real nodes for the sections, and load on one of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from bench import operations
from bench.client import Client
from bench.errors import BenchError
from bench.load.generator import Load
from bench.load.result import LoadResult
from bench.machine import Cores, pin
from bench.replay import Signer, replay_file
from bench.sections.section import Stage
from bench.servers import DIFFERENT_REQUESTS, REGION, Server
from node.cluster import ClusterFolder, LocalCluster, free_addresses, running
from node.cluster.create import DEFAULT_ACCOUNT, create_cluster
from node.wire.sigv4 import Scope

ASYNCHRONOUS: Final = '\n[audit]\ndurability = "async"\n'
"""An addition to a node file: replies do not wait for the disk."""

_MICROSECONDS: Final = 1e6
_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.0005
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """A region's node that runs: how to call it, and as which process."""

    region: str
    signer: Signer
    pid: int

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A kept connection to it."""
        with closing(Client(self.signer)) as client:
            yield client

    def server(self, names: Sequence[str]) -> Server:
        """The node with bodies for these operations, each on a new key."""
        with self.client() as client:
            bodies = {
                name: operations.bodies(
                    name, client, operations.create_key(name, client), DIFFERENT_REQUESTS
                )
                for name in names
            }
        return Server(self.signer, self.pid, bodies)


@contextmanager
def cluster(
    folder: Path, regions: Sequence[str] = (REGION,), addition: str = ""
) -> Iterator[LocalCluster]:
    """A new cluster that runs while the block does; `addition` ends each node file."""
    place, addresses = ClusterFolder(folder), free_addresses(regions)
    if not place.exists():
        create_cluster(place, addresses, DEFAULT_ACCOUNT, os.urandom)
        for region in regions:
            file = place.region(region).node_file
            file.write_text(file.read_text() + addition)
    with running(place, addresses, os.urandom) as made:
        yield made


def node(made: LocalCluster, cores: Cores, region: str = REGION) -> Node:
    """A region's node, moved to the server's core."""
    found = made.regions[region]
    if found.node.pid is None:
        raise BenchError(f"{found.node.name} has ended; see {found.node.log}.")
    pin(found.node.pid, cores.server)
    signer = Signer(found.address.listen, Scope(region, "kms"), made.administrator)
    return Node(region, signer, found.node.pid)


def loaded(
    stage: Stage, server: Server, operation: str, connections: int, seconds: int | None = None
) -> LoadResult:
    """What the load generator says of an operation. BenchError where a request failed."""
    bodies = server.bodies[operation]
    return succeeded(
        operation, replayed(stage, server.signer, operation, bodies, connections, seconds)
    )


def succeeded(operation: str, result: LoadResult) -> LoadResult:
    """The result. BenchError where a request failed."""
    if result.failures or not result.requests:
        raise BenchError(
            f"{result.failures} of {result.requests} requests for {operation} failed; "
            "nothing is measured."
        )
    return result


def replayed(
    stage: Stage,
    signer: Signer,
    operation: str,
    bodies: Sequence[bytes],
    connections: int,
    seconds: int | None = None,
) -> LoadResult:
    """What the load generator says, failures included."""
    replay = stage.folder / f"replay-{operation}-{connections}"
    replay.write_bytes(replay_file(signer.replay(operation, bodies, time.time())))
    load = Load(signer.host, replay, connections, seconds or stage.seconds)
    return stage.generator.run(load)


def once_true(holds: Callable[[], bool], awaited: str) -> float:
    """The moment (of the performance counter) when something is true, looking all the time."""
    give_up = time.perf_counter() + _PATIENCE_SECONDS
    while not holds():
        if time.perf_counter() > give_up:
            raise BenchError(f"{awaited} did not come about in {_PATIENCE_SECONDS:.0f} seconds.")
        time.sleep(_PAUSE_SECONDS)
    return time.perf_counter()


def tried(call: operations.Call, operation: str, body: bytes) -> Mapping[str, Any] | None:
    """The answer, or None for a refusal."""
    try:
        return call(operation, body)
    except BenchError:
        return None


def usable(client: operations.Call, encryption: bytes) -> bool:
    """Whether a region encrypts with a key, by the body of such a request."""
    return tried(client, "Encrypt", encryption) is not None


def own(stage: Stage, name: str) -> Stage:
    """The stage with an empty folder within its own."""
    folder = stage.folder / name
    folder.mkdir()
    return replace(stage, folder=folder)
