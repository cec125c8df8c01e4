"""LookupEvents: CloudTrail's own search, over this region's audit trail.

A caller finds the records of the own account. A page ends at MaxResults; its token names the line
that the next page goes on before, and the request that it belongs to.

Source: CloudTrail API Reference, LookupEvents.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import msgspec

from node.audit.criteria import ATTRIBUTES, by_account, name_of, together, username
from node.audit.search import Found, Wanted, newest_first
from node.audit.times import epoch_seconds
from node.model import errors
from node.wire.messages import Call
from node.wire.shapes.cloudtrail import (
    Event,
    LookupEventsRequest,
    LookupEventsResponse,
    Resource,
)

ACTION: Final = "cloudtrail:LookupEvents"
RESULTS_MOST: Final = 50
_DIGEST_BYTES: Final = 8


class Access(Protocol):
    """Who may do what in the own account (node.access.authorise.Authoriser)."""

    async def on_account(self, call: Call, action: str, request: object) -> object: ...


class Lookup:
    """The event history of one region. `files` gives the trail's files, oldest first."""

    def __init__(self, access: Access, files: Callable[[], Sequence[Path]]) -> None:
        self._access = access
        self._files = files

    async def lookup_events(self, call: Call, request: LookupEventsRequest) -> LookupEventsResponse:
        """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""
        await self._access.on_account(call, ACTION, request)
        if request.event_category is not None:  # there are no Insights events
            return LookupEventsResponse(events=[])
        wanted = _wanted(call, request)
        before = _opened_token(request)
        size = request.max_results or RESULTS_MOST
        files = self._files()
        found = await asyncio.to_thread(
            lambda: list(islice(newest_first(files, wanted, before), size + 1))
        )
        page = found[:size]
        token = _token(request, page[-1].sequence) if len(found) > size else None
        return LookupEventsResponse(events=[_event(each) for each in page], next_token=token)


def _wanted(call: Call, request: LookupEventsRequest) -> Wanted:
    since, until = request.start_time, request.end_time
    if since is not None and until is not None and since > until:
        raise errors.InvalidTimeRange("StartTime must be before EndTime.")
    attributes = request.lookup_attributes or []
    if len(attributes) > 1:
        raise errors.InvalidLookupAttributes("Only one lookup attribute can be specified.")
    criteria = [ATTRIBUTES[each.attribute_key](each.attribute_value) for each in attributes]
    return together(by_account(call.principal.account), *criteria, since=since, until=until)


def _event(found: Found) -> Event:
    record = found.record
    touched = [
        Resource(resource_type=each["type"], resource_name=name_of(each["ARN"]))
        for each in record.get("resources", ())
    ]
    return Event(
        event_id=record["eventID"],
        event_name=record["eventName"],
        read_only="true" if record["readOnly"] else "false",
        access_key_id=record["userIdentity"].get("accessKeyId"),
        event_time=float(epoch_seconds(record["eventTime"])),
        event_source=record["eventSource"],
        username=username(record),
        resources=touched,
        cloud_trail_event=found.body.decode(),
    )


def _token(request: LookupEventsRequest, sequence: int) -> str:
    """Opaque to callers: the line of the page's last event, bound to the request."""
    return base64.urlsafe_b64encode(_bound(request) + sequence.to_bytes(8, "big")).decode()


def _opened_token(request: LookupEventsRequest) -> int | None:
    if request.next_token is None:
        return None
    try:
        data = base64.b64decode(request.next_token.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        data = b""
    if len(data) != _DIGEST_BYTES + 8 or data[:_DIGEST_BYTES] != _bound(request):
        raise errors.InvalidNextToken("Invalid token, the request is not the token's.")
    return int.from_bytes(data[_DIGEST_BYTES:], "big")


def _bound(request: LookupEventsRequest) -> bytes:
    """What a token and the requests that may use it have in common."""
    same = msgspec.structs.replace(request, next_token=None, max_results=None)
    return hashlib.sha256(msgspec.json.encode(same)).digest()[:_DIGEST_BYTES]
