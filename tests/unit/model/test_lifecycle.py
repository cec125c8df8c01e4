"""What may happen to a key, for any key, window and moment (decision D12: time is passed in)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from node.model import lifecycle
from node.model.key import Key, KeyState
from replication.position import Version
from tests.unit.model.keys import (
    ELSEWHERE,
    HOME,
    NOW,
    any_key,
    key,
    keys_that_wait_for_nobody,
    moments,
    primaries_with_replicas,
    shared_state,
    window_days,
)

DAY = 86_400


@given(any_key)
def test_enabling_and_disabling_change_the_state_alone(subject: Key) -> None:
    assert lifecycle.disabled(subject) == replace(subject, state=KeyState.DISABLED)
    assert lifecycle.enabled(lifecycle.disabled(subject)) == subject


@given(keys_that_wait_for_nobody, window_days, moments)
def test_a_window_begins_at_once(subject: Key, days: int, now: float) -> None:
    pending = lifecycle.deletion_scheduled(subject, days, now)
    assert pending.state is KeyState.PENDING_DELETION
    assert pending.deletion_date == now + days * DAY
    assert pending.pending_window_days is None


@given(primaries_with_replicas, window_days, moments)
def test_a_primary_with_replicas_waits_without_a_date(subject: Key, days: int, now: float) -> None:
    waiting = lifecycle.deletion_scheduled(subject, days, now)
    assert waiting.state is KeyState.PENDING_REPLICA_DELETION
    assert waiting.deletion_date is None
    assert waiting.pending_window_days == days
    assert not lifecycle.deletion_due(waiting, now + 1e9)


@given(primaries_with_replicas, window_days, moments, st.floats(0, 1e6))
def test_its_window_begins_when_the_last_replica_is_gone(
    subject: Key, days: int, now: float, later: float
) -> None:
    current = lifecycle.deletion_scheduled(subject, days, now)
    assert current.shared is not None
    for region in current.shared.replicas:
        assert current.state is KeyState.PENDING_REPLICA_DELETION
        assert current.shared is not None
        current = lifecycle.shared_changed(
            current, current.shared.without_replica(region), now + later
        )
    assert current.state is KeyState.PENDING_DELETION
    assert current.deletion_date == now + later + days * DAY
    assert current.pending_window_days is None


@given(primaries_with_replicas, moments)
def test_a_key_that_does_not_wait_is_not_deleted_with_its_last_replica(
    subject: Key, now: float
) -> None:
    assert subject.shared is not None
    alone = replace(subject.shared, replicas=(), version=Version(1, 9))
    for state in set(KeyState) - {KeyState.PENDING_REPLICA_DELETION}:
        before = replace(subject, state=state)
        assert lifecycle.shared_changed(before, alone, now) == replace(before, shared=alone)


@given(any_key, window_days, moments)
def test_cancelling_leaves_the_key_disabled_and_otherwise_as_it_was(
    subject: Key, days: int, now: float
) -> None:
    cancelled = lifecycle.deletion_cancelled(lifecycle.deletion_scheduled(subject, days, now))
    assert cancelled == lifecycle.disabled(subject)


@given(keys_that_wait_for_nobody, window_days, moments, moments)
def test_a_key_is_due_when_its_window_has_ended_and_not_before(
    subject: Key, days: int, now: float, then: float
) -> None:
    pending = lifecycle.deletion_scheduled(subject, days, now)
    assert pending.deletion_date is not None
    assert lifecycle.deletion_due(pending, then) is (then >= pending.deletion_date)
    assert not lifecycle.deletion_due(lifecycle.deletion_cancelled(pending), then)


@given(any_key, moments)
def test_a_key_that_was_never_scheduled_is_never_due(subject: Key, then: float) -> None:
    assert not lifecycle.deletion_due(subject, then)


@given(st.sampled_from(sorted(KeyState)), st.sampled_from(ELSEWHERE))
def test_shared_changes_touch_shared_properties_alone(state: KeyState, added: str) -> None:
    assume(state not in (KeyState.PENDING_REPLICA_DELETION, KeyState.PENDING_DELETION))
    before = key(state, shared_state())
    newer = shared_state().with_replica(added)
    after = lifecycle.shared_changed(before, newer, NOW)
    assert after == replace(before, shared=newer)


def test_a_primary_that_is_to_be_deleted_and_gets_a_replica_waits_for_it() -> None:
    """Seed 27 of the simulator: it was deleted when its own window ended, before its replica."""
    due = NOW + 3.5 * lifecycle.DAY_SECONDS
    before = replace(key(KeyState.PENDING_DELETION, shared_state()), deletion_date=due)
    after = lifecycle.shared_changed(before, shared_state().with_replica("eu-west-1"), NOW)
    assert after.state is KeyState.PENDING_REPLICA_DELETION
    assert (after.deletion_date, after.pending_window_days) == (None, 7)


def test_a_primary_that_waits_for_its_replicas_and_becomes_one_begins_its_own_window() -> None:
    """Seed 3: another region was promoted by force, and it waited for ever."""
    waiting = key(KeyState.PENDING_REPLICA_DELETION, shared_state(replicas=("eu-west-1",)))
    before = replace(waiting, pending_window_days=9)
    newer = shared_state(replicas=("eu-west-1",)).with_primary("eu-west-1")
    after = lifecycle.shared_changed(before, newer, NOW)
    assert after.state is KeyState.PENDING_DELETION
    assert after.deletion_date == NOW + 9 * lifecycle.DAY_SECONDS


def test_what_a_key_is_among_its_related_keys() -> None:
    primary = key(shared=shared_state(replicas=("eu-west-1",)))
    replica = key(shared=shared_state(primary="eu-west-1", replicas=(HOME,)))
    kinds = [(each.multi_region, each.is_primary, each.is_replica) for each in (primary, replica)]
    assert kinds == [(True, True, False), (True, False, True)]
    assert (key().multi_region, key().is_primary, key().is_replica) == (False, False, False)
