"""The keys of a drill: made for it in every region, watched, and done away with."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from node.cluster import ClusterError, eventually
from node.cluster.client import AdministrationClient, Refused

__all__ = ["DrillKeys", "KeyView"]

_REPLICATION_SECONDS: Final = 60.0
_ALREADY: Final = "AlreadyExistsException"
_SHORTEST_WINDOW_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class KeyView:
    """What one region says of a related key. All regions say the same once they have converged."""

    primary: str
    material: str
    rotation_days: int | None


class DrillKeys:
    """Multi-Region keys, one led by each region, and one more, `managed`, led by the first.

    `data` are used by the load; `managed` is changed over and over (`manager.py`).
    """

    def __init__(self, client: AdministrationClient, endpoints: Mapping[str, str]) -> None:
        self._client = client
        self._endpoints = endpoints
        self.data: list[str] = []
        self.managed = ""

    def make(self, title: str) -> None:
        """Create them, and return when every region can use each. Raises ClusterError."""
        for home in self._endpoints:
            self.data.append(self._create(home, title))
        self.managed = self._create(next(iter(self._endpoints)), title)
        for key_id in self.all:
            for region in self._endpoints:
                awaited = f"{key_id} is not enabled in {region}"
                eventually(partial(self._enabled, region, key_id), _REPLICATION_SECONDS, awaited)

    @property
    def all(self) -> list[str]:
        return [*self.data, self.managed]

    def view(self, region: str, key_id: str) -> KeyView:
        """What a region says of a key. Raises ClusterError."""
        metadata = self._describe(region, key_id)
        rotation = self._kms(region, "GetKeyRotationStatus", KeyId=key_id)
        return KeyView(
            metadata["MultiRegionConfiguration"]["PrimaryKey"]["Region"],
            str(metadata.get("CurrentKeyMaterialId", "")),
            rotation.get("RotationPeriodInDays") if rotation["KeyRotationEnabled"] else None,
        )

    def agreed(self) -> bool:
        """Whether all regions answer, and say the same of every key."""
        try:
            return all(
                len({self.view(region, key_id) for region in self._endpoints}) == 1
                for key_id in self.all
            )
        except ClusterError:
            return False

    def leader(self, key_id: str) -> str:
        """Where a key is led, as far as the regions that answer agree. Raises ClusterError."""
        found: list[str] = []
        for region in self._endpoints:
            with contextlib.suppress(ClusterError):
                found.append(self.view(region, key_id).primary)
        if not found:
            raise ClusterError("no region answers")
        return max(set(found), key=found.count)

    def rotate(self, region: str) -> int:
        """RotateKeyOnDemand, in a region, of every data key that it leads; gives how many."""
        count = 0
        for key_id in self.data:
            if self.view(region, key_id).primary == region:
                self._kms(region, "RotateKeyOnDemand", KeyId=key_id)
                count += 1
        return count

    def hand_over(self, origin: str, heir: str) -> int:
        """UpdatePrimaryRegion of every key that `origin` leads; gives how many."""
        count = 0
        for key_id in self.all:
            if self.view(origin, key_id).primary == origin:
                self._kms(origin, "UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=heir)
                count += 1
        return count

    def discard(self) -> None:
        """Schedule the deletion of all, everywhere; what does not answer keeps its own."""
        for key_id in self.all:
            for region in self._endpoints:
                with contextlib.suppress(ClusterError):
                    self._kms(
                        region,
                        "ScheduleKeyDeletion",
                        KeyId=key_id,
                        PendingWindowInDays=_SHORTEST_WINDOW_DAYS,
                    )

    def _create(self, home: str, title: str) -> str:
        made = self._kms(home, "CreateKey", MultiRegion=True, Description=title)
        key_id = str(made["KeyMetadata"]["KeyId"])
        for region in self._endpoints:
            if region != home:
                self._replicate(home, region, key_id)
        return key_id

    def _replicate(self, home: str, region: str, key_id: str) -> None:
        try:
            self._kms(home, "ReplicateKey", KeyId=key_id, ReplicaRegion=region)
        except Refused as refused:
            if refused.code != _ALREADY:
                raise

    def _enabled(self, region: str, key_id: str) -> bool:
        try:
            return bool(self._describe(region, key_id)["KeyState"] == "Enabled")
        except Refused:
            return False

    def _describe(self, region: str, key_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._kms(region, "DescribeKey", KeyId=key_id)["KeyMetadata"]
        return found

    def _kms(self, region: str, operation: str, **request: Any) -> dict[str, Any]:
        return self._client.kms(region, self._endpoints[region], operation, **request)
