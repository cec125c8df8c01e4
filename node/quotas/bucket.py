"""A token bucket: so many a second, and no more than one second's worth at once. Pure.

Source: KMS Developer Guide, "Request quotas": requests per second, and bursts up to them.
"""

from __future__ import annotations

from typing import NamedTuple


class Level(NamedTuple):
    """What is left in a bucket, and when that was (seconds of whatever clock is passed in)."""

    tokens: float
    at: float


def taken(level: Level | None, rate: float, now: float) -> tuple[Level, bool]:
    """Take one token from a bucket that fills with `rate` a second; None is a full one.

    Gives the new level, and whether there was one to take. A bucket holds at least one token, so
    that a rate below one a second means what it says. A clock that goes back fills nothing.
    """
    capacity = max(rate, 1.0)
    if level is None:
        return Level(capacity - 1.0, now), True
    passed = max(0.0, now - level.at)
    tokens = min(capacity, level.tokens + passed * rate)
    at = max(now, level.at)
    if tokens < 1.0:
        return Level(tokens, at), False
    return Level(tokens - 1.0, at), True
