"""Compares regions pair by pair, key by key and fact by fact, and lets them mend what differs.

What differs while changes are under way is no difference, so a pair is looked at again for a while
before it is believed, and again after it was mended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

import msgspec

from node.cluster.client import AdministrationClient
from node.cluster.errors import ClusterError, TimedOut
from node.cluster.waiting import eventually
from node.operations.examination import ListHoldingsResponse

__all__ = ["Examiner", "PairFinding", "differences"]

Holdings = Mapping[str, str]
"""The fingerprint of each set and fact, by name."""


@dataclass(frozen=True, slots=True)
class PairFinding:
    """What was found between two regions: names of sets and facts that differed, and still do.

    `mending`: the two were asked to mend what differed. `problem`: why they could not be compared.
    """

    pair: tuple[str, str]
    compared: int = 0
    differed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    mending: bool = False
    problem: str | None = None

    @property
    def well(self) -> bool:
        """Whether the two hold the same now."""
        return self.problem is None and not self.left


def differences(one: Holdings, other: Holdings) -> tuple[str, ...]:
    """The names of what two regions do not hold alike, in order."""
    return tuple(sorted(each for each in {*one, *other} if one.get(each) != other.get(each)))


class Examiner:
    """Asks nodes, as the administrator."""

    def __init__(
        self,
        client: AdministrationClient,
        endpoints: Mapping[str, str],
        settle_seconds: float,
        mend_seconds: float,
        wait: Callable[[Callable[[], bool], float, str], bool] = eventually,
    ) -> None:
        """`settle_seconds` is how long a difference must last; `mend_seconds`, how long a repair
        may take."""
        self._client = client
        self._endpoints = endpoints
        self._settle_seconds = settle_seconds
        self._mend_seconds = mend_seconds
        self._wait = wait

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """Every two regions."""
        return list(combinations(self._endpoints, 2))

    def examine(self, pair: tuple[str, str], *, mend: bool) -> PairFinding:
        """Compare two regions; with `mend`, let them mend what differs. Raises nothing."""
        try:
            compared, differed = self._lasting(pair, self._settle_seconds)
            if not (differed and mend):
                return PairFinding(pair, compared, differed, differed)
            for asking, asked in (pair, pair[::-1]):
                self._call(asking, "RequestResync", {"region": asked})
            compared, left = self._lasting(pair, self._mend_seconds)
            return PairFinding(pair, compared, differed, left, mending=True)
        except ClusterError as error:
            return PairFinding(pair, problem=str(error))

    def _lasting(self, pair: tuple[str, str], seconds: float) -> tuple[int, tuple[str, ...]]:
        """How much is compared, and what still differ after this time."""
        seen: list[tuple[int, tuple[str, ...]]] = []

        def alike() -> bool:
            one, other = (self._holdings(each, peer) for each, peer in (pair, pair[::-1]))
            seen.append((len({*one, *other}), differences(one, other)))
            return not seen[-1][1]

        with suppress(TimedOut):
            self._wait(alike, seconds, "two regions differ")
        return seen[-1]

    def _holdings(self, region: str, peer: str) -> Holdings:
        rows: dict[str, str] = {}
        after: str | None = None
        while True:
            answer = self._call(region, "ListHoldings", {"region": peer, "after": after})
            page = msgspec.json.decode(answer, type=ListHoldingsResponse)
            rows |= {each.name: each.fingerprint for each in page.holdings}
            after = page.next
            if after is None:
                return rows

    def _call(self, region: str, operation: str, request: Mapping[str, str | None]) -> bytes:
        return self._client.call(region, self._endpoints[region], operation, request)
