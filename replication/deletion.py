"""What a region keeps of a key of a set that it has deleted."""

from __future__ import annotations

from dataclasses import dataclass

from replication.position import Position, Version
from replication.shared import SharedState


@dataclass(frozen=True, slots=True)
class Deletion:
    """A key of this region that was deleted: `at` is the entry that said so first, of its log or of
    an earlier one of its own.

    `primary` led the set in `epoch` when the key was deleted, as far as this region knew, or leads
    it since this one handed the lead back.
    """

    at: Position
    epoch: int
    primary: str

    def handed_back(self, region: str, origin: str, told: SharedState) -> SharedState:
        """What `region`, whose key was deleted so, says to an `origin` by whose word it leads.

        The origin leads instead, in an epoch of its own: what several of them are told must not
        make two primaries of one epoch. If another region led already, the origin has missed it:
        then that one leads, in a version before all that it has made.
        """
        behind = told.version.epoch < self.epoch and self.primary != region
        if behind:
            return told.handed_back(self.primary, region, Version(self.epoch, 0))
        epoch = max(told.version.epoch, self.epoch) + 1
        return told.handed_back(origin, region, Version(epoch, 1))
