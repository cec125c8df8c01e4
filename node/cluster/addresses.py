"""Which port each region's node and stream listen on.

Endpoints take the ports from the first one upwards in the order of the regions; the streams take
the ports after them. Everything local is on 127.0.0.1.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from node.cluster.errors import ClusterError

__all__ = [
    "LOOPBACK",
    "RegionAddress",
    "addresses_from",
    "free_addresses",
    "free_row",
    "is_free",
    "refuse_busy_ports",
]

LOOPBACK = "127.0.0.1"
_LAST_PORT = 65535
_QUIET_PORTS = range(10_000, 32_000)
_TRIES_OF_A_ROW = 1000
_SYSTEM_CHOICE = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class RegionAddress:
    """Where one region of a local cluster listens."""

    region: str
    endpoint_port: int
    stream_port: int

    @property
    def listen(self) -> str:
        return f"{LOOPBACK}:{self.endpoint_port}"

    @property
    def endpoint(self) -> str:
        return f"http://{self.listen}"

    @property
    def stream(self) -> str:
        return f"redis://{LOOPBACK}:{self.stream_port}/0"


def addresses_from(regions: Sequence[str], first_port: int) -> tuple[RegionAddress, ...]:
    """Ports from `first_port` upwards. Raises ClusterError when they would go past 65535."""
    last = first_port + 2 * len(regions) - 1
    if first_port < 1 or last > _LAST_PORT:
        raise ClusterError(
            f"Ports {first_port} to {last} are needed for {len(regions)} regions, and ports go "
            f"from 1 to {_LAST_PORT}; choose another --port."
        )
    return _addresses(regions, range(first_port, last + 1))


def free_addresses(
    regions: Sequence[str], choice: random.Random = _SYSTEM_CHOICE
) -> tuple[RegionAddress, ...]:
    """Ports that nothing listens on now; for tests and the demo.

    They lie below those that systems give to outgoing connections (from 32768 on Linux, 49152 on
    macOS): one of those could be taken by a connection while its server is being restarted.
    """
    candidates = choice.sample(_QUIET_PORTS, k=len(_QUIET_PORTS))
    free = islice((port for port in candidates if is_free(port)), 2 * len(regions))
    return _addresses(regions, list(free))


def free_row(count: int, choice: random.Random = _SYSTEM_CHOICE) -> int:
    """The first of `count` ports in a row that nothing listens on now; see `free_addresses`.

    Raises ClusterError when none is found.
    """
    last = _QUIET_PORTS.stop - count
    for port in choice.sample(range(_QUIET_PORTS.start, last), k=_TRIES_OF_A_ROW):
        if all(is_free(each) for each in range(port, port + count)):
            return port
    raise ClusterError(f"There are no {count} free ports in a row; end something, and try again.")


def refuse_busy_ports(addresses: Iterable[RegionAddress]) -> None:
    """Raise ClusterError for the first port that another process already listens on."""
    for address in addresses:
        for port in (address.endpoint_port, address.stream_port):
            try:
                _bound(port).close()
            except OSError as error:
                raise ClusterError(_refusal(port, address.region, error)) from None


def is_free(port: int) -> bool:
    """Whether nothing listens on the port."""
    try:
        _bound(port).close()
    except OSError:
        return False
    return True


def _addresses(regions: Sequence[str], ports: Sequence[int]) -> tuple[RegionAddress, ...]:
    count = len(regions)
    triples = zip(regions, ports[:count], ports[count:], strict=True)
    return tuple(RegionAddress(region, endpoint, stream) for region, endpoint, stream in triples)


def _bound(port: int) -> socket.socket:
    """A listening socket; SO_REUSEADDR, as servers set it, looks past closed connections."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener


def _refusal(port: int, region: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"Port {port} needs more rights than you have; choose a --port of 1024 or more."
    return (
        f"Port {port}, which {region} needs, is already in use; "
        "end what listens there or choose other ports with --port."
    )
