"""Materials as plain values, for an entry or a store, and the checks of plain values.

docs/formats.md has the form. Fields of a map that this version does not know are kept, so that they
survive a change that is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgpack

from replication.materials import Materials, Pending, PendingImport, Rotated, RotationType


def pack_materials(materials: Materials) -> dict[str, Any]:
    """The value as a map of plain values."""
    pending, imported = materials.pending, materials.pending_import
    known = {
        "history": [pack_rotated(each) for each in materials.history],
        "current": materials.current,
        "pending": None if pending is None else _pack_pending(pending),
        "period_days": materials.period_days,
        "next_rotation": materials.next_rotation,
        "pending_import": None if imported is None else _pack_pending_import(imported),
    }
    return {**unpack_unknown(materials.unknown), **known}


def unpack_materials(fields: Mapping[str, Any]) -> Materials:
    """The value from a map of plain values. KeyError, TypeError or ValueError if malformed."""
    rest = dict(fields)
    pending, imported = rest.pop("pending"), rest.pop("pending_import")
    materials = Materials(
        history=tuple(unpack_rotated(each) for each in typed(list, rest.pop("history"))),
        current=optional(str, rest.pop("current")),
        pending=None if pending is None else _unpack_pending(pending),
        period_days=optional(int, rest.pop("period_days")),
        next_rotation=optional(float, rest.pop("next_rotation")),
        pending_import=None if imported is None else _unpack_pending_import(imported),
        unknown=pack_unknown(rest),
    )
    last = materials.history[-1].material_id if materials.history else None
    if last != materials.current:
        raise ValueError("the current material is not the last one")
    return materials


def pack_rotated(rotated: Rotated) -> list[Any]:
    """One material of a history as plain values."""
    kind = rotated.rotation_type
    return [
        rotated.material_id,
        rotated.at,
        None if kind is None else kind.value,
        rotated.description,
    ]


def unpack_rotated(fields: Any) -> Rotated:
    """One material of a history. TypeError or ValueError if it is malformed."""
    material_id, at, rotation_type, description = fields
    kind = None if rotation_type is None else RotationType(rotation_type)
    return Rotated(typed(str, material_id), optional(float, at), kind, typed(str, description))


def _pack_pending(pending: Pending) -> list[Any]:
    return [pending.material_id, pending.rotation_type.value, pending.since]


def _unpack_pending(fields: Any) -> Pending:
    material_id, rotation_type, since = fields
    return Pending(typed(str, material_id), RotationType(rotation_type), typed(float, since))


def _pack_pending_import(pending: PendingImport) -> list[Any]:
    return [pending.material_id, pending.since, pending.description, list(pending.regions)]


def _unpack_pending_import(fields: Any) -> PendingImport:
    material_id, since, description, regions = fields
    return PendingImport(
        typed(str, material_id),
        typed(float, since),
        typed(str, description),
        tuple(typed(str, each) for each in typed(list, regions)),
    )


def pack_unknown(rest: Mapping[str, Any]) -> bytes:
    """The fields of a map that this version does not know, as they are kept."""
    packed: bytes = msgpack.packb(rest) if rest else b""
    return packed


def unpack_unknown(unknown: bytes) -> dict[str, Any]:
    """The fields that were kept."""
    fields: dict[str, Any] = msgpack.unpackb(unknown) if unknown else {}
    return fields


def typed(kind: type[Any], value: Any) -> Any:
    """The value, if it is of exactly this type; else TypeError."""
    if type(value) is not kind:
        raise TypeError
    return value


def optional(kind: type[Any], value: Any) -> Any:
    """None, or the value if it is of exactly this type; else TypeError."""
    return None if value is None else typed(kind, value)
