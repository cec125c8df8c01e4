"""From a form to the typed values of a shape, as botocore's QuerySerializer writes them.

`Tags.member.1.Key=a` is the first element's member; of a name that comes twice, the first counts;
what the shape has not is left alone. An empty value where a list is expected is the empty list.

Source: Smithy, "AWS query protocol"; recorded answers of STS and other services for the sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec

from node.model import errors
from node.wire.schema import ListOf, MapOf, Scalar, ScalarKind, Schema, Structure

Node: TypeAlias = "str | dict[str, Node]"

DEPTH_MOST: Final = 16  # parts of a name; no shape is as deep
_MEMBER: Final = "member"
_ENTRY: Final = "entry"
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_INDEX: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_INTEGER_LEAST: Final = -(2**31)
_INTEGER_MOST: Final = 2**31 - 1
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_MISSING: Final[dict[ScalarKind, str]] = {
    "boolean": "missing value for boolean type",
    "integer": "missing value for decimal type",
    "timestamp": "missing value for timestamp type",
}


def tree(pairs: Iterable[tuple[str, str]]) -> dict[str, Node]:
    """The parameters by the parts of their names. What has a value has no parts beside it."""
    root: dict[str, Node] = {}
    for name, value in pairs:
        parts = name.split(".", DEPTH_MOST)
        if len(parts) > DEPTH_MOST:
            continue
        place = root
        for part in parts[:-1]:
            inner = place.setdefault(part, {})
            if isinstance(inner, str):
                break
            place = inner
        else:
            place.setdefault(parts[-1], value)
    return root


def values(schema: Schema, node: Node | None) -> Any:
    """The value that a part of the form has for `schema`; None where there is none.

    Raises Serialization where it is of another type.
    """
    if node is None:
        return None
    match schema:
        case Structure(members):
            if isinstance(node, str):
                if node:
                    raise errors.Serialization("Unexpected field type")
                node = {}
            return {each.name: values(each.schema, node.get(each.name)) for each in members}
        case ListOf(item):
            return [values(item, each) for each in _elements(node, _MEMBER)]
        case MapOf(item):
            return _map(item, node)
        case Scalar(kind):
            return _scalar(kind, node)


def _elements(node: Node, wrapper: str) -> list[Node]:
    """The elements of a list in the order of their numbers."""
    if isinstance(node, str):
        if node:
            raise errors.Serialization("Unexpected field type")
        return []
    numbered = node.get(wrapper, {})
    if isinstance(numbered, str) or not all(map(_INDEX.fullmatch, numbered)):
        raise errors.Serialization("Unexpected list element termination")
    return [numbered[number] for number in sorted(numbered, key=int)]


def _map(item: Schema, node: Node) -> dict[str, Any]:
    found = {}
    for entry in _elements(node, _ENTRY):
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(key, str) or not isinstance(entry, dict):
            raise errors.Serialization("Unexpected field type")
        found[key] = values(item, entry.get("value"))
    return found


def _scalar(kind: ScalarKind, node: Node) -> Any:
    if not isinstance(node, str):
        listed = _MEMBER in node
        raise errors.Serialization(
            "Start of list found where not expected"
            if listed
            else "Start of structure or map found where not expected."
        )
    if kind in _MISSING and not node:
        raise errors.Serialization(_MISSING[kind])
    return _READERS[kind](node)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise errors.Serialization("boolean must follow xsd1.1 definition")
    return _BOOLEANS[text]


def _integer(text: str) -> int:
    """Of 32 bits, as the models' integers are; AWS says nothing about what is none."""
    if _INTEGER.fullmatch(text) is None or len(text) > 64:
        raise errors.Serialization
    number = int(text)
    if not _INTEGER_LEAST <= number <= _INTEGER_MOST:
        raise errors.Serialization
    return number


def _timestamp(text: str) -> float:
    """Epoch seconds of a time in ISO 8601; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        raise errors.Serialization("timestamp must follow ISO8601") from None


def _blob(text: str) -> bytes:
    try:
        return msgspec.convert(text, bytes)
    except msgspec.ValidationError:
        pass  # told outside, so that the refusal carries no exception that quotes the value
    raise errors.Serialization("Blob is not encoded in base64")


_READERS: Final[Mapping[ScalarKind, Callable[[str], Any]]] = MappingProxyType(
    {
        "string": str,
        "integer": _integer,
        "timestamp": _timestamp,
        "boolean": _boolean,
        "blob": _blob,
    }
)
