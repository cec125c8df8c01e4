"""Who may come in before anything is known of them: connections, and requests of one address.

Nothing here is proved: an address is what the kernel says. Clients behind one proxy or gateway have
one address, so limits on addresses are off unless they are configured. An IPv6 client chooses among
2^64 addresses (RFC 4291, 2.5.1), so that its network of 64 bits counts as one address.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Final

from node.quotas.bucket import Level, taken
from node.wire.http.refusal import Refusal
from node.wire.limits import Limits

ADDRESSES_KEPT: Final = 100_000
SAYING_SECONDS: Final = 1.0  # between two lines of the log on refusals of one kind
_NETWORK: Final = 64

log = logging.getLogger("keyspan.wire")


class Refusals:
    """What was turned away before it was a call: counted, and said in the log, not too often.

    There is no audit record of it (docs/audit.md): nobody is known, and nothing was asked for yet.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` gives seconds that only go forward."""
        self.counts: Counter[str] = Counter()
        self._now = now
        self._said: dict[Refusal, float] = {}

    def note(self, refusal: Refusal, address: str) -> None:
        """Something from this address was turned away."""
        self.counts[refusal.value] += 1
        now = self._now()
        if now - self._said.get(refusal, float("-inf")) >= SAYING_SECONDS:
            self._said[refusal] = now
            count = self.counts[refusal.value]
            log.info("refused from %s: %s (%d since the start)", address, refusal.value, count)


class Doors:
    """The way into one server. `now` gives seconds that only go forward."""

    def __init__(self, limits: Limits, refusals: Refusals, now: Callable[[], float]) -> None:
        self._most = limits.connections
        self._most_of_one = limits.connections_per_address
        self._rate = limits.requests_per_address
        self.counts_requests = self._rate > 0  # else every call may be answered
        self._now = now
        self._refusals = refusals
        self._inside = 0
        self._of: Counter[str] = Counter()
        self._levels: dict[str, Level] = {}

    def enter(self, address: str, make_room: Callable[[], bool]) -> bool:
        """Whether a connection may be kept; if so, `leave` is to be called when it is gone.

        `make_room` lets an idle one go, and tells whether there was one.
        """
        one = counted_as(address)
        if self._most_of_one and self._of[one] >= self._most_of_one:
            return self.refused(Refusal.TOO_MANY_OF_ADDRESS, address)
        if self._inside >= self._most and not make_room():
            return self.refused(Refusal.TOO_MANY_CONNECTIONS, address)
        self._inside += 1
        self._of[one] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection that had entered is gone."""
        one = counted_as(address)
        self._inside -= 1
        self._of[one] -= 1
        if not self._of[one]:
            del self._of[one]

    def call(self, address: str) -> bool:
        """Whether one more request of this address may be answered now."""
        if not self._rate:
            return True
        one = counted_as(address)
        level, granted = taken(self._levels.get(one), self._rate, self._now())
        if one not in self._levels and len(self._levels) >= ADDRESSES_KEPT:
            del self._levels[next(iter(self._levels))]
        self._levels[one] = level
        return granted or self.refused(Refusal.TOO_MANY_REQUESTS, address)

    def refused(self, refusal: Refusal, address: str) -> bool:
        """Count a refusal. Always False."""
        self._refusals.note(refusal, address)
        return False


def counted_as(address: str) -> str:
    """What an address is counted under: itself, or its network if it is one of IPv6."""
    if ":" not in address:
        return address
    try:
        number = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if number.ipv4_mapped is not None:
        return str(number.ipv4_mapped)
    return f"{IPv6Address(int(number) >> _NETWORK << _NETWORK)}/{_NETWORK}"
