"""Reading a batch of another region's log: from bytes that nobody trusts to entries ready to apply.

Pure, and without the event loop: signatures and HPKE take 100 to 300 µs an entry, so the subscriber
runs this in a thread. It stops at the first entry that is refused and returns what came before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.identity import PublicIdentity, RegionIdentity
from replication.apply_logs import advance
from replication.entries import Entry, StreamEntry, follow, verify_entries
from replication.errors import Refused
from replication.facts import Fact, heard
from replication.offers import OpenedOffer, Subject, open_offer
from replication.payloads import (
    FactsTold,
    MaterialsContributed,
    Payload,
    PromotionVoted,
    RelatedKeysChanged,
    offer_to,
)
from replication.position import Cursor, CursorState
from replication.resync import answers, asks, jump


@dataclass(frozen=True, slots=True)
class Readied:
    """A verified entry, with the cursor after it, and what is sealed to this region opened: an
    offer, or the secrets of facts. `vote` are the bytes of an entry that is a vote."""

    entry: Entry
    cursor: Cursor
    offer: OpenedOffer | None
    facts: tuple[Fact, ...] = ()
    vote: bytes = b""


@dataclass(frozen=True, slots=True)
class Batch:
    """What could be read: entries in order, and the refusal that ended them, if any."""

    readied: tuple[Readied, ...]
    refusal: Refused | None


def read_batch(
    identity: RegionIdentity, origin: PublicIdentity, cursor: Cursor, records: Sequence[StreamEntry]
) -> Batch:
    """The records that follow `cursor`, verified, chained and opened.

    A cursor that waits for the answer to its resync request passes over everything before it but
    the origin's own requests: two regions that are both new must hear each other.
    """
    readied: list[Readied] = []
    for record, found in zip(records, verify_entries(origin, records), strict=True):
        resyncing = cursor.state is CursorState.RESYNCING
        try:
            entry = _accepted(found)
            if resyncing and not _heard(identity.region, cursor, entry):
                continue
            cursor = _moved(identity.region, cursor, entry)
            readied.append(_readied(identity, entry, cursor, record.data))
        except Refused as refusal:
            if not resyncing:
                return Batch(tuple(readied), refusal)
    return Batch(tuple(readied), None)


def _accepted(found: Entry | Refused) -> Entry:
    if isinstance(found, Refused):
        raise found
    return found


def _heard(region: str, cursor: Cursor, entry: Entry) -> bool:
    return asks(entry, region) or answers(cursor, entry, region)


def _moved(region: str, cursor: Cursor, entry: Entry) -> Cursor:
    if answers(cursor, entry, region):
        return jump(cursor, entry)
    if cursor.state is CursorState.RESYNCING:
        return cursor
    follow(cursor, entry)
    return advance(cursor, entry, region)


def _readied(identity: RegionIdentity, entry: Entry, cursor: Cursor, data: bytes) -> Readied:
    payload = entry.payload
    if isinstance(payload, PromotionVoted):
        return Readied(entry, cursor, None, vote=data)
    if isinstance(payload, FactsTold):
        return Readied(entry, cursor, None, heard(identity, entry.origin, payload))
    return Readied(entry, cursor, _opened(identity, entry))


def _opened(identity: RegionIdentity, entry: Entry) -> OpenedOffer | None:
    offer = offer_to(entry.payload, identity.region)
    subject = _subject(entry.payload)
    if offer is None or subject is None:
        return None
    return open_offer(identity, entry.origin, subject, offer)


def _subject(payload: Payload) -> Subject | None:
    match payload:
        case RelatedKeysChanged(shared):
            return Subject.of(shared)
        case MaterialsContributed(account, key_id, epoch):
            return Subject(account, key_id, epoch)
        case _:
            return None
