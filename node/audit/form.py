"""What the records of many calls have in common, encoded once: the rest is put into its gaps.

A form is the JSON of a whole Record with gaps in it, so that nothing but Record (record.py) says
how a record looks. The gaps are zero bytes, which no JSON has (RFC 8259, section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from node.audit.parameters import Shown
from node.audit.record import Record, encode
from node.model.principal import Principal
from node.wire.messages import Heard

_GAP: Final = msgspec.Raw(b"\0")
_TEXT_GAP: Final = msgspec.Raw(b'"\0"')  # of a text of ours, in which nothing is to be escaped
_OF_EACH: Final[Mapping[str, msgspec.Raw]] = {
    "event_time": _TEXT_GAP,
    "request_parameters": _GAP,
    "request_id": _TEXT_GAP,
    "event_id": _TEXT_GAP,
    "resources": _GAP,
}


class Form:
    """The records of one operation that succeeds, called by this principal from one place."""

    __slots__ = ("_defaults", "_material", "_pieces", "_shown", "principal")

    def __init__(
        self,
        record: Record,
        principal: Principal,
        shown: Shown,
        defaults: Mapping[str, Any],
        material: tuple[str, str] | None,
    ) -> None:
        """`record` is one of them; `shown` shows the members of its request, beside the `defaults`.
        `material` is the member of the response that names a key material, and that material's name
        in a record. UnicodeEncodeError if JSON cannot hold the record.
        """
        self.principal = principal
        self._shown = shown
        self._defaults = dict(defaults)
        self._material = None if material is None else material[0]
        data = msgspec.UNSET if material is None else {material[1]: _TEXT_GAP}
        json = encode(msgspec.structs.replace(record, additional_event_data=data, **_OF_EACH))
        parts = json.decode().split("\0")
        self._pieces = [""] * (2 * len(parts) - 1)
        self._pieces[::2] = parts

    def filled(self, heard: Heard, time: str, event_id: str, resources: str) -> bytes | None:
        """The record of a call; None if it is to be made by itself, as what is expected of the
        response is not there. UnicodeEncodeError if JSON cannot hold what was asked.
        """
        pieces = self._pieces.copy()
        asked = encode({**self._defaults, **self._shown(heard.asked)}).decode()
        if self._material is None:
            pieces[1::2] = (time, asked, heard.request_id, event_id, resources)
            return "".join(pieces).encode()
        material = getattr(heard.output, self._material)
        if material is None:
            return None
        pieces[1::2] = (time, asked, material, heard.request_id, event_id, resources)
        return "".join(pieces).encode()
