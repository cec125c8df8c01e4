"""The constraints of the model, each with KMS's sentence for it.

Source: Smithy, "Constraint traits" (length, range, pattern, enum); recorded KMS answers for the
sentences and their order (most, least, pattern, enum).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from node.wire.patterns import in_python
from node.wire.schema import Limits, ListOf, MapOf, Scalar, Schema, Structure


class Constraint(NamedTuple):
    """A sentence, and whether a value satisfies it."""

    sentence: str
    holds: Callable[[Any], bool]
    of_pattern: bool = False


NOT_NULL = Constraint("Member must not be null", lambda value: value is not None)


def constraints_of(schema: Schema) -> list[Constraint]:
    """What a value of `schema` must satisfy by itself; its elements are another matter."""
    match schema:
        case Scalar("integer", limits):
            return list(_bounds(limits, "value", lambda value: int(value)))
        case Scalar(_, limits, enum):
            return [*_bounds(limits, "length", len), *_pattern(limits.pattern), *_enum(enum)]
        case ListOf(_, limits):
            return list(_bounds(limits, "length", len))
        case MapOf() | Structure():
            return []


def _bounds(limits: Limits, what: str, measure: Callable[[Any], int]) -> Iterator[Constraint]:
    least, most = limits.least, limits.most
    if most is not None:
        yield Constraint(
            f"Member must have {what} less than or equal to {most}",
            lambda value: measure(value) <= most,
        )
    if least is not None:
        yield Constraint(
            f"Member must have {what} greater than or equal to {least}",
            lambda value: measure(value) >= least,
        )


def _pattern(pattern: str | None) -> Iterator[Constraint]:
    if pattern is not None:
        yield Constraint(
            f"Member must satisfy regular expression pattern: {pattern}",
            re.compile(rf"{in_python(pattern)}\Z").match,  # type: ignore[arg-type]
            of_pattern=True,
        )


def _enum(values: tuple[str, ...]) -> Iterator[Constraint]:
    if values:
        yield Constraint(
            f"Member must satisfy enum value set: [{', '.join(values)}]",
            lambda value: value in values,
        )
