"""The key materials of one key and its rotation, as frozen values: offer, activate, enable,
disable; and import.

A key encrypts with its current material and decrypts with any. Material only grows: none that was
ever current is forgotten (decision D6). A rotation of related keys is pending from the offer until
every waited-for region has the material (D7); a rotation that waits for nobody is activated at
once. A key with imported material (origin EXTERNAL) begins with none; its next material is imported
into every region before the rotation, not sent. Source: kms-semantics parts a and h; KMS API
Reference, RotateKeyOnDemand, ListKeyRotations, ImportKeyMaterial. Packed by packing.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

DAY_SECONDS: Final = 86_400


class RotationType(StrEnum):
    """RotationsListEntry.RotationType."""

    AUTOMATIC = "AUTOMATIC"
    ON_DEMAND = "ON_DEMAND"


@dataclass(frozen=True, slots=True)
class Rotated:
    """A material that was current at some time; the first one was not rotated to.

    `description` is KeyMaterialDescription of an imported one.
    """

    material_id: str
    at: float | None = None
    rotation_type: RotationType | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A material that is offered and not active; `since` is when the rotation began."""

    material_id: str
    rotation_type: RotationType
    since: float


@dataclass(frozen=True, slots=True)
class PendingImport:
    """An imported material that awaits its rotation; `since` is when it was first imported.

    `regions` are those, sorted, of which the primary's region knows that they have imported it; the
    primary's own is one of them while it holds it. Unused for a single-Region key.
    """

    material_id: str
    since: float
    description: str = ""
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Materials:
    """A key's materials, oldest first, the current one last.

    `current` is None, and the history empty, until material is first imported. `period_days` is set
    while automatic rotation is enabled, and `next_rotation` (epoch seconds) with it. `unknown`
    keeps the packed fields that a newer node added.
    """

    history: tuple[Rotated, ...]
    current: str | None
    pending: Pending | None = None
    period_days: int | None = None
    next_rotation: float | None = None
    pending_import: PendingImport | None = None
    unknown: bytes = b""

    @classmethod
    def first(cls, material_id: str) -> Materials:
        """The materials of a key that was just created."""
        return cls((Rotated(material_id),), material_id)

    @classmethod
    def none(cls) -> Materials:
        """The materials of a key for imported material that was just created."""
        return cls((), None)

    @property
    def ids(self) -> frozenset[str]:
        """Every material that was ever current."""
        return frozenset(each.material_id for each in self.history)

    @property
    def associated(self) -> frozenset[str]:
        """Those, and the imported one that awaits its rotation."""
        pending = self.pending_import
        return self.ids if pending is None else self.ids | {pending.material_id}

    @property
    def needed(self) -> frozenset[str]:
        """Every material that a region must hold: those, and the pending one."""
        return self.ids if self.pending is None else self.ids | {self.pending.material_id}

    @property
    def on_demand_rotations(self) -> int:
        """How many rotations were asked for, the one under way included."""
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
        return replace(self, pending=None, pending_import=None)

    def with_history(self, others: tuple[Rotated, ...]) -> Materials:
        """With materials that were current elsewhere; the current one stays what it is."""
        new = tuple(each for each in others if each.material_id not in self.ids)
        if not new:
            return self
        if not self.history:
            return replace(self, history=new, current=new[-1].material_id)
        pending = self.pending_import
        if pending is not None and pending.material_id in {each.material_id for each in new}:
            pending = None
        *before, current = self.history
        return replace(self, history=(*before, *new, current), pending_import=pending)

    def imported_first(self, material_id: str, description: str) -> Materials:
        """With the first imported material, which is current at once. ValueError if it is not."""
        if self.history:
            raise ValueError("the key has material already")
        return replace(
            self, history=(Rotated(material_id, description=description),), current=material_id
        )

    def imported_next(
        self, material_id: str, description: str, region: str, now: float
    ) -> Materials:
        """With an imported material that awaits its rotation. ValueError if one does already, or if
        this is no new one.
        """
        if self.pending_import is not None or material_id in self.ids:
            raise ValueError("another material awaits its rotation, or this one is known")
        return replace(self, pending_import=PendingImport(material_id, now, description, (region,)))

    def import_told(self, region: str, *, held: bool) -> Materials:
        """With what is known of a region and the imported material that awaits its rotation."""
        pending = self.pending_import
        if pending is None or (region in pending.regions) == held:
            return self
        others = {each for each in pending.regions if each != region}
        regions = tuple(sorted(others | {region} if held else others))
        return replace(self, pending_import=replace(pending, regions=regions))

    def import_dropped(self) -> Materials:
        """Without the imported material that awaits its rotation."""
        return replace(self, pending_import=None)

    def import_rotated(self, now: float) -> Materials:
        """With the imported material as the current one. ValueError if none awaits its rotation."""
        pending = self.pending_import
        if pending is None:
            raise ValueError("no imported material awaits its rotation")
        rotated = Rotated(pending.material_id, now, RotationType.ON_DEMAND, pending.description)
        return replace(
            self,
            history=(*self.history, rotated),
            current=pending.material_id,
            pending_import=None,
        )

    def described(self, material_id: str, description: str) -> Materials:
        """With another description of one of the imported materials."""
        pending = self.pending_import
        if pending is not None and pending.material_id == material_id:
            pending = replace(pending, description=description)
        history = tuple(
            replace(each, description=description) if each.material_id == material_id else each
            for each in self.history
        )
        return replace(self, history=history, pending_import=pending)
