"""LookupEvents: CloudTrail's own search, over this region's audit trail.

A caller finds the records of the own account, of all trails of the region (one for each worker
process) in one order. A page ends at MaxResults; its token names the line of each trail that the
next page goes on before, and the request that it belongs to.

Source: CloudTrail API Reference, LookupEvents.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import heapq
from collections.abc import Callable, Iterator, Sequence
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
_LINE_BYTES: Final = 8
_END: Final = 2**63  # before this line means from the end on


class Access(Protocol):
    """Who may do what in the own account (node.access.authorise.Authoriser)."""

    async def on_account(self, call: Call, action: str, request: object) -> object: ...


class Lookup:
    """The event history of one region. `trails` gives each trail's files, oldest first; a trail
    keeps its place among them.
    """

    def __init__(self, access: Access, trails: Callable[[], Sequence[Sequence[Path]]]) -> None:
        self._access = access
        self._trails = trails

    async def lookup_events(self, call: Call, request: LookupEventsRequest) -> LookupEventsResponse:
        """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""
        await self._access.on_account(call, ACTION, request)
        if request.event_category is not None:  # there are no Insights events
            return LookupEventsResponse(events=[])
        wanted = _wanted(call, request)
        trails = self._trails()
        before = _opened_token(request, len(trails))
        size = request.max_results or RESULTS_MOST
        found = await asyncio.to_thread(
            lambda: list(islice(_newest_of_all(trails, wanted, before), size + 1))
        )
        page = found[:size]
        for trail, each in page:
            before[trail] = each.sequence
        token = _token(request, before) if len(found) > size else None
        return LookupEventsResponse(events=[_event(each) for _, each in page], next_token=token)


def _newest_of_all(
    trails: Sequence[Sequence[Path]], wanted: Wanted, before: Sequence[int]
) -> Iterator[tuple[int, Found]]:
    """The records of all trails, each with the place of its trail, newest first."""
    return heapq.merge(
        *(
            _of_trail(number, newest_first(files, wanted, line))
            for number, (files, line) in enumerate(zip(trails, before, strict=True))
        ),
        key=lambda each: each[1].record["eventTime"],
        reverse=True,
    )


def _of_trail(number: int, found: Iterator[Found]) -> Iterator[tuple[int, Found]]:
    for each in found:
        yield number, each


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


def _token(request: LookupEventsRequest, before: Sequence[int]) -> str:
    """Opaque to callers: the line of each trail that was shown last, bound to the request."""
    lines = b"".join(line.to_bytes(_LINE_BYTES, "big") for line in before)
    return base64.urlsafe_b64encode(_bound(request) + lines).decode()


def _opened_token(request: LookupEventsRequest, trails: int) -> list[int]:
    """For each trail, the line before which to go on. One that was begun after the token was made
    has nothing that is older than its page.
    """
    if request.next_token is None:
        return [_END] * trails
    try:
        data = base64.b64decode(request.next_token.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        data = b""
    digest, lines = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    known, rest = divmod(len(lines), _LINE_BYTES)
    if rest or not 1 <= known <= trails or digest != _bound(request):
        raise errors.InvalidNextToken("Invalid token, the request is not the token's.")
    cut = (lines[each : each + _LINE_BYTES] for each in range(0, len(lines), _LINE_BYTES))
    return [int.from_bytes(each, "big") for each in cut] + [0] * (trails - known)


def _bound(request: LookupEventsRequest) -> bytes:
    """What a token and the requests that may use it have in common."""
    same = msgspec.structs.replace(request, next_token=None, max_results=None)
    return hashlib.sha256(msgspec.json.encode(same)).digest()[:_DIGEST_BYTES]
