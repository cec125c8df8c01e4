"""From a request body to its shape: fast when it is right, exact when it is wrong.

msgspec decodes and checks the limits in C. Only when that fails is the body read a second time, to
tell which of KMS's two refusals it is and to name everything that is wrong (validation.py).
"""

from __future__ import annotations

from typing import Any

import msgspec

from node.wire.messages import WireRequest
from node.wire.schema import structure_of
from node.wire.validation import refusal


class Decoder:
    """Decodes the bodies of one operation."""

    def __init__(self, shape: type[msgspec.Struct]) -> None:
        self._decode = msgspec.json.Decoder(shape).decode
        self._shape = shape

    def read(self, request: WireRequest) -> Any:
        """What a request asks. Raises Serialization or Validation."""
        return self.decode(request.body)

    def decode(self, body: bytes) -> Any:
        """The request in `body`; an empty body is `{}`. Raises Serialization or Validation."""
        try:
            if not body.isascii():
                body.decode()  # msgspec does not look into members it skips
            return self._decode(body or b"{}")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass  # told outside, so that the refusal carries no exception that quotes the body
        raise refusal(structure_of(self._shape), body or b"{}")
