"""Vectors of log entries, against both implementations."""

import hashlib
from typing import Any

import pytest

from crypto.identity import PublicIdentity, RegionIdentity
from replication.entries import Entry, StreamEntry, follow, sign_entry, verify_entry
from replication.payload_forms import pack_payload
from replication.position import Cursor, CursorState, LogHead
from tests.vectors import reference
from tests.vectors.loading import Vector, accepted, refused

ANY_SEED = bytes(32)


def _raw(vector: Vector) -> bytes:
    return vector.raw("entry") or bytes(vector.fields.get("entry_zeroes", 0))


def _read(vector: Vector) -> Entry:
    """What a reader does with an entry that it finds behind its cursor."""
    sealing_key = reference.xwing_public(ANY_SEED)
    origin = PublicIdentity(vector["region"], vector.raw("public_key"), sealing_key)
    cursor = Cursor(
        vector["region"],
        CursorState.FOLLOWING,
        b"",
        bytes.fromhex(vector["cursor"]["log_id"]),
        vector["cursor"]["sequence"],
        bytes.fromhex(vector["cursor"]["digest"]),
    )
    entry = verify_entry(origin, StreamEntry(vector["id"], _raw(vector)))
    follow(cursor, entry)
    return entry


def _plain(value: Any) -> Any:
    """A value of a vector file, with its bytes."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"bytes"}:
        return bytes.fromhex(value["bytes"])
    return {name: _plain(each) for name, each in value.items()}


@accepted("log_entry")
def test_entry_is_read(vector: Vector) -> None:
    entry, body = _read(vector), _plain(vector["body"])
    kind, payload = pack_payload(entry.payload)
    read = (entry.origin, entry.log_id, entry.sequence, entry.previous, entry.time, kind)
    names = ("origin", "log_id", "sequence", "previous", "time", "kind")
    assert read == tuple(body[name] for name in names)
    assert payload.items() <= body["payload"].items()
    assert entry.digest == vector.raw("digest") == hashlib.sha256(_raw(vector)).digest()


@accepted("log_entry")
def test_entry_is_made_again(vector: Vector) -> None:
    if not vector["made_again"]:
        return
    entry = _read(vector)
    head = LogHead(entry.log_id, entry.sequence - 1, entry.previous)
    signer = RegionIdentity(vector["region"], vector.raw("seed"), ANY_SEED)
    record, after = sign_entry(signer, head, entry.payload, entry.time)
    assert record == StreamEntry(vector["id"], vector.raw("entry"))
    assert after == LogHead(entry.log_id, entry.sequence, entry.digest)


@accepted("log_entry")
def test_second_implementation_makes_the_entry(vector: Vector) -> None:
    body = _plain(vector["body"])
    assert reference.log_entry(vector.raw("seed"), body) == vector.raw("entry")


@refused("log_entry")
def test_entry_is_refused(vector: Vector) -> None:
    with pytest.raises(vector.error) as caught:
        _read(vector)
    assert type(caught.value) is vector.error
