"""Imported key material of one key in one region: what is there, what is missing, what may come.

Pure functions from a key to the key after it, and the rules of ImportKeyMaterial. A key with any
material missing that ever was current is PendingImport and does nothing, not even with what is
there. Texts marked [REC] in kms-semantics are recorded KMS answers; others are ours (0005).

Source: kms-semantics parts a and i; KMS API Reference, ImportKeyMaterial,
DeleteImportedKeyMaterial.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from node.model.errors import (
    IncorrectKeyMaterial,
    InvalidState,
    UnsupportedOperation,
    Validation,
)
from node.model.key import ImportedMaterial, Key, KeyState
from replication.materials import Materials
from replication.shared import EXTERNAL

EXPIRES: Final = "KEY_MATERIAL_EXPIRES"
DOES_NOT_EXPIRE: Final = "KEY_MATERIAL_DOES_NOT_EXPIRE"
NEW: Final = "NEW_KEY_MATERIAL"
EXISTING: Final = "EXISTING_KEY_MATERIAL"
VALID_DAYS_MOST: Final = 365
DAY_SECONDS: Final = 86_400
_GOING: Final = (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a caller says of material that is imported. `valid_to`: epoch seconds; None for ever."""

    import_type: str | None
    material_id: str | None
    description: str | None
    valid_to: float | None


def valid_to(model: str | None, given: float | None, now: float) -> float | None:
    """When material expires (epoch seconds), None for never. Raises Validation."""
    if (model or EXPIRES) == DOES_NOT_EXPIRE:
        if given is not None:
            raise Validation(
                f"A validTo date must not be set if the ExpirationModel is {DOES_NOT_EXPIRE}"
            )
        return None
    if given is None:
        raise Validation(f"A validTo date must be set if the ExpirationModel is {EXPIRES}")
    if not given > now:  # so that no number at all is refused too
        raise Validation("The validTo date must be in the future")
    if given > now + VALID_DAYS_MOST * DAY_SECONDS:
        raise Validation(f"The validTo date must be within {VALID_DAYS_MOST} days")
    return given


def check_external(key: Key) -> None:
    """Raise UnsupportedOperation unless the key is one for imported material."""
    if key.origin != EXTERNAL:
        raise UnsupportedOperation(
            f"{key.arn} origin is {key.origin} which is not valid for this operation."
        )


def check_terms(key: Key, terms: Terms) -> None:
    """Raise if terms do not go together, or not with this kind of key, whatever the material."""
    if not key.rotates:
        for name in ("import_type", "material_id", "description"):
            if getattr(terms, name) is not None:
                raise UnsupportedOperation(
                    f"{key.arn} key spec is {key.key_spec} which is not valid for {_NAMES[name]}."
                )
        return
    if import_type(key, terms) == EXISTING:
        return
    if terms.material_id is not None:
        raise Validation(f"KeyMaterialId must not be specified with ImportType {NEW}.")
    if key.is_replica:
        raise UnsupportedOperation(
            f"{key.arn} is not a multi-region primary key: import new key material into the "
            "primary key first."
        )


def import_type(key: Key, terms: Terms) -> str:
    """ImportType: what is given, else NEW for the first material that a key ever has."""
    default = EXISTING if key.materials.associated else NEW
    return terms.import_type or default


def imported(key: Key, material_id: str, terms: Terms, now: float) -> Key:
    """The key with material that was unwrapped. Raises IncorrectKeyMaterial, InvalidState.

    The shared state of a multi-Region key stays what it is: see `materials_after`.
    """
    _check_material(key, material_id, terms)
    others = (each for each in key.imported if each.material_id != material_id)
    held = (*others, ImportedMaterial(material_id, terms.valid_to))
    return replace(key, imported=tuple(sorted(held)))


def materials_after(key: Key, material_id: str, terms: Terms, now: float) -> Materials:
    """The materials after an import into a single-Region or primary key."""
    materials, description = key.materials, terms.description
    if material_id in materials.associated:
        if description is not None:
            materials = materials.described(material_id, description)
        pending = materials.pending_import
        if pending is not None and pending.material_id == material_id:
            return materials.import_told(key.region, held=True)
        return materials
    if not materials.history:
        return materials.imported_first(material_id, description or "")
    return materials.imported_next(material_id, description or "", key.region, now)


def without(key: Key, material_ids: Collection[str]) -> Key:
    """The key without some of the materials that were imported here."""
    kept = tuple(each for each in key.imported if each.material_id not in material_ids)
    return settled(key if kept == key.imported else replace(key, imported=kept))


def materials_without(key: Key, material_ids: Collection[str]) -> Materials:
    """The materials of a single-Region or primary key from which some were deleted: one that awaits
    its rotation is no longer the key's."""
    pending = key.materials.pending_import
    if pending is not None and pending.material_id in material_ids:
        return key.materials.import_dropped()
    return key.materials


def expired(key: Key, now: float) -> frozenset[str]:
    """The imported materials whose time has come."""
    return frozenset(
        each.material_id
        for each in key.imported
        if each.valid_to is not None and each.valid_to <= now
    )


def expiry_due(key: Key) -> float | None:
    """When the next of its imported materials expires (epoch seconds)."""
    return min((each.valid_to for each in key.imported if each.valid_to is not None), default=None)


def held(key: Key) -> frozenset[str]:
    """The IDs of the materials that are imported here."""
    return frozenset(each.material_id for each in key.imported)


def missing(key: Key) -> frozenset[str]:
    """The materials that were ever current and are not imported here."""
    return key.materials.ids - held(key)


def settled(key: Key) -> Key:
    """The key in the state that its imported material allows.

    Material that comes makes a PendingImport key Enabled; a key that is Disabled, Updating or
    pending deletion stays so. Material that goes makes any key PendingImport but one that is
    pending deletion.
    """
    if key.origin != EXTERNAL or key.state in _GOING:
        return key
    if missing(key) or not key.materials.ids:
        return replace(key, state=KeyState.PENDING_IMPORT)
    if key.state is KeyState.PENDING_IMPORT:
        return replace(key, state=KeyState.ENABLED)
    return key


def earliest(key: Key) -> tuple[str | None, float | None]:
    """KeyMetadata.ExpirationModel and ValidTo: of the materials that ever were current."""
    times = [each.valid_to for each in key.imported if each.material_id in key.materials.ids]
    if not times:
        return None, None
    ends = min((each for each in times if each is not None), default=None)
    return (DOES_NOT_EXPIRE if ends is None else EXPIRES), ends


_NAMES: Final = {
    "import_type": "ImportType",
    "material_id": "KeyMaterialId",
    "description": "KeyMaterialDescription",
}


def _check_material(key: Key, material_id: str, terms: Terms) -> None:
    materials = key.materials
    known = material_id in materials.associated
    if not key.rotates:
        if materials.associated and not known:
            raise IncorrectKeyMaterial
        return
    if terms.material_id not in (None, material_id):
        raise IncorrectKeyMaterial
    if known != (import_type(key, terms) == EXISTING):
        raise IncorrectKeyMaterial
    pending = materials.pending_import
    if pending is not None and not known:
        raise InvalidState(
            f"New key material (id: {material_id}) cannot be imported into KMS key {key.arn}, "
            f"because another key material (id: {pending.material_id}) is pending rotation."
        )
