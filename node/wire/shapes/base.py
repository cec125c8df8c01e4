"""What all shapes have in common: wire names in PascalCase, frozen, careful about `repr`.

JSON null and a missing member are the same (`None`); a response leaves out what is `None`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec

_SECRET: Final = frozenset({"hidden", "sensitive"})


class ModelShape(
    msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True, gc=False
):
    """A structure of a service's model. Blobs are never shown: they may be plaintext. Nor is what
    the model calls sensitive, nor what we do (types.HIDDEN).

    `gc=False`: a shape is a tree made of one request and cannot be part of a cycle.
    """

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        members = ((name, getattr(self, name)) for name in self.__struct_fields__)
        hidden = _sensitive_members(type(self))
        return [
            (name, _Redacted(value) if isinstance(value, bytes) or name in hidden else value)
            for name, value in members
            if value is not None
        ]

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({members})"


class Shape(ModelShape, frozen=True, kw_only=True):
    """A structure of the KMS model."""


class _Redacted:
    """Stands for a blob or a secret where it would be shown."""

    def __init__(self, value: bytes | str) -> None:
        self._shown = f"<{len(value)} bytes>" if isinstance(value, bytes) else "<secret>"

    def __repr__(self) -> str:
        return self._shown


@cache
def _sensitive_members(shape: type[msgspec.Struct]) -> frozenset[str]:
    """The members that the model calls sensitive, and those that we hide."""
    hints = typing.get_type_hints(shape, include_extras=True)
    return frozenset(
        name
        for name, hint in hints.items()
        if any(_SECRET & (meta.extra or {}).keys() for meta in _metas(hint))
    )


def _metas(annotation: Any) -> Iterator[msgspec.Meta]:
    if isinstance(annotation, msgspec.Meta):
        yield annotation
    for each in typing.get_args(annotation):
        yield from _metas(each)
