"""A shape as a value: what each member is and which limits it has.

Read off the annotations of a msgspec struct, once. Decoding itself does not need it (msgspec has
the same limits in C); the slow path does, which explains a refusal in KMS's words, and so does the
test that holds our shapes against the model.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

ScalarKind = Literal["string", "integer", "timestamp", "boolean", "blob"]

_EXTRA = frozenset({"pattern", "sensitive"})  # limits that msgspec itself has no word for
_SCALARS: dict[Any, ScalarKind] = {
    str: "string",
    int: "integer",
    float: "timestamp",
    bool: "boolean",
    bytes: "blob",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """`least` and `most` bound the length of a string, blob or list, or an integer's value."""

    least: int | None = None
    most: int | None = None
    pattern: str | None = None  # the whole value matches it
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    kind: ScalarKind
    limits: Limits
    enum: tuple[str, ...] = ()  # in the model's order


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Schema
    limits: Limits


@dataclass(frozen=True, slots=True)
class MapOf:
    """From strings to `item`."""

    item: Schema


@dataclass(frozen=True, slots=True)
class Structure:
    members: tuple[Member, ...]


Schema: TypeAlias = Scalar | ListOf | MapOf | Structure


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure."""

    name: str  # on the wire: "KeyId"
    required: bool
    schema: Schema
    attribute: str = field(default="", compare=False)  # of the struct: "key_id"

    @property
    def camel_name(self) -> str:
        """As KMS names it in its error texts: "keyId"."""
        return self.name[:1].lower() + self.name[1:]


@cache
def structure_of(shape: type[msgspec.Struct]) -> Structure:
    """The schema of a shape, read off when it is first asked for.

    Raises TypeError for an annotation that no shape needs.
    """
    hints = typing.get_type_hints(shape, include_extras=True)
    return Structure(
        tuple(
            Member(member.encode_name, member.required, _schema_of(hints[member.name]), member.name)
            for member in msgspec.structs.fields(shape)
        )
    )


def _schema_of(annotation: Any) -> Schema:
    plain, metas = _unwrapped(annotation)
    if plain in _SCALARS:
        return Scalar(_SCALARS[plain], _limits(metas))
    origin, arguments = get_origin(plain), get_args(plain)
    if origin is Literal:
        return Scalar("string", _limits(metas), arguments)
    if origin is list:
        return ListOf(_schema_of(arguments[0]), _limits(metas))
    if origin is dict:
        return MapOf(_schema_of(arguments[1]))
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return structure_of(plain)
    raise TypeError(f"no schema for {annotation!r}")


def _unwrapped(annotation: Any) -> tuple[Any, Iterable[msgspec.Meta]]:
    """The plain type below `… | None` and `Annotated[…]`, and what the latter says."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not types.NoneType)
    if get_origin(annotation) is Annotated:
        plain, *metas = get_args(annotation)
        return plain, metas
    return annotation, ()


def _limits(metas: Iterable[msgspec.Meta]) -> Limits:
    found: dict[str, Any] = {}
    for meta in metas:
        for name in _EXTRA & (meta.extra or {}).keys():
            found[name] = (meta.extra or {})[name]
        for name, bound in (
            ("least", meta.min_length),
            ("least", meta.ge),
            ("most", meta.max_length),
            ("most", meta.le),
        ):
            if bound is not None:
                found[name] = int(bound)
    return Limits(**found)
