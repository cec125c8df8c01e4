"""The servers under measurement: started, pinned to the server's core, and proved right.

Keyspan runs as a user would run it: a fresh cluster folder, `keyspan node` with default settings,
and a Valkey server of its own (which stays on the load's core: a crypto operation never asks it).
The references get the same access key.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bench import operations
from bench.client import Client
from bench.errors import BenchError
from bench.machine import Cores, pin
from bench.plan import HONEST, OPERATIONS, Subject
from bench.replay import Signer
from node.cluster import ClusterFolder, LocalCluster, Service, free_addresses, running
from node.cluster.addresses import LOOPBACK
from node.cluster.service import Program
from node.settings import Administrator
from node.settings.administrator import read_administrator
from node.wire.sigv4 import Scope

REGION: Final = "us-east-1"
DIFFERENT_REQUESTS: Final = 1000  # per operation; replayed in turn

_FEW_REQUESTS: Final = 100
_MOTO_SERVER: Final = Path(__file__).parents[1] / ".cache" / "moto" / "bin" / "moto_server"
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_REFERENCES: Final[Mapping[Subject, str]] = MappingProxyType(
    {
        Subject.BARE: "bench.references.bare_aiohttp",
        Subject.MINIMUM: "bench.references.minimum_aiohttp",
        Subject.RAW: "bench.references.minimum_raw",
    }
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where, as which process, and what can be asked of it."""

    signer: Signer
    pid: int
    bodies: Mapping[str, tuple[bytes, ...]]  # by operation


def references() -> tuple[Subject, ...]:
    """The references that can be run: moto's server only where it is installed (make bench)."""
    return (*_REFERENCES, *((Subject.MOTO,) if _MOTO_SERVER.is_file() else ()))


@contextmanager
def servers(folder: Path, cores: Cores) -> Iterator[Mapping[Subject, Server]]:
    """Every server of a run, answering while the block runs. Raises BenchError, ClusterError."""
    cluster_folder = ClusterFolder(folder / "cluster")
    with ExitStack() as stack:
        cluster = stack.enter_context(
            running(cluster_folder, free_addresses((REGION,)), os.urandom)
        )
        keyspan = _keyspan(cluster, cores)
        made = {Subject.KEYSPAN: keyspan}
        for subject in references():
            credentials = cluster_folder.credentials_file
            started = stack.enter_context(reference(subject, credentials, folder, cores))
            fixed = subject is Subject.BARE  # looks at no body, so it gets Keyspan's
            made[subject] = replace(started, bodies=keyspan.bodies) if fixed else started
        yield made


def _keyspan(cluster: LocalCluster, cores: Cores) -> Server:
    region = cluster.regions[REGION]
    pid = _pinned(region.node, cores)
    signer = _signer(region.address.listen, cluster.administrator)
    with closing(Client(signer)) as client:
        keys = {name: operations.create_key(name, client) for name in OPERATIONS}
    return Server(signer, pid, _prepared(signer, keys))


def _prepared(signer: Signer, keys: Mapping[str, str]) -> Mapping[str, tuple[bytes, ...]]:
    """Bodies for every operation that has a key, from a server that was seen to work."""
    with closing(Client(signer)) as client:
        operations.check(client, keys["Encrypt"])
        return {
            name: operations.bodies(name, client, key_id, DIFFERENT_REQUESTS)
            for name, key_id in keys.items()
        }


@contextmanager
def reference(subject: Subject, credentials: Path, folder: Path, cores: Cores) -> Iterator[Server]:
    """A reference that runs while the block does; the one that looks at no body has none."""
    with _started(subject, credentials, folder) as (service, port):
        signer = _signer(f"{LOOPBACK}:{port}", read_administrator(credentials))
        pid = _pinned(service, cores)
        yield Server(signer, pid, _bodies(subject, signer))


def _bodies(subject: Subject, signer: Signer) -> Mapping[str, tuple[bytes, ...]]:
    if subject is Subject.BARE:
        return {}
    if subject is not Subject.MOTO:
        return _prepared(signer, dict.fromkeys(HONEST, "reference"))
    with closing(Client(signer)) as client:
        made = client("CreateKey", operations.body())  # its multi-Region keys decrypt nothing
        key_id = str(made["KeyMetadata"]["KeyId"])
        operations.check(client, key_id)
        bodies = operations.bodies("Decrypt", client, key_id, _FEW_REQUESTS)
    return {"Decrypt": bodies}


@contextmanager
def _started(subject: Subject, credentials: Path, folder: Path) -> Iterator[tuple[Service, int]]:
    port = free_addresses((REGION,))[0].endpoint_port
    command = (
        (str(_MOTO_SERVER), "-H", LOOPBACK, "-p", str(port))
        if subject is Subject.MOTO
        else (sys.executable, "-m", _REFERENCES[subject], str(port), str(credentials))
    )
    log = folder / f"reference-{subject}.log"
    service = Service(Program(f"the reference {subject}", command, log, lambda: _open(port)))
    service.start()
    try:
        service.wait_until_answering(_START_SECONDS)
        yield service, port
    finally:
        service.stop(_STOP_SECONDS)


def _open(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 1.0).close()
    except OSError:
        return False
    return True


def _pinned(service: Service, cores: Cores) -> int:
    if service.pid is None:
        raise BenchError(f"{service.name} has ended; see {service.log}.")
    pin(service.pid, cores.server)
    return service.pid


def _signer(host: str, administrator: Administrator) -> Signer:
    return Signer(host, Scope(REGION, "kms"), administrator)
