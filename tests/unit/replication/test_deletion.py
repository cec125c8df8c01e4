"""A replica that was deleted: news to the primary, once."""

from __future__ import annotations

import pytest

from replication.apply import decide_deletion
from replication.effects import Announce, Effect, NoteDeleted, Skip
from replication.payloads import ReplicaDeleted
from replication.position import NOWHERE, LogHead, Position
from replication.shared import SharedState
from tests.unit.replication.parts import (
    AP,
    EU,
    KEY_ID,
    LATER_LOG_ID,
    LOG_ID,
    OTHER_LOG_ID,
    SA,
    US,
    local,
    shared,
    verified,
)

KNOWN = shared(US, AP, EU, revision=3)


def _decided(
    origin: str,
    first: int | None = None,
    *,
    log_id: bytes = b"",
    region: str = US,
    state: SharedState | None = KNOWN,
    applied: Position = NOWHERE,
    installing: bool = False,
) -> Effect:
    payload = ReplicaDeleted(KEY_ID, first, log_id)
    entry = verified(payload, origin, LogHead(LOG_ID, 8, bytes(32)))
    return decide_deletion(local(region, state), entry, payload, applied, installing=installing)


def test_the_primary_makes_a_version_without_the_replica() -> None:
    gone = NoteDeleted(KEY_ID, EU, Position(LOG_ID, 9))
    assert _decided(EU) == Announce(KNOWN.without_replica(EU), gone=gone)


@pytest.mark.parametrize("applied", [NOWHERE, Position(LOG_ID, 4), Position(OTHER_LOG_ID, 900)])
def test_a_deletion_that_was_missed_is_news_when_it_is_repeated(applied: Position) -> None:
    gone = NoteDeleted(KEY_ID, EU, Position(LOG_ID, 5))
    assert _decided(EU, 5, applied=applied) == Announce(KNOWN.without_replica(EU), gone=gone)


@pytest.mark.parametrize(
    "applied", [Position(LOG_ID, 5), Position(LOG_ID, 900), Position(LATER_LOG_ID, 1)]
)
def test_a_deletion_that_was_applied_is_no_news_when_it_is_repeated(applied: Position) -> None:
    assert isinstance(_decided(EU, 5, applied=applied), Skip)


def test_a_deletion_of_an_earlier_log_is_judged_by_that_log() -> None:
    """The region was restored from a backup, and the key was replicated to it anew meanwhile."""
    known = Position(OTHER_LOG_ID, 5)
    assert isinstance(_decided(EU, 5, log_id=OTHER_LOG_ID, applied=known), Skip)
    missed = _decided(EU, 5, log_id=OTHER_LOG_ID, applied=Position(OTHER_LOG_ID, 4))
    assert missed == Announce(KNOWN.without_replica(EU), gone=NoteDeleted(KEY_ID, EU, known))


def test_a_first_deletion_is_news_whatever_was_applied() -> None:
    assert isinstance(_decided(EU, applied=Position(LOG_ID, 900)), Announce)


@pytest.mark.parametrize("origin", [SA, US])
def test_a_region_without_a_replica_deletes_nothing(origin: str) -> None:
    assert isinstance(_decided(origin), NoteDeleted)


def test_a_region_without_a_key_of_the_set_is_not_concerned() -> None:
    assert isinstance(_decided(EU, region=US, state=None), Skip)


def test_a_replica_remembers_it_in_case_that_it_is_made_the_primary() -> None:
    effect = _decided(EU, region=AP, state=KNOWN)
    assert isinstance(effect, NoteDeleted)
    assert (effect.key_id, effect.region) == (KNOWN.key_id, EU)


def test_applying_it_twice_is_applying_it_once() -> None:
    effect = _decided(EU)
    assert isinstance(effect, Announce)
    assert _decided(EU, state=effect.shared) == effect.gone


def test_a_primary_that_has_deleted_its_key_is_told_who_still_holds_one() -> None:
    """Seed 9167: the store of us-east-1 went back to before it had deleted its replica. It had a
    primary that was gone, and had passed over the entry that gave it the lead.
    """
    effect = _decided(US, 5, region=AP, installing=True)
    assert effect == NoteDeleted(KEY_ID, US, Position(LOG_ID, 5), led=KNOWN)


def test_a_primary_that_has_just_deleted_its_key_is_not_asked_for_the_lead_by_everyone() -> None:
    """Seed 2006: it said to each of three replicas that it leads, in one epoch."""
    assert _decided(US, region=AP) == NoteDeleted(KEY_ID, US, Position(LOG_ID, 9))
