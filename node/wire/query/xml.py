"""From typed answers to XML, and the frame that every answer has. XML is written here, never read.

Source: Smithy, "AWS query protocol", responses; XML 1.0, section 2.2 for characters.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final
from xml.sax.saxutils import escape

import msgspec

from node.wire.schema import ListOf, MapOf, Scalar, ScalarKind, Schema, Structure, structure_of

# XML 1.0 has no way to write these; ours is a question mark, as for headers that are not UTF-8
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Encoder:
    """Writes the answers of one operation."""

    def __init__(self, action: str, namespace: str) -> None:
        self._action = action
        self._namespace = namespace

    def encode(self, output: msgspec.Struct | None, request_id: str) -> bytes:
        """The answer; without an output it has no result."""
        result = ""
        if output is not None:
            members = _members(structure_of(type(output)), output)
            result = _element(f"{self._action}Result", members)
        return (
            f'<{self._action}Response xmlns="{self._namespace}">{result}<ResponseMetadata>'
            f"{_element('RequestId', request_id)}</ResponseMetadata></{self._action}Response>\n"
        ).encode()


def error_body(code: str, message: str, *, sender: bool, namespace: str, request_id: str) -> bytes:
    """The answer that says an error. `sender`: whether whoever asked is at fault."""
    kind = "Sender" if sender else "Receiver"
    told = _element("Message", text(message)) if message else ""
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type>{_element("Code", code)}'
        f"{told}</Error>{_element('RequestId', request_id)}</ErrorResponse>\n"
    ).encode()


def text(value: str) -> str:
    """A text as the content of an element."""
    return escape(_UNWRITABLE.sub("?", value), {"\r": "&#13;"})


def _members(structure: Structure, value: Any) -> str:
    held = ((each, getattr(value, each.attribute)) for each in structure.members)
    return "".join(
        _element(each.name, _content(each.schema, member))
        for each, member in held
        if member is not None
    )


def _content(schema: Schema, value: Any) -> str:
    match schema:
        case Structure():
            return _members(schema, value)
        case ListOf(item):
            return "".join(_element("member", _content(item, each)) for each in value)
        case MapOf(item):
            return "".join(
                _element(
                    "entry", _element("key", text(key)) + _element("value", _content(item, each))
                )
                for key, each in value.items()
            )
        case Scalar(kind):
            return _WRITERS[kind](value)


def _time(value: float) -> str:
    return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else f"<{name}/>"


_WRITERS: Final[Mapping[ScalarKind, Callable[[Any], str]]] = MappingProxyType(
    {
        "string": text,
        "integer": str,
        "timestamp": _time,
        "boolean": lambda value: "true" if value else "false",
        "blob": lambda value: base64.b64encode(value).decode(),
    }
)
