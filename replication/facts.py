"""Facts that every region of a cluster holds alike, and any of them may change: the directory.

IAM is global (IAM User Guide, "Resilience in IAM"): who may do what is the same in every region,
and must be changeable in whichever of them lives. So the directory is kept as many small facts,
each with a stamp. Of two values of one fact the later stamp wins, everywhere alike and whatever the
order in which they are heard; a fact that was taken back stays, without a value, so that it wins
over older ones. Pure.

A fact may carry a secret. It travels HPKE-sealed to each region, with the fact's key and stamp
bound, and never in the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto.errors import SealError
from crypto.identity import PublicIdentity, RegionIdentity, binding
from replication.errors import Unauthentic
from replication.payloads import FactStamp, FactsTold, ToldFact

FACTS_PER_ENTRY: Final = 32
_SECRET: Final = "keyspan directory secret"  # noqa: S105  what the secret is bound to

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its value in packed form, or None once it was taken back; and its secret."""

    key: Key
    value: bytes | None
    stamp: FactStamp
    secret: bytes | None = field(default=None, repr=False)

    def replaces(self, known: Fact | None) -> bool:
        """Whether a region that knows the other one must take this over.

        Stamps are unique, unless a store was rolled back: then the value decides.
        """
        if known is None:
            return True
        if self.stamp == known.stamp and self.value == known.value:
            return known.secret is None and self.secret is not None  # it had not reached us
        return (self.stamp, self.value or b"") > (known.stamp, known.value or b"")


def stamped(
    known: Fact | None,
    key: Key,
    value: bytes | None,
    secret: bytes | None,
    *,
    now: float,
    region: str,
) -> Fact:
    """The fact that a change in `region` at `now` (epoch seconds) makes of what it knows.

    Whatever clocks say, it wins over what the region knew.
    """
    revision = 1 if known is None else known.stamp.revision + 1
    return Fact(key, value, FactStamp(revision, now, region), secret)


def told_to(
    facts: Sequence[Fact], origin: str, receivers: Iterable[PublicIdentity]
) -> Sequence[FactsTold]:
    """The entries that tell facts, their secrets sealed to each receiver."""
    peers = tuple(receivers)
    told = [_told(each, origin, peers) for each in facts]
    parts = range(0, len(told), FACTS_PER_ENTRY)
    return [FactsTold(tuple(told[part : part + FACTS_PER_ENTRY])) for part in parts]


def heard(identity: RegionIdentity, origin: str, payload: FactsTold) -> tuple[Fact, ...]:
    """The facts of an entry, with the secrets that are sealed to this region.

    Raises Unauthentic if a seal does not open.
    """
    return tuple(_heard(identity, origin, each) for each in payload.facts)


def news(facts: Iterable[Fact], known: Mapping[Key, Fact]) -> tuple[Fact, ...]:
    """What is to be held now in the place of what is known: of several of one key, the winner."""
    winners: dict[Key, Fact] = {}
    for each in facts:
        if each.replaces(winners.get(each.key, known.get(each.key))):
            winners[each.key] = each
    return tuple(winners.values())


def _told(fact: Fact, origin: str, peers: Iterable[PublicIdentity]) -> ToldFact:
    secret = fact.secret
    secrets = (
        ()
        if secret is None
        else tuple((peer.region, peer.seal(secret, _info(origin, fact))) for peer in peers)
    )
    return ToldFact(fact.key, fact.value, fact.stamp, secrets)


def _heard(identity: RegionIdentity, origin: str, told: ToldFact) -> Fact:
    fact = Fact(told.key, told.value, told.stamp)
    sealed = dict(told.secrets).get(identity.region)
    if sealed is None:
        return fact
    try:
        secret = identity.open(sealed, _info(origin, fact))
    except SealError as error:
        raise Unauthentic("a secret of the directory does not open") from error
    return Fact(fact.key, fact.value, fact.stamp, secret)


def _info(origin: str, fact: Fact) -> bytes:
    """The HPKE info of a secret: it opens for this fact alone."""
    stamp = fact.stamp
    return binding(_SECRET, origin, *fact.key, stamp.revision, repr(stamp.time), stamp.region)
