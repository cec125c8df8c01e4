"""Many records at once: the same answers as one by one, with fewer signatures (decision 0023)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from unittest.mock import patch

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.identity import PublicIdentity
from replication.entries import (
    SIGNATURE_PURPOSE,
    Entry,
    StreamEntry,
    sign_entry,
    verify_entries,
    verify_entry,
)
from replication.errors import Refused, Unauthentic
from replication.payloads import Payload, PromotionVoted, ReplicaDeleted
from replication.position import LogHead
from tests.unit.replication.parts import EU, KEY_ID, LOG_ID, NOW, OTHER_LOG_ID, US, identity

ORIGIN = identity(US)
DELETED = ReplicaDeleted(KEY_ID)
VOTE = PromotionVoted(KEY_ID, 2, EU, (EU, US))


def log(
    *payloads: Payload, origin: str = US, log_id: bytes = LOG_ID, broken: int | None = None
) -> list[StreamEntry]:
    """A region's log. The entry with the index `broken` has a signature that does not hold, and is
    named by the next one all the same: no region writes that.
    """
    head, records = LogHead.begin(origin, log_id), []
    for number, payload in enumerate(payloads):
        record, after = sign_entry(identity(origin), head, payload, NOW)
        if number == broken:
            record, after = _unsigned(record, after)
        records.append(record)
        head = after
    return records


def _unsigned(record: StreamEntry, after: LogHead) -> tuple[StreamEntry, LogHead]:
    version, body, _ = msgpack.unpackb(record.data)
    other = StreamEntry(record.id, msgpack.packb([version, body, bytes(64)]))
    return other, LogHead(after.log_id, after.sequence, sha256(other.data).digest())


LOG = log(*[DELETED] * 6)
OTHERS = [*log(*[DELETED] * 6, log_id=OTHER_LOG_ID), *log(*[DELETED] * 6, origin=EU)]


def one_by_one(records: Sequence[StreamEntry]) -> list[Entry | type[Refused]]:
    return [_alone(record) for record in records]


def _alone(record: StreamEntry) -> Entry | type[Refused]:
    try:
        return verify_entry(ORIGIN.public, record)
    except Refused as refusal:
        return type(refusal)


def at_once(records: Sequence[StreamEntry]) -> list[Entry | type[Refused]]:
    found = verify_entries(ORIGIN.public, records)
    return [each if isinstance(each, Entry) else type(each) for each in found]


def flipped(record: StreamEntry, bit: int) -> StreamEntry:
    data = bytearray(record.data)
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    return StreamEntry(record.id, bytes(data))


ANY_RECORD = st.sampled_from([*LOG, *OTHERS]) | st.builds(
    flipped, st.sampled_from(LOG), st.integers(0, 10_000)
)


@given(st.lists(ANY_RECORD, max_size=8))
def test_whatever_a_stream_holds_is_judged_as_one_by_one(records: list[StreamEntry]) -> None:
    assert at_once(records) == one_by_one(records)


@given(st.integers(0, len(LOG) - 1), st.integers(0, 10_000))
def test_a_bit_that_is_flipped_refuses_its_record_alone(number: int, bit: int) -> None:
    records = [*LOG[:number], flipped(LOG[number], bit), *LOG[number + 1 :]]
    found = at_once(records)
    assert found == one_by_one(records)
    assert [isinstance(each, Entry) for each in found].count(False) == 1


@pytest.mark.parametrize(
    ("records", "signatures"),
    [
        (LOG, 1),
        (LOG[:1], 1),
        ([], 0),
        ([*LOG[:2], *LOG[3:]], 2),  # one is missing
        ([*LOG[:3], OTHERS[3], *LOG[4:]], 3),  # one is another log's
        (log(DELETED, VOTE, DELETED), 2),  # a vote is verified by itself
    ],
)
def test_one_signature_is_verified_for_all_that_follow_each_other(
    records: Sequence[StreamEntry], signatures: int
) -> None:
    verified: list[bytes] = []
    verify = PublicIdentity.verify

    def counted(public: PublicIdentity, purpose: bytes, body: bytes, signature: bytes) -> None:
        assert purpose == SIGNATURE_PURPOSE
        verified.append(body)
        verify(public, purpose, body, signature)

    with patch.object(PublicIdentity, "verify", counted):
        assert all(isinstance(each, Entry) for each in verify_entries(ORIGIN.public, records))
    assert len(verified) == signatures


def test_nothing_is_unpacked_that_nobody_signed() -> None:
    forged = [StreamEntry(each.id, b"\x93\x01\xc4\x01?\xc4\x01?") for each in LOG]
    with patch("replication.entries.unpack_payload") as unpack:
        assert at_once(forged) == [Unauthentic] * len(LOG)
    unpack.assert_not_called()


def test_what_the_origin_names_is_its_own_whatever_its_signature() -> None:
    """A region's faulty store, say. The bytes are those that the region has hashed and signed."""
    records = log(DELETED, DELETED, DELETED, broken=1)
    assert one_by_one(records)[1] is Unauthentic
    assert all(isinstance(each, Entry) for each in at_once(records))


def test_a_vote_whose_own_signature_does_not_hold_is_refused() -> None:
    """It will be shown to regions that do not see what comes after it."""
    records = log(DELETED, VOTE, DELETED, broken=1)
    assert at_once(records)[1] is Unauthentic
