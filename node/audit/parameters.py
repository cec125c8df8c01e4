"""What a record shows of a request or a response: never a blob, never what is secret.

Derived from the typed shapes, once for each: a member is shown if it is a text, a number, a truth
value, or made of such, and is neither a blob nor marked sensitive in the model. A shape that is not
known shows nothing. What is left out beside that is told in LEFT_OUT.

Source: KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import attrgetter
from typing import Any, Final

import msgspec

from node.audit.times import long_date
from node.wire.schema import ListOf, MapOf, Scalar, Schema, Structure, structure_of

LEFT_OUT: Final = frozenset(
    {
        "GrantToken",  # stands for its bearer in a request
        "GrantTokens",
        "KeyStorePassword",
        "Marker",
        "NextMarker",
        "NextToken",
        "RawSecretAccessKey",
        "SecretAccessKey",  # of IAM and STS, whose shapes are not in the model of KMS
        "SessionToken",
        "WebIdentityToken",
    }
)
"""Members that no record shows, wherever they stand."""

Shown = Callable[[Any], Any]


class Parameters:
    """Shows the members of shapes; keeps what it has learnt of each."""

    def __init__(self) -> None:
        self._known: dict[type, Shown] = {}

    def of(
        self, value: msgspec.Struct | None, only: Collection[str] | None = None
    ) -> dict[str, Any] | None:
        """The members of `value` as a record shows them, in lowerCamel; None for no value.

        `only` are those members (in lowerCamel) that may be shown, where not all may.
        """
        return None if value is None else self.shown(type(value), only)(value)

    def shown(self, kind: type, only: Collection[str] | None = None) -> Shown:
        """What shows the members of such values, as `of` does."""
        shown = self._known.get(kind)
        if shown is None:
            shown = self._known[kind] = _shape(kind)
        if only is None:
            return shown
        return lambda value: {name: held for name, held in shown(value).items() if name in only}


def _shape(kind: type[msgspec.Struct]) -> Shown:
    """How values of a shape are shown. A shape that schema.py cannot read shows nothing."""
    try:
        return _structure(structure_of(kind))
    except TypeError:
        return lambda value: {}


def _structure(structure: Structure) -> Shown:
    shown = [
        (member.attribute, member.camel_name, how)
        for member in structure.members
        if member.name not in LEFT_OUT and (how := _of_schema(member.schema)) is not None
    ]

    if len(shown) == 1:  # of which attrgetter gives no tuple
        [(attribute, name, how)] = shown
        return lambda value: _present(name, how, getattr(value, attribute))
    values = attrgetter(*(attribute for attribute, _, _ in shown)) if shown else _nothing
    names = [name for _, name, _ in shown]
    otherwise = [(name, how) for _, name, how in shown if how is not _itself]

    def show(value: Any) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for place, held in enumerate(values(value)):
            if held is not None:
                members[names[place]] = held
        for name, how in otherwise:
            if name in members:
                members[name] = how(members[name])
        return members

    return show


def _present(name: str, how: Shown, held: Any) -> dict[str, Any]:
    return {} if held is None else {name: how(held)}


def _nothing(value: Any) -> tuple[Any, ...]:
    return ()


def _of_schema(schema: Schema) -> Shown | None:
    """How a value is shown; None if it is not."""
    match schema:
        case Scalar(kind, limits):
            if kind == "blob" or limits.sensitive:
                return None
            return long_date if kind == "timestamp" else _itself
        case ListOf(item, limits):
            shown = None if limits.sensitive else _of_schema(item)
            return None if shown is None else _list(shown)
        case MapOf(item):
            return _itself if _of_schema(item) is _itself else None
        case Structure():
            return _structure(schema)


def _itself(value: Any) -> Any:
    return value


def _list(shown: Shown) -> Shown:
    return _itself if shown is _itself else lambda values: [shown(each) for each in values]
