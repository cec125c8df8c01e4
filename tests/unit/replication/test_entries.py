"""Log entries: what is accepted, and every way in which one can be wrong."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.identity import RegionIdentity
from replication.entries import (
    ENTRY_MAX_BYTES,
    SIGNATURE_PURPOSE,
    StreamEntry,
    follow,
    sign_entry,
    verify_entry,
)
from replication.errors import (
    BrokenChain,
    Duplicate,
    Gap,
    LogReplaced,
    Malformed,
    Misaddressed,
    Refused,
    Unauthentic,
)
from replication.payload_forms import pack_payload
from replication.payloads import AuditCheckpointed, Remark, ReplicaDeleted
from replication.position import Cursor, CursorState, LogHead

ORIGIN = RegionIdentity.generate("us-east-1", Random(1).randbytes)
OTHER = RegionIdentity.generate("eu-west-1", Random(2).randbytes)
LOG_ID = b"l" * 16
BEGIN = LogHead.begin(ORIGIN.region, LOG_ID)
PAYLOAD = ReplicaDeleted("mrk-" + "0" * 32)
FIRST, AFTER_FIRST = sign_entry(ORIGIN, BEGIN, PAYLOAD, 1.5)
SECOND, _ = sign_entry(ORIGIN, AFTER_FIRST, PAYLOAD, 2.5)
START = Cursor(ORIGIN.region, CursorState.FOLLOWING, b"", LOG_ID, 0, BEGIN.digest)


def body(**changes: object) -> dict[str, object]:
    """The fields of the first entry, some of them changed."""
    _, packed, _ = msgpack.unpackb(FIRST.data)
    return {**msgpack.unpackb(packed), **changes}


def signed(fields: object, version: object = 1, identity: RegionIdentity = ORIGIN) -> StreamEntry:
    """An entry with any body, truly signed."""
    packed = msgpack.packb(fields)
    signature = identity.sign(SIGNATURE_PURPOSE, packed)
    return StreamEntry("1-0", msgpack.packb([version, packed, signature]))


def test_an_entry_says_what_was_signed_and_follows_the_one_before() -> None:
    first, second = verify_entry(ORIGIN.public, FIRST), verify_entry(ORIGIN.public, SECOND)
    assert (first.sequence, first.time, first.payload) == (1, 1.5, PAYLOAD)
    assert first.digest == hashlib.sha256(FIRST.data).digest() == second.previous
    follow(START, first)
    follow(replace(START, sequence=1, digest=first.digest), second)


@given(st.integers(0, len(FIRST.data) * 8 - 1))
def test_any_single_bit_flip_is_refused(position: int) -> None:
    data = bytearray(FIRST.data)
    data[position // 8] ^= 1 << position % 8
    with pytest.raises((Malformed, Unauthentic)):
        verify_entry(ORIGIN.public, StreamEntry(FIRST.id, bytes(data)))


@given(st.integers(0, len(FIRST.data) - 1))
def test_a_truncated_entry_is_refused(size: int) -> None:
    with pytest.raises(Refused):
        verify_entry(ORIGIN.public, StreamEntry(FIRST.id, FIRST.data[:size]))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        verify_entry(ORIGIN.public, StreamEntry("1-0", data))


@pytest.mark.parametrize(
    ("record", "refusal"),
    {
        "trailing bytes": (StreamEntry("1-0", FIRST.data + b"\x00"), Malformed),
        "too large": (StreamEntry("1-0", bytes(ENTRY_MAX_BYTES + 1)), Malformed),
        "deep nesting": (StreamEntry("1-0", b"\x91" * 100_000), Malformed),
        "a later version": (signed(body(), version=2), Malformed),
        "another signer": (signed(body(), identity=OTHER), Unauthentic),
        "no fields": (signed([1, 2]), Malformed),
        "an unknown kind": (signed(body(kind="key-eaten")), Malformed),
        "a payload without its field": (signed(body(payload={})), Malformed),
        "a field of another type": (signed(body(sequence="1")), Malformed),
        "a number that is a truth": (signed(body(sequence=True)), Malformed),
        "a short digest": (signed(body(previous=b"x")), Malformed),
        "another region's name": (signed(body(origin="eu-west-1")), Misaddressed),
        "another place": (StreamEntry("2-0", FIRST.data), Misaddressed),
        "an ID between two": (StreamEntry("1-5", FIRST.data), Misaddressed),
    }.values(),
)
def test_what_is_refused(record: StreamEntry, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        verify_entry(ORIGIN.public, record)


def test_fields_that_a_newer_node_adds_are_no_reason_to_refuse() -> None:
    assert verify_entry(ORIGIN.public, signed(body(colour="red"))).payload == PAYLOAD


@pytest.mark.parametrize(
    ("cursor", "record", "refusal"),
    [
        (START, SECOND, Gap),
        (replace(START, sequence=1), FIRST, Duplicate),
        (replace(START, digest=b"d" * 32), FIRST, BrokenChain),
        (replace(START, log_id=b"m" * 16), FIRST, LogReplaced),
    ],
)
def test_what_does_not_follow_the_cursor(
    cursor: Cursor, record: StreamEntry, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        follow(cursor, verify_entry(ORIGIN.public, record))


def test_a_remark_that_is_not_known_is_passed_over_and_nothing_else_is() -> None:
    fields = body(kind="remark-of-a-newer-version", payload={"anything": [1, 2]})
    assert verify_entry(ORIGIN.public, signed(fields)).payload == Remark(
        "remark-of-a-newer-version"
    )
    with pytest.raises(Malformed, match="upgrade"):
        verify_entry(ORIGIN.public, signed(body(kind="change-of-a-newer-version", payload={})))


@pytest.mark.parametrize("field", ["trail", "sequence", "digest", "time", "signature"])
def test_an_audit_checkpoint_lacks_no_field(field: str) -> None:
    payload = AuditCheckpointed("ab" * 16, 7, b"d" * 32, "2026-01-01T00:00:00Z", b"s" * 64)
    kind, fields = pack_payload(payload)
    assert verify_entry(ORIGIN.public, signed(body(kind=kind, payload=fields))).payload == payload
    for wrong in ({**fields, field: None}, {k: v for k, v in fields.items() if k != field}):
        with pytest.raises(Malformed):
            verify_entry(ORIGIN.public, signed(body(kind=kind, payload=wrong)))
