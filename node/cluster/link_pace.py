"""When what enters a link comes out at its other end: pure, with time and chance passed in."""

from __future__ import annotations

import math
from random import Random
from typing import Final

from node.cluster.acts import Shape

__all__ = ["Pace"]

_SEGMENT_BYTES: Final = 1448  # of TCP over Ethernet, with timestamps (RFC 7323)
_LEAST_RESENDING_SECONDS: Final = 0.2  # Linux's TCP_RTO_MIN; RFC 6298 would wait longer


class Pace:
    """One way of one connection: order is kept, as TCP keeps it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._line_free = 0.0  # until when the line is busy with what came before
        self._last = 0.0

    def due(self, shape: Shape, now: float, size: int) -> float:
        """When `size` bytes that enter at `now` come out; never before those that came earlier."""
        sent = max(now, self._line_free)
        if shape.bandwidth:
            sent += size / shape.bandwidth
            self._line_free = sent
        jitter = self._random.uniform(-shape.jitter_seconds, shape.jitter_seconds)
        delay = max(0.0, shape.latency_seconds + jitter) + self._resending(shape, size)
        self._last = max(self._last, sent + delay)
        return self._last

    def _resending(self, shape: Shape, size: int) -> float:
        """How much later it comes because segments of it were lost, and sent again."""
        if not shape.loss:
            return 0.0
        wait = max(_LEAST_RESENDING_SECONDS, 2 * shape.latency_seconds)
        chance = 1 - (1 - shape.loss) ** math.ceil(size / _SEGMENT_BYTES)
        seconds = 0.0
        while self._random.random() < chance:
            seconds += wait
            wait *= 2  # RFC 6298, 5.5
            chance = shape.loss
        return seconds
