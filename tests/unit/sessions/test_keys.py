"""Which key seals, which open, when another is wanted: the same in every region, in any order."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.sessions.keys import (
    PROPAGATION_SECONDS,
    RETIREMENT_SECONDS,
    ROTATION_SECONDS,
    SessionKey,
    SessionKeys,
    is_of_sessions,
    new_key,
    retirement,
    session_key,
)
from replication.directory import FactChange
from replication.facts import Fact
from replication.payloads import FactStamp

NOW = 1_790_000_000.0


def fact(change: FactChange) -> Fact:
    return Fact(change.key, change.value, FactStamp(1, NOW, "us-east-1"), change.secret)


def key(made: float, seed: int = 1) -> SessionKey:
    found = session_key(fact(new_key(Random(seed).randbytes, made)))
    assert found is not None
    return found


AGES = st.floats(0.0, 3 * ROTATION_SECONDS)


def aged(*ages: float) -> list[SessionKey]:
    return [key(NOW - age, seed) for seed, age in enumerate(ages)]


@given(st.lists(AGES, max_size=5), st.randoms())
def test_the_order_in_which_keys_are_heard_does_not_matter(
    ages: list[float], random: Random
) -> None:
    keys = aged(*ages)
    shuffled = random.sample(keys, len(keys))
    one, other = SessionKeys(keys), SessionKeys(shuffled)
    assert one.sealing(NOW) == other.sealing(NOW)
    assert one.retired(NOW) == other.retired(NOW)
    assert one.wants_another(NOW) is other.wants_another(NOW)


@given(st.lists(AGES, min_size=1, max_size=5))
def test_what_seals_is_the_youngest_that_got_around_or_else_the_oldest(ages: list[float]) -> None:
    sealing = SessionKeys(aged(*ages)).sealing(NOW)
    assert sealing is not None
    age = NOW - sealing.made
    around = [each for each in ages if each >= PROPAGATION_SECONDS]
    assert age == pytest.approx(min(around) if around else max(ages), abs=1e-3)


@given(st.lists(AGES, min_size=1, max_size=5))
def test_what_seals_is_never_retired(ages: list[float]) -> None:
    keys = SessionKeys(aged(*ages))
    sealing = keys.sealing(NOW)
    assert sealing is not None
    assert sealing.key_id not in keys.retired(NOW)
    ring = keys.ring(NOW)
    assert ring is not None
    assert ring.root_key_ids[0] == sealing.key_id
    assert set(ring.root_key_ids) == set(keys.key_ids)


def test_without_a_key_there_is_nothing() -> None:
    keys = SessionKeys()
    assert (keys.sealing(NOW), keys.ring(NOW), keys.retired(NOW)) == (None, None, ())
    assert keys.wants_another(NOW)


@pytest.mark.parametrize(
    ("age", "wanted"), [(0.0, False), (ROTATION_SECONDS - 1, False), (ROTATION_SECONDS, True)]
)
def test_an_old_key_wants_another(age: float, wanted: bool) -> None:
    assert SessionKeys(aged(age)).wants_another(NOW) is wanted


def test_an_old_key_opens_for_a_while_when_another_seals() -> None:
    old, new = aged(ROTATION_SECONDS, 0.0)
    keys = SessionKeys([old, new])
    assert keys.sealing(NOW) == old
    later = NOW + PROPAGATION_SECONDS
    assert keys.sealing(later) == new
    assert keys.retired(later + RETIREMENT_SECONDS) == ()
    assert keys.retired(later + RETIREMENT_SECONDS + 1) == (old.key_id,)


def test_a_fact_is_read_back_and_nothing_else_is() -> None:
    change = new_key(Random(1).randbytes, NOW)
    made = session_key(fact(change))
    assert made is not None
    assert (made.made, change.key[-1]) == (NOW, made.key_id)
    assert is_of_sessions(change.key)
    assert not is_of_sessions(("111122223333", "AIDA", "made"))
    taken_back = retirement(made.key_id)
    assert (taken_back.key, taken_back.value) == (change.key, None)
    for other in (
        taken_back,
        FactChange(change.key, change.value),
        FactChange(change.key, b"\xc1", change.secret),
        FactChange(change.key, change.value, b"short"),
        FactChange((*change.key[:-1], "0" * 32), change.value, change.secret),
    ):
        assert session_key(fact(other)) is None


def test_a_key_does_not_show_itself() -> None:
    change = new_key(Random(1).randbytes, NOW)
    assert change.secret is not None
    shown = repr(session_key(fact(change))) + repr(change) + repr(SessionKeys(aged(1.0)))
    assert repr(change.secret) not in shown
    assert change.secret.hex() not in shown
