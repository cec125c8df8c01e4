"""Calls that a crash interrupted: begun, and without a record.

A call that may change something is told of before it is performed. If the node dies before its
record is durable, the change may be in the store all the same; so the next start records the call
as interrupted, and no change is ever without a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from node.audit import lines as kinds
from node.audit.read_line import Line

MESSAGE: Final = "The node ended while it performed the call; whether it took effect is not known."


class _Named(msgspec.Struct):
    requestID: str = ""  # noqa: N815 - CloudTrail's name


def interrupted(lines: Sequence[Line], new_event_id: Callable[[], str]) -> Iterator[bytes]:
    """The records of the calls that were begun in these lines and have none."""
    begun: dict[str, bytes] = {}
    for line in lines:
        if line.kind == kinds.BEGUN:
            begun[_request_id(line)] = line.body
        elif line.kind == kinds.RECORD and begun:
            begun.pop(_request_id(line), None)
    for body in begun.values():
        record = msgspec.json.decode(body)
        record["errorCode"] = "KMSInternalException"
        record["errorMessage"] = MESSAGE
        record["eventID"] = new_event_id()
        yield msgspec.json.encode(record)


def _request_id(line: Line) -> str:
    return msgspec.json.decode(line.body, type=_Named).requestID
