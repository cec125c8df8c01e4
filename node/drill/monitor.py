"""What every region says about itself, again and again: who answers, and how far each has read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.cluster.client import AdministrationClient
from node.model.status import RegionStatus

__all__ = ["Look", "Monitor", "converged_at", "lags"]

_PAUSE_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one moment. Of a region that did not answer there is nothing.

    `ends` is the last entry of each region's own log; `positions` how far (reader, origin) was.
    """

    at: float
    ends: Mapping[str, int]
    positions: Mapping[tuple[str, str], int]


class Monitor:
    """Looks at a cluster while the `with` block runs. `looks` may be read meanwhile."""

    def __init__(
        self,
        client: AdministrationClient,
        endpoints: Mapping[str, str],
        now: Callable[[], float],
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._now = now
        self._looks: list[Look] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="monitor", daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def looks(self) -> list[Look]:
        with self._lock:
            return list(self._looks)

    def _watch(self) -> None:
        while not self._ended.is_set():
            at = self._now()
            answers = self._client.ask_all(self._endpoints)
            found = [answer for answer in answers if isinstance(answer, RegionStatus)]
            look = Look(
                at,
                {status.region: status.log.last for status in found},
                {
                    (status.region, origin): peer.position
                    for status in found
                    for origin, peer in status.peers.items()
                },
            )
            with self._lock:
                self._looks.append(look)
            self._ended.wait(_PAUSE_SECONDS)


def lags(looks: Sequence[Look], regions: Sequence[str]) -> dict[str, list[tuple[float, int]]]:
    """How many entries of the others' logs each region lacks, over time, while it answers.

    An origin that does not answer is taken to end where it was last seen to.
    """
    ends: dict[str, int] = {}
    found: dict[str, list[tuple[float, int]]] = {region: [] for region in regions}
    for look in looks:
        for origin, end in look.ends.items():
            ends[origin] = max(end, ends.get(origin, 0))
        for reader in look.ends:
            missing = sum(
                max(0, ends.get(origin, 0) - position)
                for (who, origin), position in look.positions.items()
                if who == reader
            )
            found[reader].append((look.at, missing))
    return found


def converged_at(looks: Sequence[Look], healed: float, regions: Sequence[str]) -> float | None:
    """When every region had applied all that the others' logs held when all was healed.

    An origin that came back later counts with what it held when it first answered.
    """
    goals: dict[str, int] = {}
    for look in looks:
        if look.at < healed:
            continue
        for origin, end in look.ends.items():
            goals.setdefault(origin, end)
        if all(
            look.positions.get((reader, origin), -1) >= goals.get(origin, 0)
            for reader in regions
            for origin in regions
            if reader != origin
        ) and set(goals) == set(regions):
            return look.at
    return None
