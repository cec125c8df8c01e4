"""What a region keeps of promotions by majority: what it asked, what was answered, how it voted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from replication.payloads import PromotionAsked, PromotionRefused, WhyNot
from replication.shared import SharedState

OPEN_SECONDS: Final = 600.0
"""How long the votes for an ask may be used, by the asking region's clock."""


@dataclass(frozen=True, slots=True)
class Vote:
    """The last vote of this region for a primary of one key."""

    key_id: str
    epoch: int
    candidate: str

    def permits(self, candidate: str, epoch: int) -> bool:
        """Whether this region may still vote so: later, or the same again."""
        return epoch > self.epoch or (epoch, candidate) == (self.epoch, self.candidate)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one region has answered to an ask: its log entry, if it is a vote; else why not."""

    region: str
    vote: bytes = b""
    refusal: PromotionRefused | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What this region asked for one key, and the answers. At most one of a key is kept.

    `since` is when it was asked (epoch seconds). An ask that was withdrawn is kept for the epochs
    that its answers named: the next one is above them.
    """

    base: SharedState
    epoch: int
    regions: tuple[str, ...]
    since: float
    answers: tuple[Answer, ...] = ()
    withdrawn: bool = False

    @property
    def key_id(self) -> str:
        """The key."""
        return self.base.key_id

    @property
    def payload(self) -> PromotionAsked:
        """What is said to the other regions."""
        return PromotionAsked(self.base, self.epoch, self.regions)

    @property
    def votes(self) -> tuple[bytes, ...]:
        """The entries that voted for it, by region."""
        return tuple(each.vote for each in self.answers if each.vote)

    @property
    def voters(self) -> tuple[str, ...]:
        """The regions that voted for it, in order."""
        return tuple(each.region for each in self.answers if each.vote)

    @property
    def refusals(self) -> tuple[PromotionRefused, ...]:
        """The answers that are no votes."""
        return tuple(each.refusal for each in self.answers if each.refusal is not None)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The regions that have not answered."""
        answered = {each.region for each in self.answers}
        return tuple(each for each in self.regions if each not in answered)

    @property
    def won(self) -> bool:
        """Whether a majority has voted for it."""
        return len(self.votes) >= majority_of(self.regions)

    @property
    def lost(self) -> bool:
        """Whether no majority can come any more. Who waits for a state may still vote."""
        final = [each for each in self.refusals if each.why is not WhyNot.BEHIND]
        return len(self.regions) - len(final) < majority_of(self.regions)

    def with_answer(self, answer: Answer) -> Ask:
        """With one more answer. A vote is never taken back."""
        known = {each.region: each for each in self.answers}
        if answer.region in known and known[answer.region].vote:
            return self
        known[answer.region] = answer
        return replace(self, answers=tuple(each for _, each in sorted(known.items())))

    def stands(self, shared: SharedState, regions: tuple[str, ...], now: float) -> bool:
        """Whether its votes may still be used, for a set that is now as `shared` says."""
        same = self.base.led_alike(shared) and self.regions == regions
        return same and self.is_open(now)

    def is_open(self, now: float) -> bool:
        """Whether it was asked a short while ago, and not withdrawn."""
        return 0.0 <= now - self.since < OPEN_SECONDS and not self.withdrawn


def majority_of(regions: tuple[str, ...]) -> int:
    """How many of these regions are more than half of them."""
    return len(regions) // 2 + 1
