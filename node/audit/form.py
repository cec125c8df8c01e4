"""What the records of many calls have in common, encoded once: the rest is put into its gaps.

A form is the JSON of a whole Record with gaps in it, so that nothing but Record (record.py) says
how a record looks. The gaps are zero bytes, which no JSON has (RFC 8259, section 7).
"""

from __future__ import annotations

from typing import Final

import msgspec

from node.audit.record import Record, encode
from node.model.principal import Principal

_GAP_BYTE: Final = b"\0"
_GAP: Final = msgspec.Raw(_GAP_BYTE)


class Form:
    """The records of one operation that this principal calls from one place."""

    __slots__ = ("_pieces", "principal")

    def __init__(self, record: Record, principal: Principal) -> None:
        """`record` is one of them. UnicodeEncodeError if JSON cannot hold it."""
        materials = record.additional_event_data is not msgspec.UNSET
        parts = encode(
            msgspec.structs.replace(
                record,
                event_time=_GAP,
                request_parameters=_GAP,
                additional_event_data=_GAP if materials else msgspec.UNSET,
                request_id=_GAP,
                event_id=_GAP,
                resources=_GAP,
            )
        ).split(_GAP_BYTE)
        self.principal = principal
        self._pieces = [_GAP_BYTE] * (2 * len(parts) - 1)
        self._pieces[::2] = parts

    def filled(self, *values: bytes) -> bytes:
        """The record with these values, each in JSON, in the order that a record has them: time,
        request parameters, key materials if the first record had any, request ID, event ID,
        resources.
        """
        pieces = self._pieces.copy()
        pieces[1::2] = values
        return b"".join(pieces)


def text(value: str) -> bytes:
    """A text of ours in JSON: an ID or a time, in which nothing has to be escaped."""
    return f'"{value}"'.encode()
