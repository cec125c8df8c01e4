"""A KMS key in one region, as a frozen value. What may happen to it is in lifecycle.py.

Names are those of the KMS API: KeyMetadata, "Key states of AWS KMS keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crypto.specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeySpec
from node.model.arn import key_arn
from replication.materials import Materials
from replication.shared import SharedState


class KeyState(StrEnum):
    """KeyMetadata.KeyState."""

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
    UNAVAILABLE = "Unavailable"
    UPDATING = "Updating"


class KeyManager(StrEnum):
    """KeyMetadata.KeyManager."""

    CUSTOMER = "CUSTOMER"
    AWS = "AWS"


@dataclass(frozen=True, slots=True, order=True)
class ImportedMaterial:
    """Material that was imported into one region's key, and when it expires there (epoch seconds;
    None for never)."""

    material_id: str
    valid_to: float | None


@dataclass(frozen=True, slots=True)
class Key:
    """One region's key. Times are epoch seconds.

    A multi-Region key has `shared`, what it has in common with its related keys; a single-Region
    key has `own_materials` instead. A key that is pending deletion has a `deletion_date`; a primary
    that still waits for its replicas has a `pending_window_days` instead. `imported` are the
    materials that a key of the origin EXTERNAL has in this region; see imports.py.
    """

    account: str
    region: str
    key_id: str
    key_spec: str
    key_usage: str
    origin: str
    manager: KeyManager
    created: float
    description: str
    policy: str
    tags: tuple[tuple[str, str], ...]
    state: KeyState
    deletion_date: float | None = None
    pending_window_days: int | None = None
    own_materials: Materials | None = None
    shared: SharedState | None = None
    imported: tuple[ImportedMaterial, ...] = ()

    @property
    def arn(self) -> str:
        """The key ARN."""
        return key_arn(self.region, self.account, self.key_id)

    @property
    def spec(self) -> KeySpec:
        """What its key spec may do."""
        return KEY_SPECS[self.key_spec]

    @property
    def materials(self) -> Materials:
        """Its key materials and its rotation."""
        materials = self.own_materials if self.shared is None else self.shared.materials
        if materials is None:
            raise ValueError("a key has either shared state or materials of its own")
        return materials

    @property
    def current_material(self) -> str:
        """The ID of the material that it encrypts with. ValueError while it has none."""
        current = self.materials.current
        if current is None:
            raise ValueError(f"{self.key_id} awaits its first import")
        return current

    @property
    def rotates(self) -> bool:
        """Whether such a key can have several materials: a symmetric encryption key."""
        return self.spec is SYMMETRIC_DEFAULT

    @property
    def multi_region(self) -> bool:
        """KeyMetadata.MultiRegion."""
        return self.shared is not None

    @property
    def is_primary(self) -> bool:
        """Whether it is the primary key of a set of related keys."""
        return self.shared is not None and self.shared.primary == self.region

    @property
    def is_replica(self) -> bool:
        """Whether it is a replica key."""
        return self.shared is not None and self.shared.primary != self.region


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a key in one account and region; `name` has its prefix. Times: epoch seconds."""

    account: str
    name: str
    key_id: str
    created: float
    updated: float
