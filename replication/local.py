"""What a region knows when it decides what an entry means here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from replication.deletion import Deletion
from replication.position import Position
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class Local:
    """What this region knows of one key ID.

    `shared` is None if it holds no such key. `held` has the material IDs that it holds, those that
    came with the entry included. `deletion` is there if it deleted its key; `acknowledged` is how
    far the origin has acknowledged its log of today (`log_id`). `can_lead`: its key is in a state
    in which it can be made the primary (KMS: Enabled). `handing_over`: this region waits for the
    new primary's to hear that it leads. `gone` are the regions that deleted their key of the set,
    with the entry that said so.
    """

    region: str
    log_id: bytes
    shared: SharedState | None
    held: frozenset[str]
    deletion: Deletion | None
    acknowledged: int
    can_lead: bool = True
    handing_over: bool = False
    gone: Mapping[str, Position] = field(default_factory=dict)

    def deleted_after(self, known: Position) -> bool:
        """Whether this region deleted its key after what a peer knew of its log."""
        return self.deletion is not None and not known.knows(self.deletion.at)

    @property
    def deletion_acknowledged(self) -> bool:
        """Whether the origin knows that this region deleted its key."""
        if self.deletion is None or not self.acknowledged:
            return False
        return Position(self.log_id, self.acknowledged).knows(self.deletion.at)
