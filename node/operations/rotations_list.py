"""What ListKeyRotations tells of a key: each material, its part in the key, and how it came to it.

Source: KMS API Reference, RotationsListEntry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from node.model.imports import DOES_NOT_EXPIRE, EXPIRES
from node.model.key import Key
from node.wire.shapes.rotation import RotationsListEntry
from replication.imports import lacking
from replication.shared import EXTERNAL


def rotations(key: Key) -> Iterator[RotationsListEntry]:
    """Every material of a key: first those that were ever current, then one that is pending."""
    materials = key.materials
    for each in materials.history:
        current = each.material_id == materials.current
        yield RotationsListEntry(
            key_id=key.key_id,
            key_material_id=each.material_id,
            key_material_state="CURRENT" if current else "NON_CURRENT",
            rotation_date=each.at,
            rotation_type=None if each.rotation_type is None else each.rotation_type.value,
            **_import(key, each.material_id, each.description),
        )
    if materials.pending is not None:
        yield RotationsListEntry(
            key_id=key.key_id,
            key_material_id=materials.pending.material_id,
            key_material_state="PENDING_ROTATION",
        )
    pending = materials.pending_import
    if pending is not None:
        awaited = key.shared is not None and bool(lacking(key.shared))
        yield RotationsListEntry(
            key_id=key.key_id,
            key_material_id=pending.material_id,
            key_material_state="PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
            if awaited
            else "PENDING_ROTATION",
            **_import(key, pending.material_id, pending.description),
        )


def _import(key: Key, material_id: str, description: str) -> dict[str, Any]:
    """The members that only keys with imported material have."""
    if key.origin != EXTERNAL:
        return {}
    here = [each for each in key.imported if each.material_id == material_id]
    members: dict[str, Any] = {
        "key_material_description": description or None,
        "import_state": "IMPORTED" if here else "PENDING_IMPORT",
    }
    if here:
        valid_to = here[0].valid_to
        members["expiration_model"] = DOES_NOT_EXPIRE if valid_to is None else EXPIRES
        members["valid_to"] = valid_to
    return members
