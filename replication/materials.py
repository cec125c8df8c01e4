"""The key materials of one key and its rotation, as frozen values: offer, activate, enable,
disable.

A key encrypts with its current material and decrypts with any. Material only grows: none that was
ever current is forgotten (decision D6). A rotation of related keys is pending from the offer until
every waited-for region has the material (D7); a rotation that waits for nobody is activated at
once. Source: kms-semantics part h; KMS API Reference, RotateKeyOnDemand, ListKeyRotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

DAY_SECONDS: Final = 86_400


class RotationType(StrEnum):
    """RotationsListEntry.RotationType."""

    AUTOMATIC = "AUTOMATIC"
    ON_DEMAND = "ON_DEMAND"


@dataclass(frozen=True, slots=True)
class Rotated:
    """A material that was current at some time; the first one was not rotated to."""

    material_id: str
    at: float | None = None
    rotation_type: RotationType | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A material that is offered and not active; `since` is when the rotation began."""

    material_id: str
    rotation_type: RotationType
    since: float


@dataclass(frozen=True, slots=True)
class Materials:
    """A key's materials, oldest first, the current one last.

    `period_days` is set while automatic rotation is enabled, and `next_rotation` (epoch seconds)
    with it.
    """

    history: tuple[Rotated, ...]
    current: str
    pending: Pending | None = None
    period_days: int | None = None
    next_rotation: float | None = None

    @classmethod
    def first(cls, material_id: str) -> Materials:
        """The materials of a key that was just created."""
        return cls((Rotated(material_id),), material_id)

    @property
    def ids(self) -> frozenset[str]:
        """Every material that was ever current."""
        return frozenset(each.material_id for each in self.history)

    @property
    def needed(self) -> frozenset[str]:
        """Every material that a region must hold: those, and the pending one."""
        return self.ids if self.pending is None else self.ids | {self.pending.material_id}

    @property
    def on_demand_rotations(self) -> int:
        """How many rotations were asked for, the pending one included."""
        types = [each.rotation_type for each in (*self.history, self.pending) if each is not None]
        return types.count(RotationType.ON_DEMAND)

    def enabled(self, period_days: int, now: float) -> Materials:
        """With automatic rotation; the first one is due a period from now."""
        due = now + period_days * DAY_SECONDS
        return replace(self, period_days=period_days, next_rotation=due)

    def disabled(self) -> Materials:
        """Without automatic rotation."""
        return replace(self, period_days=None, next_rotation=None)

    def offered(self, material_id: str, rotation_type: RotationType, now: float) -> Materials:
        """With a pending material. ValueError if one is pending already."""
        if self.pending is not None:
            raise ValueError("a rotation is pending already")
        return replace(self, pending=Pending(material_id, rotation_type, now))

    def activated(self, now: float) -> Materials:
        """With the pending material as the current one. ValueError if none is pending.

        An automatic rotation moves the next one; one on demand does not (KMS: RotateKeyOnDemand).
        """
        pending = self.pending
        if pending is None:
            raise ValueError("no rotation is pending")
        rotated = Rotated(pending.material_id, now, pending.rotation_type)
        after = replace(
            self, history=(*self.history, rotated), current=pending.material_id, pending=None
        )
        if pending.rotation_type is RotationType.AUTOMATIC and self.period_days is not None:
            return after.enabled(self.period_days, now)
        return after

    def abandoned(self) -> Materials:
        """Without the pending material: what was offered and not activated is dropped (D6)."""
        return replace(self, pending=None)

    def with_history(self, others: tuple[Rotated, ...]) -> Materials:
        """With materials that were current elsewhere; the current one stays what it is."""
        new = [each for each in others if each.material_id not in self.ids]
        *before, current = self.history
        return replace(self, history=(*before, *new, current))


def pack_materials(materials: Materials) -> dict[str, Any]:
    """The value as a map of plain values."""
    pending = materials.pending
    return {
        "history": [pack_rotated(each) for each in materials.history],
        "current": materials.current,
        "pending": None if pending is None else _pack_pending(pending),
        "period_days": materials.period_days,
        "next_rotation": materials.next_rotation,
    }


def unpack_materials(fields: Mapping[str, Any]) -> Materials:
    """The value from a map of plain values. KeyError, TypeError or ValueError if malformed."""
    pending = fields["pending"]
    materials = Materials(
        history=tuple(unpack_rotated(each) for each in typed(list, fields["history"])),
        current=typed(str, fields["current"]),
        pending=None if pending is None else _unpack_pending(pending),
        period_days=optional(int, fields["period_days"]),
        next_rotation=optional(float, fields["next_rotation"]),
    )
    if not materials.history or materials.history[-1].material_id != materials.current:
        raise ValueError("the current material is not the last one")
    return materials


def pack_rotated(rotated: Rotated) -> list[Any]:
    """One material of a history as plain values."""
    kind = rotated.rotation_type
    return [rotated.material_id, rotated.at, None if kind is None else kind.value]


def unpack_rotated(fields: Any) -> Rotated:
    """One material of a history. TypeError or ValueError if it is malformed."""
    material_id, at, rotation_type = fields
    kind = None if rotation_type is None else RotationType(rotation_type)
    return Rotated(typed(str, material_id), optional(float, at), kind)


def _pack_pending(pending: Pending) -> list[Any]:
    return [pending.material_id, pending.rotation_type.value, pending.since]


def _unpack_pending(fields: Any) -> Pending:
    material_id, rotation_type, since = fields
    return Pending(typed(str, material_id), RotationType(rotation_type), typed(float, since))


def typed(kind: type[Any], value: Any) -> Any:
    """The value, if it is of exactly this type; else TypeError."""
    if type(value) is not kind:
        raise TypeError
    return value


def optional(kind: type[Any], value: Any) -> Any:
    """None, or the value if it is of exactly this type; else TypeError."""
    return None if value is None else typed(kind, value)
