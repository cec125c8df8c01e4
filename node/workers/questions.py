"""What worker processes and their leader ask each other: the kinds, and the shapes of the bodies.

Of the leader:  CALL      a request that a worker does not answer by itself → the response
                ANNOUNCE  a checkpoint of the worker's trail → nothing, once it is in the log
                HEAR      → for each peer, whether its log was applied to its end
                TARGET    the key of a predefined alias (ManagedAlias) → its ID, or nothing
                READY     the worker listens → nothing
Of a worker:    LAST_USE  a key ARN → when it was last used (KeyUse)
                USAGE     which totals (Totals) → how keys were used (Page)
                REPORT    → how the worker is
"""

from __future__ import annotations

from typing import Final

import msgspec

from node.audit.lines import Checkpoint
from node.audit.status import SinkStatus
from node.audit.usage import KeyUse, Page, Which
from node.wire.messages import WireRequest, WireResponse

CALL: Final = "call"
ANNOUNCE: Final = "announce"
HEAR: Final = "hear"
TARGET: Final = "target"
READY: Final = "ready"
LAST_USE: Final = "last use"
USAGE: Final = "usage"
REPORT: Final = "report"


class ManagedAlias(msgspec.Struct, frozen=True):
    """The alias of an AWS managed key in an account."""

    account: str
    name: str


class Totals(msgspec.Struct, frozen=True):
    """The first totals behind `after`, and no more than `most`."""

    after: Which
    most: int


class Report(msgspec.Struct, frozen=True):
    """How a worker is: its trail, and what it turned away before it was a call, by reason."""

    audit: SinkStatus
    turned_away: dict[str, int]


encode: Final = msgspec.msgpack.Encoder().encode
checkpoint_of: Final = msgspec.msgpack.Decoder(Checkpoint).decode
heard_of: Final = msgspec.msgpack.Decoder(list[bool]).decode
alias_of: Final = msgspec.msgpack.Decoder(ManagedAlias).decode
target_of: Final = msgspec.msgpack.Decoder(str | None).decode
last_use_of: Final = msgspec.msgpack.Decoder(KeyUse).decode
totals_of: Final = msgspec.msgpack.Decoder(Totals).decode
page_of: Final = msgspec.msgpack.Decoder(Page).decode
report_of: Final = msgspec.msgpack.Decoder(Report).decode
_request: Final = msgspec.msgpack.Decoder(tuple[str, str, str, dict[str, str], bytes, str]).decode
_response: Final = msgspec.msgpack.Decoder(tuple[int, dict[str, str], bytes]).decode


def asking(request: WireRequest) -> bytes:
    """The body of CALL."""
    return encode(
        (
            request.method,
            request.path,
            request.query,
            request.headers,
            request.body,
            request.source_address,
        )
    )


def request_of(body: bytes) -> WireRequest:
    """The request that `asking` made a body of."""
    return WireRequest(*_request(body))


def answering(response: WireResponse) -> bytes:
    """The body of the answer to CALL."""
    return encode((response.status, response.headers, response.body))


def response_of(body: bytes) -> WireResponse:
    """The response that `answering` made a body of."""
    return WireResponse(*_response(body))
