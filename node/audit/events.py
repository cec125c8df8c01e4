"""What the service does by itself, as records of CloudTrail: derived from a key before and after.

An event is stored in the transaction of the change that it tells of, and written to the trail from
there: a crash between the two loses none (the outbox pattern, as for the log).

Source: KMS Developer Guide, "Logging AWS KMS API calls": RotateKey, DeleteKey,
DeleteExpiredKeyMaterial, SynchronizeMultiRegionKey, ReplicateKey, UpdatePrimaryRegion. PromoteKey,
StepDownKey and VoteForPrimary are Keyspan's own: KMS has no forced promotion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from node.audit.catalogue import KEYSPAN_SOURCE, KMS_SOURCE
from node.audit.event_ids import shared_event_id
from node.audit.identity import internal_identity
from node.audit.record import API_CALL, SERVICE_EVENT, Record, encoded, encoded_resources
from node.audit.times import iso_time
from node.model.arn import key_arn
from node.model.key import Key
from replication.asks import Vote

INTERNAL: Final = "AWS Internal"
BY_KMS: Final = "kms.amazonaws.com"


@dataclass(frozen=True, slots=True)
class InternalEvent:
    """An event about one key. `resource` is the key ARN that its record names, if not the key's;
    `request_id` that of the call in another region of which this is the second event.
    """

    name: str
    key: Key
    kind: str = SERVICE_EVENT
    source: str = KMS_SOURCE
    invoked_by: str = INTERNAL
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    details: dict[str, Any] | None = None
    resource: str | None = None
    request_id: str | None = None


def rotated(before: Key, after: Key) -> InternalEvent:
    """New material is current."""
    newest = after.materials.history[-1]
    kind = newest.rotation_type
    details = {
        "rotationType": "AUTOMATIC" if kind is None else kind.value,
        "keyOrigin": after.origin,
        "previousKeyMaterialId": before.materials.current,
        "currentKeyMaterialId": after.materials.current,
        "keyId": after.key_id,
    }
    return InternalEvent("RotateKey", after, details=details)


def deleted(key: Key) -> InternalEvent:
    """The pending window has ended."""
    return InternalEvent("DeleteKey", key, details={"keyId": key.key_id})


def material_expired(key: Key, material_id: str) -> InternalEvent:
    """Imported key material has expired and was deleted."""
    details = {"keyId": key.key_id, "keyMaterialId": material_id}
    return InternalEvent("DeleteExpiredKeyMaterial", key, details=details)


def replica_created(key: Key, request_id: str | None) -> InternalEvent:
    """ReplicateKey in the primary's region made this key here."""
    request = {
        "keySpec": key.key_spec,
        "keyUsage": key.key_usage,
        "origin": key.origin,
        "description": key.description,
        "multiRegion": True,
    }
    return InternalEvent(
        "CreateKey",
        key,
        API_CALL,
        invoked_by=BY_KMS,
        request=request,
        response=_answer(key),
        request_id=request_id,
    )


def shared_changed(
    before: Key, after: Key, told_by: str | None, request_id: str | None
) -> Iterator[InternalEvent]:
    """What a new version of shared properties means in this region.

    `told_by` is the region whose log told of it, of the call `request_id` there, if it was one;
    None for a change that was made here.
    """
    was, now = before.shared, after.shared
    if was is None or now is None or was == now:
        return
    here = after.region
    epochs = {"previousEpoch": was.version.epoch, "epoch": now.version.epoch}
    lead = {"previousPrimaryRegion": was.primary, "primaryRegion": now.primary, **epochs}
    if was.primary != here and now.primary == here:
        yield _now_leads(after, told_by, request_id, lead)
    elif was.primary == here and now.primary != here and told_by is not None:
        yield InternalEvent(
            "StepDownKey", after, source=KEYSPAN_SOURCE, details={"keyId": after.key_id, **lead}
        )
    elif told_by is not None and now.primary != here:
        yield _synchronized(after)
    current = was.materials.current
    if now.primary == here and current is not None and current != now.materials.current:
        yield rotated(before, after)


def _now_leads(
    key: Key, told_by: str | None, request_id: str | None, lead: dict[str, Any]
) -> InternalEvent:
    """By handover, told by the old primary's region; or by force, told by an operator here."""
    if told_by is None:
        details = {"keyId": key.key_id, **lead}
        return InternalEvent("PromoteKey", key, source=KEYSPAN_SOURCE, details=details)
    request = {"keyId": key.arn, "primaryRegion": key.region}
    return InternalEvent(
        "UpdatePrimaryRegion",
        key,
        API_CALL,
        invoked_by=BY_KMS,
        request=request,
        response=_answer(key),
        request_id=request_id,
    )


def _synchronized(key: Key) -> InternalEvent:
    """Its record names the primary key, and shows this region's."""
    primary = key.region if key.shared is None else key.shared.primary
    return InternalEvent(
        "SynchronizeMultiRegionKey",
        key,
        API_CALL,
        response=_answer(key),
        resource=key_arn(primary, key.account, key.key_id),
    )


def voted(key: Key, vote: Vote) -> InternalEvent:
    """This region voted for another one as the primary's, by force."""
    details = {"keyId": key.key_id, "primaryRegion": vote.candidate, "epoch": vote.epoch}
    return InternalEvent("VoteForPrimary", key, source=KEYSPAN_SOURCE, details=details)


def event_record(event: InternalEvent, event_id: str, now: float) -> bytes:
    """The record of an event, as JSON."""
    key = event.key
    return encoded(
        Record(
            user_identity=internal_identity(key.account, event.invoked_by),
            event_time=iso_time(now),
            event_source=event.source,
            event_name=event.name,
            aws_region=key.region,
            source_address=event.invoked_by,
            user_agent=event.invoked_by,
            request_parameters=event.request,
            response_elements=event.response,
            service_event_details=msgspec.UNSET if event.details is None else event.details,
            request_id=msgspec.UNSET if event.request_id is None else event.request_id,
            event_id=event_id,
            shared_event_id=shared_event_id(event.request_id),
            read_only=False,
            resources=msgspec.Raw(encoded_resources([event.resource or key.arn])),
            event_type=event.kind,
            recipient_account_id=key.account,
        )
    )


def _answer(key: Key) -> dict[str, Any]:
    return {"keyId": key.arn}
