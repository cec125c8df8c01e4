"""What was answered over a run, and how the nodes' memory went; and whether both are well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.fuzz.conversation import Asked

MIB: Final = 1024 * 1024
SLACK_BYTES: Final = 24 * MIB  # an allocator's ups and downs
STORED_BYTES: Final = 24 * 1024  # what a node may keep in memory for each thing that was made
MAKERS: Final = frozenset({"CreateAlias", "CreateGrant", "CreateKey", "ReplicateKey"})
EXPECTED_ANSWERED: Final = 0.2  # the share of requests that must have been right, or little is seen


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory of the nodes, in bytes, after so many requests and things made."""

    requests: int
    made: int
    resident: tuple[int, ...]


@dataclass(slots=True)
class Tally:
    """Counts as the run goes on."""

    requests: int = 0
    made: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    served: set[str] = field(default_factory=set)
    slowest: tuple[float, str] = (0.0, "")
    samples: list[Sample] = field(default_factory=list)

    def count(self, asked: Asked) -> None:
        """One more request."""
        self.requests += 1
        self.kinds[asked.kind] += 1
        self.outcomes[asked.outcome] += 1
        self.slowest = max(self.slowest, (asked.seconds, asked.operation))
        if asked.kind == "sensible" and b"is not available in Keyspan" not in asked.response.body:
            self.served.add(asked.operation)
        if asked.response.status == 200 and asked.kind != "odd HTTP":
            self.answered[asked.operation] += 1
            self.made += asked.operation in MAKERS

    def never_answered(self) -> list[str]:
        """Operations that are served and of which no request was answered with 200."""
        return sorted(self.served - set(self.answered))


def growth(samples: Sequence[Sample]) -> tuple[Sample, Sample]:
    """The samples in the middle of the run, when all is warm, and at its end."""
    return samples[len(samples) // 2], samples[-1]


def memory_objections(samples: Sequence[Sample]) -> Iterable[str]:
    """A sentence for each node that grew by more than what was made in it accounts for."""
    before, after = growth(samples)
    allowed = SLACK_BYTES + STORED_BYTES * (after.made - before.made)
    for number, (first, last) in enumerate(zip(before.resident, after.resident, strict=True)):
        if last - first > allowed:
            yield (
                f"node {number} grew by {(last - first) / MIB:.0f} MiB in the second half of the "
                f"run, {allowed / MIB:.0f} MiB of which what was made there may take"
            )
