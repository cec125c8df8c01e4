"""What became of every call, and what that comes to: pure, but for the list itself."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "THROTTLED",
    "WRITES",
    "WRONG",
    "Sample",
    "Samples",
    "Second",
    "Summary",
    "per_second",
    "summarised",
]

WRONG: Final = "wrong plaintext"
"""The outcome that must never be."""

THROTTLED: Final = "ThrottlingException"
"""The outcome above a request quota (docs/quotas.md)."""

WRITES: Final = frozenset({"Encrypt", "GenerateDataKey"})
"""The operations that make something new; Decrypt only reads."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One call: begun at `at` (seconds of the load's clock), over after `seconds`.

    `error` is "" for one that was answered rightly, a KMS error code, why there was no answer, or
    WRONG. What was `retried` was made again, and is not the last word about what was asked for.
    """

    at: float
    region: str
    operation: str
    seconds: float
    error: str = ""
    retried: bool = False

    @property
    def answered(self) -> bool:
        return not self.error

    @property
    def given_up(self) -> bool:
        """Whether what was asked for was never answered."""
        return bool(self.error) and not self.retried

    @property
    def ended(self) -> float:
        return self.at + self.seconds


class Samples:
    """All samples of a run. May be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        with self._lock:
            self._samples.append(sample)

    def since(self, index: int) -> list[Sample]:
        """Those from the `index`-th on, in the order in which they ended."""
        with self._lock:
            return self._samples[index:]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run comes to. `longest_refusal` is in seconds, and of one region.

    That is the longest time in which a region answered nothing although it was asked: from the
    first call that failed to the next that was answered, or to the last one made.
    """

    tried: int
    answered: int
    refused: int
    wrong: int
    errors: Counter[str] = field(default_factory=Counter)
    longest_refusal: float = 0.0


def summarised(samples: Iterable[Sample]) -> Summary:
    """The summary of some calls."""
    found = sorted(samples, key=lambda sample: sample.at)
    errors = Counter(sample.error for sample in found if sample.error)
    answered = sum(sample.answered for sample in found)
    wrong = errors.get(WRONG, 0)
    regions = {sample.region for sample in found}
    longest = max(
        (_longest_refusal([each for each in found if each.region == name]) for name in regions),
        default=0.0,
    )
    return Summary(len(found), answered, len(found) - answered - wrong, wrong, errors, longest)


def _longest_refusal(samples: Sequence[Sample]) -> float:
    """Of one region's calls, in the order in which they began."""
    longest, since = 0.0, None
    for sample in samples:
        if sample.answered:
            since = None
            continue
        since = sample.at if since is None else since
        longest = max(longest, sample.ended - since)
    return longest


@dataclass(frozen=True, slots=True)
class Second:
    """The calls of one region that began within one second."""

    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.answered + self.errors.total()

    @property
    def throttled(self) -> int:
        return self.errors[THROTTLED]

    @property
    def failed(self) -> int:
        """All others that were not answered."""
        return self.errors.total() - self.throttled


def per_second(samples: Iterable[Sample], seconds: int) -> list[Second]:
    """Count calls by the second in which they began, from 0 to `seconds`."""
    answered: Counter[int] = Counter()
    errors: list[Counter[str]] = [Counter() for _ in range(seconds)]
    for sample in samples:
        index = math.floor(sample.at)
        if not 0 <= index < seconds:
            continue
        if sample.answered:
            answered[index] += 1
        else:
            errors[index][sample.error] += 1
    return [Second(answered[index], errors[index]) for index in range(seconds)]
