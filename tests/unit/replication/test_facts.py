"""Facts of the directory: every region ends with the same, whatever the order it hears them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.identity import RegionIdentity
from replication.errors import Unauthentic
from replication.facts import FACTS_PER_ENTRY, Fact, Key, heard, news, stamped, told_to
from replication.payload_forms import pack_payload, unpack_payload
from replication.payloads import FactStamp, FactsTold
from tests.unit.crypto.strategies import seeded
from tests.unit.replication.parts import AP, EU, NOW, US

IDENTITIES = {
    name: RegionIdentity.generate(name, seeded(seed)) for seed, name in enumerate((US, EU, AP))
}
PEERS = [IDENTITIES[EU].public, IDENTITIES[AP].public]
KEYS = (("a", "user"), ("a", "role"))

times = st.floats(min_value=0, max_value=2e9, allow_nan=False)


class Region:
    """What one region knows."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[Key, Fact] = {}

    def change(self, key: Key, value: bytes | None, now: float) -> Fact:
        fact = stamped(self.known.get(key), key, value, None, now=now, region=self.name)
        self.hear([fact])
        return fact

    def hear(self, facts: Sequence[Fact]) -> None:
        self.known |= {each.key: each for each in news(facts, self.known)}


changes = st.lists(
    st.tuples(
        st.sampled_from((US, EU, AP)),
        st.sampled_from(KEYS),
        st.sampled_from((b"1", b"2", b"3", None)),
        times,
        st.booleans(),
    ),
    max_size=12,
)


@given(changes, st.randoms(use_true_random=False))
def test_regions_converge_whatever_they_hear_first(
    script: list[tuple[str, Key, bytes | None, float, bool]], random: Random
) -> None:
    """Clocks are anything; some changes are heard at once, all of them later, in any order."""
    regions = {name: Region(name) for name in (US, EU, AP)}
    said: list[Fact] = []
    for name, key, value, now, at_once in script:
        fact = regions[name].change(key, value, now)
        said.append(fact)
        if at_once:
            for each in regions.values():
                each.hear([fact])
    for each in regions.values():
        late = said * 2
        random.shuffle(late)
        each.hear(late)
    assert regions[US].known == regions[EU].known == regions[AP].known


@given(times, times)
def test_a_change_wins_over_what_its_region_knew(before: float, now: float) -> None:
    known = stamped(None, KEYS[0], b"old", None, now=before, region=US)
    changed = stamped(known, KEYS[0], b"new", None, now=now, region=EU)
    assert changed.replaces(known)
    assert not known.replaces(changed)
    assert not changed.replaces(changed)


def test_what_was_taken_back_stays_so_against_older_words() -> None:
    made = stamped(None, KEYS[0], b"here", None, now=NOW, region=US)
    gone = stamped(made, KEYS[0], None, None, now=NOW - 3600, region=EU)
    assert news([made], {gone.key: gone}) == ()
    assert news([gone], {made.key: made}) == (gone,)


def test_of_several_facts_of_one_key_the_last_stamp_is_news() -> None:
    """Found by the property above: the last one of a batch used to win."""
    first = Fact(KEYS[0], b"1", FactStamp(1, 1.0, EU))
    second = Fact(KEYS[0], b"2", FactStamp(1, 0.0, US))
    assert news([first, second], {}) == news([second, first], {}) == (first,)


def test_of_two_at_once_the_later_one_wins_then_the_region() -> None:
    base = Fact(KEYS[0], b"1", FactStamp(2, NOW, EU))
    later = replace(base, value=b"2", stamp=FactStamp(2, NOW + 1, AP))
    other_region = replace(base, value=b"3", stamp=FactStamp(2, NOW, US))
    assert later.replaces(base)
    assert other_region.replaces(base)
    assert later.replaces(other_region)


def sent(facts: Sequence[Fact], receivers: Sequence[object] = PEERS) -> list[FactsTold]:
    """As they arrive: packed and unpacked."""
    told = told_to(facts, US, receivers)  # type: ignore[arg-type]
    arrived = [unpack_payload(*pack_payload(each)) for each in told]
    return [each for each in arrived if isinstance(each, FactsTold)]


SECRET = Fact(KEYS[0], b"value", FactStamp(1, NOW, US), b"a secret access key")


def test_a_secret_opens_for_its_receivers() -> None:
    for name in (EU, AP):
        assert heard(IDENTITIES[name], US, sent([SECRET])[0]) == (SECRET,)


def test_a_secret_does_not_travel_in_clear_and_shows_in_no_repr() -> None:
    assert SECRET.secret is not None
    for payload in sent([SECRET]):
        assert SECRET.secret not in repr(pack_payload(payload)).encode()
    assert "a secret access key" not in repr(SECRET)


def test_a_secret_that_was_not_sealed_to_a_region_may_come_later() -> None:
    without = heard(IDENTITIES[AP], US, sent([SECRET], PEERS[:1])[0])[0]
    assert without == replace(SECRET, secret=None)
    assert SECRET.replaces(without)
    assert not without.replaces(SECRET)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": KEYS[1]},
        {"stamp": FactStamp(2, NOW, US)},
        {"stamp": FactStamp(1, NOW + 1, US)},
        {"stamp": FactStamp(1, NOW, EU)},
    ],
    ids=["key", "revision", "time", "region"],
)
def test_a_secret_opens_for_its_fact_alone(changed: dict[str, object]) -> None:
    told = sent([SECRET])[0].facts[0]
    moved = FactsTold((replace(told, **changed),))  # type: ignore[arg-type]
    with pytest.raises(Unauthentic):
        heard(IDENTITIES[EU], US, moved)


def test_a_secret_opens_from_its_origin_alone() -> None:
    with pytest.raises(Unauthentic):
        heard(IDENTITIES[EU], AP, sent([SECRET])[0])


def test_many_facts_are_told_in_several_entries() -> None:
    facts = [Fact(("a", str(each)), b"", FactStamp(1, NOW, US)) for each in range(70)]
    told = sent(facts)
    assert [len(each.facts) for each in told] == [FACTS_PER_ENTRY, FACTS_PER_ENTRY, 6]
    assert [each for part in told for each in heard(IDENTITIES[EU], US, part)] == facts
    assert sent([]) == []
