"""A resync request, and what it shows of this region's own log."""

from __future__ import annotations

import pytest

from replication.apply_logs import OwnLog, decide_request
from replication.effects import AnswerResync, BeginNewLog, Effect, Skip
from replication.payloads import Acknowledged, Payload, ResyncRequested
from replication.position import NOTHING, Applied, LogHead, Position
from replication.resync import Resync
from tests.unit.replication.parts import AP, EU, LOG_ID, OTHER_LOG_ID, US, verified

GIVEN_UP = bytes(16)
HEAD = LogHead(OTHER_LOG_ID, 20, bytes(32))
PLACE = Position(LOG_ID, 9)
THERE = b"digest of the entry in its place"


def _decided(
    payload: Payload,
    last: Resync | None = None,
    *,
    resyncing: bool = False,
    digest: bytes | None = None,
) -> Effect:
    entry = verified(payload, EU, LogHead(LOG_ID, 8, bytes(32)))
    return decide_request(OwnLog(US, HEAD, digest), entry, last, resyncing=resyncing)


def _asked(payload: Payload, as_of: Position = PLACE, *, request: bytes | None = None) -> Resync:
    entry = verified(payload, EU, LogHead(LOG_ID, 8, bytes(32)))
    return Resync(EU, request or entry.digest, as_of)


def test_a_request_is_answered() -> None:
    payload = ResyncRequested(US)
    assert _decided(payload) == AnswerResync(_asked(payload))


def test_a_request_is_answered_once() -> None:
    payload = ResyncRequested(US)
    assert isinstance(_decided(payload, _asked(payload)), Skip)


@pytest.mark.parametrize("payload", [ResyncRequested(AP), Acknowledged(())])
def test_what_asks_another_or_nothing_is_passed_over(payload: Payload) -> None:
    assert isinstance(_decided(payload), Skip)


@pytest.mark.parametrize(
    "as_of", [Position(LOG_ID, 3), Position(OTHER_LOG_ID, 900)], ids=["older", "another log"]
)
def test_a_newer_request_takes_the_place_of_an_older_one(as_of: Position) -> None:
    payload = ResyncRequested(US)
    last = _asked(payload, as_of, request=b"an older request")
    assert isinstance(_decided(payload, last, resyncing=True), AnswerResync)


def test_an_old_request_that_is_heard_again_is_not_answered_again() -> None:
    """A region that looks for an answer reads the log from its start, again and again: it would
    have sent its whole state each time.
    """
    payload = ResyncRequested(US)
    last = _asked(payload, Position(LOG_ID, 14), request=b"the request after it")
    assert isinstance(_decided(payload, last, resyncing=True), Skip)


def test_a_request_of_a_region_that_was_restored_is_answered_though_its_number_is_low() -> None:
    payload = ResyncRequested(US)
    last = _asked(payload, Position(LOG_ID, 14), request=b"a request of the lost end")
    assert isinstance(_decided(payload, last), AnswerResync)


@pytest.mark.parametrize(
    ("applied", "digest"),
    [
        (NOTHING, None),
        (Applied(Position(OTHER_LOG_ID, 20), THERE), THERE),
        (Applied(Position(OTHER_LOG_ID, 3), THERE), THERE),
        (Applied(Position(OTHER_LOG_ID, 3), THERE), None),
        (Applied(Position(GIVEN_UP, 900), THERE), bytes(32)),
    ],
    ids=["nothing", "the last entry", "an entry", "one that is not kept", "of another log"],
)
def test_what_a_peer_may_well_have_applied_shows_nothing(
    applied: Applied, digest: bytes | None
) -> None:
    assert isinstance(_decided(ResyncRequested(US, applied), digest=digest), AnswerResync)


@pytest.mark.parametrize(
    "place", [21, 20, 3], ids=["more than there is", "another last entry", "another entry"]
)
def test_a_store_that_went_back_begins_a_new_log_and_answers_there(place: int) -> None:
    payload = ResyncRequested(US, Applied(Position(OTHER_LOG_ID, place), THERE))
    assert _decided(payload, digest=bytes(32)) == BeginNewLog(OTHER_LOG_ID, _asked(payload))
