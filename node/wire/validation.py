"""Why a body was refused, in KMS's words.

Two kinds: what is not JSON or has a member of the wrong type is SerializationException; what is
well-formed and breaks constraints of the model is ValidationException, all failures in one message:

    2 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must
    have length greater than or equal to 1; Value null at 'tags.1.member.tagValue' failed to …

Members are named in camelCase with their path, list elements from 1. The value of a sensitive
blob is left out; another blob is shown as the Java object that KMS holds it in.

Source: recorded KMS answers; Smithy, "Constraint traits".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import Enum
from typing import Any

import msgspec

from node.model import errors
from node.wire.constraints import NOT_NULL, constraints_of
from node.wire.schema import ListOf, MapOf, Scalar, Schema, Structure
from node.wire.typed import typed


def refusal(structure: Structure, body: bytes) -> errors.Serialization | errors.Validation:
    """The error for a `body` that does not decode as `structure`."""
    try:
        request = typed(structure, msgspec.json.decode(body.decode()))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return errors.Serialization()
    except errors.Serialization as mismatch:
        return mismatch
    refused = None if request is None else unsatisfied(structure, request)
    return errors.Serialization() if refused is None else refused


class Order(Enum):
    """In which order the constraints of one value are told."""

    LENGTH_FIRST = "KMS"
    PATTERN_FIRST = "STS"


def unsatisfied(
    structure: Structure, request: Any, order: Order = Order.LENGTH_FIRST
) -> errors.Validation | None:
    """The error for a typed request that does not satisfy its constraints; None if it does."""
    failures = list(_failures(structure, request, "", order))
    if not failures:
        return None
    noun = "error" if len(failures) == 1 else "errors"
    return errors.Validation(f"{len(failures)} validation {noun} detected: {'; '.join(failures)}")


def _failures(schema: Schema, value: Any, path: str, order: Order) -> Iterator[str]:
    """One text for each constraint that `value`, which is not None, does not satisfy."""
    sensitive = isinstance(schema, Scalar) and schema.limits.sensitive
    constraints = constraints_of(schema)
    if order is Order.PATTERN_FIRST:
        constraints.sort(key=lambda constraint: not constraint.of_pattern)
    for constraint in constraints:
        if not constraint.holds(value):
            yield _failure(None if sensitive else value, path, constraint.sentence)
    match schema:
        case Structure(members):
            for each in members:
                inner = f"{path}.{each.camel_name}" if path else each.camel_name
                yield from _member_failures(
                    each.schema, value[each.name], inner, order, required=each.required
                )
        case ListOf(item):
            yield from _element_failures(item, value, path, order)
        case MapOf(item):
            yield from _joint_failures(item, value.values(), value, path, "Map value")


def _member_failures(
    schema: Schema, value: Any, path: str, order: Order, *, required: bool
) -> Iterator[str]:
    if value is not None:
        yield from _failures(schema, value, path, order)
    elif required:
        yield f"Value null at '{path}' failed to satisfy constraint: {NOT_NULL.sentence}"


def _element_failures(item: Schema, elements: list[Any], path: str, order: Order) -> Iterator[str]:
    """Structures in a list fail each for itself, scalars as one."""
    if isinstance(item, Scalar):
        yield from _joint_failures(item, elements, elements, path, "Member")
        return
    for number, element in enumerate(elements, start=1):
        inner = f"{path}.{number}.member"
        yield from _member_failures(item, element, inner, order, required=True)


def _joint_failures(
    item: Schema, elements: Collection[Any], whole: Any, path: str, subject: str
) -> Iterator[str]:
    """If any element breaks a constraint, one text with all constraints of `item`."""
    constraints = constraints_of(item)
    if None in elements:
        constraints.append(NOT_NULL)
    elif all(each.holds(element) for element in elements for each in constraints):
        return
    sentences = ", ".join(each.sentence for each in constraints)
    yield _failure(whole, path, f"{subject} must satisfy constraint: [{sentences}]")


def _failure(value: Any, path: str, sentence: str) -> str:
    """The text of one failure; `value` is None where it must not be shown."""
    shown = "" if value is None else f" '{_shown(value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {sentence}"


def _shown(value: Any) -> str:
    """`value` as Java prints it."""
    match value:
        case None:
            return "null"
        case bytes():
            return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
        case list():
            return f"[{', '.join(map(_shown, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}={_shown(each)}' for key, each in value.items())}}}"
    return str(value)
