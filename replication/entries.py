"""Log entries: their bytes, their signature and their chain (decision D4).

    entry = msgpack [version = 1, body, signature]
    body  = msgpack {origin, log_id, sequence, previous, time, kind, payload}

The signature is the origin's Ed25519 signature over the body's bytes as they are; `previous` is the
SHA-256 of the whole entry before it (of the log's genesis for the first). So an entry cannot be
altered, moved to another place, log or origin, or left out without the next reader noticing. Every
byte is described in docs/formats.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from crypto.errors import InvalidSignature
from crypto.identity import PublicIdentity, RegionIdentity
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
from replication.payload_forms import pack_payload, unpack_payload
from replication.payloads import Payload, PromotionVoted
from replication.position import DIGEST_BYTES, LOG_ID_BYTES, Cursor, LogHead

ENTRY_VERSION: Final = 1
ENTRY_MAX_BYTES: Final = 4 * 1024 * 1024
SIGNATURE_PURPOSE: Final = b"keyspan log entry"


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry as a stream keeps it: its stream ID, such as "12-0", and its bytes."""

    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry whose signature was verified."""

    origin: str
    log_id: bytes
    sequence: int
    previous: bytes
    time: float
    payload: Payload
    digest: bytes


def stream_id(sequence: int) -> str:
    """The stream ID of the entry with this sequence number (decision D5)."""
    return f"{sequence}-0"


def sign_entry(
    identity: RegionIdentity, head: LogHead, payload: Payload, now: float
) -> tuple[StreamEntry, LogHead]:
    """The entry that follows `head`, signed, and the head after it."""
    kind, fields = pack_payload(payload)
    sequence = head.sequence + 1
    body: bytes = msgpack.packb(
        {
            "origin": identity.region,
            "log_id": head.log_id,
            "sequence": sequence,
            "previous": head.digest,
            "time": now,
            "kind": kind,
            "payload": fields,
        }
    )
    signature = identity.sign(SIGNATURE_PURPOSE, body)
    data: bytes = msgpack.packb([ENTRY_VERSION, body, signature])
    after = LogHead(head.log_id, sequence, hashlib.sha256(data).digest())
    return StreamEntry(stream_id(sequence), data), after


def verify_entry(origin: PublicIdentity, record: StreamEntry, named: bytes | None = None) -> Entry:
    """The entry that `record` holds, if `origin` signed it for the place where it stands.

    `named` is the digest that a verified entry of the same origin names as the one before it: a
    record with this digest needs no look at its own signature (see verify_entries). Raises
    Malformed, Unauthentic or Misaddressed. Says nothing yet of what came before it: see follow().
    """
    entry = _verified(origin, record, named)
    if record.id != stream_id(entry.sequence):
        raise Misaddressed(f"entry {record.id} says that it is number {entry.sequence}")
    return entry


def verify_entries(
    origin: PublicIdentity, records: Sequence[StreamEntry]
) -> Sequence[Entry | Refused]:
    """Each record as verify_entry() has it, or what it raises, with one signature for all records
    that follow each other.

    An entry that the origin signed names the digest of the entry before it, and so the origin has
    signed every byte of that one too, and of all before it (docs/decisions/0023). So the last
    record is verified first, and nothing is unpacked before it is known to be the origin's.
    """
    found: list[Entry | Refused] = []
    named = None
    for record in reversed(records):
        try:
            entry = verify_entry(origin, record, named)
        except Refused as refusal:
            named = None
            found.append(refusal)
        else:
            named = entry.previous
            found.append(entry)
    return found[::-1]


def verify_quoted(origins: Mapping[str, PublicIdentity], data: bytes) -> Entry:
    """The entry that stands in another entry, if one of these regions signed it for its own log.

    Raises Malformed, Unauthentic or Misaddressed.
    """
    record = StreamEntry("that is quoted", data)
    body = _unpacked(record, _envelope(record)[1])
    origin = body.get("origin") if type(body) is dict else None
    if type(origin) is not str or origin not in origins:
        raise Unauthentic("an entry is quoted that is of no region of this cluster")
    return _verified(origins[origin], record)


def _verified(origin: PublicIdentity, record: StreamEntry, named: bytes | None = None) -> Entry:
    digest = hashlib.sha256(record.data).digest()
    body, signature = _body(record)
    if digest != named:
        _verify_signature(origin, record, body, signature)
    entry = _entry(origin, record, digest, body)
    if digest == named and isinstance(entry.payload, PromotionVoted):  # others see it by itself
        _verify_signature(origin, record, body, signature)
    return entry


def _entry(origin: PublicIdentity, record: StreamEntry, digest: bytes, packed: bytes) -> Entry:
    body = _unpacked(record, packed)
    if type(body) is not dict:
        raise Malformed(f"entry {record.id} has no fields")
    try:
        entry = Entry(
            origin=_of(str, body["origin"]),
            log_id=_sized(body["log_id"], LOG_ID_BYTES),
            sequence=_of(int, body["sequence"]),
            previous=_sized(body["previous"], DIGEST_BYTES),
            time=_of(float, body["time"]),
            payload=unpack_payload(_of(str, body["kind"]), _of(dict, body["payload"])),
            digest=digest,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"entry {record.id}: a field is missing or wrong") from error
    if entry.origin != origin.region:
        raise Misaddressed(f"entry {record.id} belongs to the log of {entry.origin}")
    return entry


def follow(cursor: Cursor, entry: Entry) -> None:
    """Check that a verified entry is the very next one after the cursor.

    Raises LogReplaced, Duplicate, Gap or BrokenChain.
    """
    if entry.log_id != cursor.log_id:
        raise LogReplaced(f"entry {entry.sequence} is of another log of {entry.origin}")
    expected = cursor.sequence + 1
    if entry.sequence < expected:
        raise Duplicate(f"entry {entry.sequence} again, where {expected} was expected")
    if entry.sequence > expected:
        raise Gap(f"entry {entry.sequence}, where {expected} was expected")
    if entry.previous != cursor.digest:
        raise BrokenChain(f"entry {entry.sequence} does not follow the entry that was applied")


def _body(record: StreamEntry) -> tuple[bytes, bytes]:
    """The packed body and its signature."""
    version, body, signature = _envelope(record)
    if version != ENTRY_VERSION:
        raise Malformed(f"entry {record.id} has version {version}; this node knows {ENTRY_VERSION}")
    return body, signature


def _verify_signature(
    origin: PublicIdentity, record: StreamEntry, body: bytes, signature: bytes
) -> None:
    try:
        origin.verify(SIGNATURE_PURPOSE, body, signature)
    except InvalidSignature as error:
        raise Unauthentic(f"entry {record.id} is not signed by {origin.region}") from error


def _envelope(record: StreamEntry) -> tuple[int, bytes, bytes]:
    if len(record.data) > ENTRY_MAX_BYTES:
        raise Malformed(f"entry {record.id} is larger than {ENTRY_MAX_BYTES} bytes")
    envelope = _unpacked(record, record.data)
    if type(envelope) is not list or [type(each) for each in envelope] != [int, bytes, bytes]:
        raise Malformed(f"entry {record.id} is not a log entry")
    if msgpack.packb(envelope) != record.data:  # else the digest could be changed unnoticed
        raise Malformed(f"entry {record.id} is not written in the one way there is")
    version, body, signature = envelope
    return version, body, signature


def _unpacked(record: StreamEntry, data: bytes) -> Any:
    try:
        return msgpack.unpackb(data)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise Malformed(f"entry {record.id} is not msgpack") from error


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value


def _sized(value: Any, size: int) -> bytes:
    if type(value) is not bytes or len(value) != size:
        raise ValueError
    return value
