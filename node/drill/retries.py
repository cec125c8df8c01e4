"""When a client of a drill tries again, and where: pure.

As the AWS SDKs' standard mode: what was throttled, what is the service's own fault and what got no
answer is tried again, after a random part of 1 s, 2 s, 4 s … (Shared Configuration and Credentials
Reference, "Retry behavior"). A client that has a standby region asks there what its own region does
not take at all, as it does when DNS, or its configuration, leads it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from node.drill.calls import TIMED_OUT, UNREACHABLE
from node.drill.samples import THROTTLED

__all__ = ["Again", "next_try"]

_NO_ANSWER: Final = frozenset({UNREACHABLE, TIMED_OUT})
_PASSING: Final = _NO_ANSWER | {
    THROTTLED,
    "DependencyTimeoutException",
    "KMSInternalException",
    "KeyUnavailableException",
}
_LONGEST_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Again:
    """A call is to be made again after `seconds`; `elsewhere`, in the standby region."""

    seconds: float
    elsewhere: bool = False


def next_try(
    error: str, tries: int, retries: int, *, elsewhere: bool, random: Callable[[], float]
) -> Again | None:
    """What follows a call that ended with `error` ("" for none) after so many `tries`.

    `retries` are those at most, beside the step to a standby, which may be had if `elsewhere`.
    """
    if error not in _PASSING:
        return None
    if elsewhere and error in _NO_ANSWER:
        return Again(0.0, elsewhere=True)
    if tries > retries:
        return None
    return Again(random() * min(2.0 ** (tries - 1), _LONGEST_SECONDS))
