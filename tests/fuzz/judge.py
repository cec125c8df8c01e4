"""What an answer may be: no fault, of the model's shape, with an error that is known."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.fuzz.transport import Response
from tests.wire.model import MODEL, known_errors

NOT_SERVED = "UnsupportedOperationException"
TOO_LARGE = (413, "RequestEntityTooLargeException")
REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TYPES: dict[str, tuple[type, ...]] = {
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "string": (str,),
    "timestamp": (int, float),
}


def objection(operation: str, response: Response) -> str | None:
    """What is wrong with an answer to a request that was good HTTP; None where nothing is."""
    if response.status == 0:
        return "the connection was closed without an answer"
    if not REQUEST_ID.fullmatch(response.headers.get("x-amzn-requestid", "")):
        return "no x-amzn-RequestId"
    try:
        answer = json.loads(response.body) if response.body else {}
    except ValueError:
        return "an answer that is not JSON"
    if response.status == 200:
        return misshapen(_output(operation), answer, "answer")
    error = answer.get("__type", "")
    if (response.status, error) == TOO_LARGE:
        return None
    if response.status != 400:
        return f"status {response.status}, {error}"
    if error not in known_errors(operation) and error != NOT_SERVED:
        return f"{error}, which clients of {operation} do not know"
    return None


def odd_objection(response: Response) -> str | None:
    """What is wrong with an answer to bad HTTP: only a fault of the node's own is."""
    return f"status {response.status}" if response.status >= 500 else None


def misshapen(shape: Shape | None, value: Any, path: str) -> str | None:
    """Where a value is not of the model's shape; None where it is."""
    if shape is None:
        return f"{path} is not empty" if value else None
    if isinstance(shape, StructureShape):
        return _misshapen_structure(shape, value, path)
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            return f"{path} is no list"
        found = (misshapen(shape.member, each, f"{path}[]") for each in value)
        return next(filter(None, found), None)
    if isinstance(shape, MapShape):
        return None if isinstance(value, dict) else f"{path} is no map"
    if type(value) not in TYPES[shape.type_name]:
        return f"{path} is no {shape.type_name}"
    enum = getattr(shape, "enum", ())
    return f"{path} is none of {enum}" if enum and value not in enum else None


def _misshapen_structure(shape: StructureShape, value: Any, path: str) -> str | None:
    if not isinstance(value, dict):
        return f"{path} is no structure"
    for name, each in value.items():
        if name not in shape.members:
            return f"{path} has {name}, which the model has not"
        found = misshapen(shape.members[name], each, f"{path}.{name}")
        if found is not None:
            return found
    missing = set(shape.required_members) - set(value)
    return f"{path} lacks {sorted(missing)}" if missing else None


@cache
def _output(operation: str) -> Shape | None:
    found: Shape | None = MODEL.operation_model(operation).output_shape
    return found
