"""Acts on the processes and links of a cluster that this process runs itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from types import MappingProxyType
from typing import Final

import redis

from node.cluster.acts import Act, LinkAct, LinksShown, Part, RegionAct, Shape, State, Verb
from node.cluster.errors import ClusterError
from node.cluster.links import Links
from node.cluster.local import START_SECONDS, STOP_SECONDS, LocalCluster, LocalRegion
from node.cluster.service import Service

__all__ = ["LocalControls", "described"]


class LocalControls:
    """The controls of a `LocalCluster`. Processes are started by the thread that calls `act`, and
    die with it (`guard.py`)."""

    def __init__(self, cluster: LocalCluster) -> None:
        self._cluster = cluster

    def act(self, act: Act) -> list[str]:
        """See `Controls`."""
        match act:
            case RegionAct():
                if act.verb is Verb.WIPE:
                    return [_wipe(self._region(act.region))]
                said = [_VERBS[act.verb](self._service(act.region, part)) for part in act.parts]
                self._cluster.write_note()
                return said
            case LinkAct():
                for pair in act.pairs:
                    self._links().reshape(*pair, act.shape)
                return [_link_said(*pair, act.shape) for pair in act.pairs]
            case LinksShown():
                return [_link_said(*pair, shape) for pair, shape in self._links().shapes().items()]

    def _service(self, name: str, part: Part) -> Service:
        region = self._region(name)
        return region.node if part is Part.NODE else region.stream

    def _region(self, name: str) -> LocalRegion:
        region = self._cluster.regions.get(name)
        if region is None:
            known = ", ".join(self._cluster.regions)
            raise ClusterError(f"{name} is not a region of this cluster; it has {known}.")
        return region

    def _links(self) -> Links:
        if self._cluster.links is None:
            raise ClusterError(
                "The links of this cluster cannot be changed, as it was not started so; "
                "end it, and start it with `keyspan up --links`."
            )
        return self._cluster.links


def described(shape: Shape) -> str:
    """A shape in words."""
    if shape.state is not State.OPEN:
        return shape.state.value
    words = [
        f"{shape.latency_seconds * 1000:g} ms each way" if shape.latency_seconds else "",
        f"± {shape.jitter_seconds * 1000:g} ms" if shape.jitter_seconds else "",
        f"{shape.loss:.2%} lost" if shape.loss else "",
        f"{shape.bandwidth:,} bytes/s" if shape.bandwidth else "",
    ]
    return ", ".join(word for word in words if word) or "open"


def _link_said(origin: str, reader: str, shape: Shape) -> str:
    return f"{origin} → {reader}: {described(shape)}"


def _stop(service: Service) -> str:
    if not service.running:
        return f"{service.name} does not run"
    service.stop(STOP_SECONDS)
    return f"{service.name} {service.ended or 'ended'}"


def _start(service: Service) -> str:
    if service.paused:
        return f"{service.name} is paused; resume it"
    already = "runs already" if service.running else "was started"
    service.start()
    service.wait_until_answering(START_SECONDS)
    return f"{service.name} {already} (process {service.pid})"


def _kill(service: Service) -> str:
    pid = service.pid
    if pid is None:
        return f"{service.name} does not run"
    service.kill()
    return f"{service.name} was killed (process {pid})"


def _pause(service: Service) -> str:
    if not service.running:
        return f"{service.name} does not run"
    service.pause()
    return f"{service.name} stands still (process {service.pid})"


def _resume(service: Service) -> str:
    if not service.running:
        return f"{service.name} does not run; start it"
    service.resume()
    return f"{service.name} goes on (process {service.pid})"


def _wipe(region: LocalRegion) -> str:
    try:
        with closing(redis.Redis.from_url(region.address.stream, socket_timeout=5.0)) as server:
            server.flushall()
    except redis.RedisError as error:
        raise ClusterError(f"{region.stream.name} does not take it: {error}.") from None
    return f"{region.stream.name} was emptied"


_VERBS: Final[Mapping[Verb, Callable[[Service], str]]] = MappingProxyType(
    {
        Verb.STOP: _stop,
        Verb.START: _start,
        Verb.KILL: _kill,
        Verb.PAUSE: _pause,
        Verb.RESUME: _resume,
    }
)
