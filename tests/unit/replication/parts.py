"""What the unit tests of replication are made of: regions, keys, shared states, entries."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from crypto.identity import RegionIdentity
from crypto.material import KeyMaterial
from replication.deletion import Deletion
from replication.entries import Entry, StreamEntry, sign_entry, verify_entry
from replication.local import Local
from replication.materials import Materials, Rotated
from replication.payloads import Offer, Payload, RelatedKeysChanged
from replication.position import LogHead, Position, Version
from replication.shared import SharedState

US, EU, AP, SA = "us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1"
KEY_ID = "mrk-1f3c5a7e9b2d4c6f8091a2b3c4d5e6f7"
OTHER_KEY_ID = "mrk-00000000000000000000000000000001"
ACCOUNT = "111122223333"
NOW = 1_700_000_000.0
LOG_ID = b"log of 16 bytes."
OTHER_LOG_ID = b"another log's ID"  # an earlier one
LATER_LOG_ID = b"then a later log"


@cache
def identity(region: str) -> RegionIdentity:
    """The same identity in every test: making one is slow."""
    return RegionIdentity.generate(region, Random(f"unit {region}").randbytes)


@cache
def material(number: int = 0, key_id: str = KEY_ID) -> KeyMaterial:
    """One of the key's materials."""
    return KeyMaterial.generate(key_id, Random(f"material {number}").randbytes)


def history(*numbers: int) -> Materials:
    """Materials of which the last is current."""
    rotated = tuple(Rotated(material(each).material_id) for each in numbers)
    return Materials(rotated, rotated[-1].material_id)


def shared(
    primary: str = US,
    *replicas: str,
    revision: int = 1,
    epoch: int = 1,
    materials: Materials | None = None,
    key_id: str = KEY_ID,
) -> SharedState:
    """The shared state of a set of related keys."""
    return SharedState(
        account=ACCOUNT,
        key_id=key_id,
        key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        version=Version(epoch, revision),
        primary=primary,
        replicas=replicas,
        materials=materials or history(0),
    )


def offer(
    region: str,
    *numbers: int,
    as_of: Position | None = None,
    anew: bool = True,
) -> Offer:
    """An offer whose seal nobody opens: the rules look at its names alone."""
    ids = tuple(material(each).material_id for each in numbers or (0,))
    return Offer(region, as_of or Position(LOG_ID, 100), anew, ids, b"sealed")


def changed(state: SharedState, *offers: Offer) -> RelatedKeysChanged:
    """The payload that tells of a state."""
    return RelatedKeysChanged(state, offers)


def deletion(sequence: int, epoch: int = 1, primary: str = US) -> Deletion:
    """That a region deleted its key, as the entry of its log with this number says."""
    return Deletion(Position(LOG_ID, sequence), epoch, primary)


def local(region: str, state: SharedState | None = None, **changes: Any) -> Local:
    """What a region knows of the key: by default it holds what `state` needs, or nothing."""
    fields: dict[str, Any] = {
        "region": region,
        "log_id": LOG_ID,
        "shared": state,
        "held": frozenset() if state is None else state.materials.needed,
        "deletion": None,
        "acknowledged": 0,
    }
    return Local(**fields | changes)


def signed(
    payload: Payload, origin: str = US, head: LogHead | None = None, now: float = NOW
) -> tuple[StreamEntry, LogHead]:
    """The entry that follows `head` in a region's log."""
    return sign_entry(identity(origin), head or LogHead.begin(origin, LOG_ID), payload, now)


def verified(payload: Payload, origin: str = US, head: LogHead | None = None) -> Entry:
    """That entry, as a reader has it."""
    record, _ = signed(payload, origin, head)
    return verify_entry(identity(origin).public, record)
