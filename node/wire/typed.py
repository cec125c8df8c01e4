"""Whether every value of a JSON document is of its member's type, in KMS's words where not.

Source: recorded AWS answers ("STRING_VALUE can not be converted to an Integer").
"""

from __future__ import annotations

from typing import Any

import msgspec

from node.model import errors
from node.wire.schema import ListOf, MapOf, Scalar, ScalarKind, Schema, Structure

_NAMES: dict[ScalarKind, str] = {
    "string": "a String",
    "integer": "an Integer",
    "timestamp": "a Timestamp",
    "boolean": "a Boolean",
    "blob": "a Blob",
}
_JSON_TYPES: dict[ScalarKind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "timestamp": (int, float),
    "boolean": (bool,),
    "blob": (str,),
}


def typed(schema: Schema, value: Any) -> Any:
    """`value` with its blobs decoded and without unknown members; null stays None.

    Raises Serialization at the first value that is not of its type.
    """
    match schema, value:
        case _, None:
            return None
        case Structure(members), dict():
            return {each.name: typed(each.schema, value.get(each.name)) for each in members}
        case ListOf(item), list():
            return [typed(item, element) for element in value]
        case MapOf(item), dict():
            return {key: typed(item, element) for key, element in value.items()}
        case Scalar(kind), _ if type(value) in _JSON_TYPES[kind]:  # exactly: True is no integer
            return _blob(value) if kind == "blob" else value
    raise errors.Serialization(_mismatch(schema, value))


def _blob(value: str) -> bytes:
    try:
        return msgspec.convert(value, bytes)
    except msgspec.ValidationError:
        pass  # told outside, as in decoding.py
    raise errors.Serialization("Blob is not encoded in base64")


def _mismatch(schema: Schema, value: Any) -> str:
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    if isinstance(value, list):
        return "Start of list found where not expected"
    if not isinstance(schema, Scalar):
        return "Unexpected field type"
    return f"{_token(value)} can not be converted to {_NAMES[schema.kind]}"


def _token(value: str | float | bool) -> str:
    """What KMS's JSON parser calls a scalar."""
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
