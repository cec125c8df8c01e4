"""What all shapes have in common: wire names in PascalCase, frozen, careful about `repr`.

JSON null and a missing member are the same (`None`); a response leaves out what is `None`.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Shape(
    msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True, gc=False
):
    """A structure of the KMS model. Blobs are never shown: they may be plaintext.

    `gc=False`: a shape is a tree made of one JSON document and cannot be part of a cycle.
    """

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        members = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [
            (name, _Redacted(len(value)) if isinstance(value, bytes) else value)
            for name, value in members
            if value is not None
        ]

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({members})"


class _Redacted:
    """Stands for a blob where it would be shown."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __repr__(self) -> str:
        return f"<{self._size} bytes>"
