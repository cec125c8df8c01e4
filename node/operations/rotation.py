"""The rotation operations: enable, disable, status, on demand, list; see also node/rotation.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from node.model.errors import Conflict, InvalidMarker, LimitExceeded, UnsupportedOperation
from node.model.key import Key, KeyState
from node.operations.lists import LIST_KEY_ROTATIONS, NEVER_GIVEN, after_marker, page, page_size
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.rotation import Rotator
from node.wire.messages import Call
from node.wire.shapes.rotation import (
    DisableKeyRotationRequest,
    EnableKeyRotationRequest,
    GetKeyRotationStatusRequest,
    GetKeyRotationStatusResponse,
    ListKeyRotationsRequest,
    ListKeyRotationsResponse,
    RotateKeyOnDemandRequest,
    RotateKeyOnDemandResponse,
    RotationsListEntry,
)
from replication.materials import Materials, RotationType

DEFAULT_PERIOD_DAYS: Final = 365
ON_DEMAND_ROTATIONS_MOST: Final = 25
_GOING: Final = (KeyState.PENDING_DELETION, KeyState.PENDING_REPLICA_DELETION)


class Rotation:
    """The rotation operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver
        self._rotator = Rotator(services.primary, services.clock, services.randomness)

    async def enable_key_rotation(self, call: Call, request: EnableKeyRotationRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html"""
        days = request.rotation_period_in_days or DEFAULT_PERIOD_DAYS

        def enabled(materials: Materials) -> Materials:
            return materials.enabled(days, self._services.clock.now())

        await self._change("EnableKeyRotation", call, request, enabled)

    async def disable_key_rotation(self, call: Call, request: DisableKeyRotationRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html"""
        await self._change("DisableKeyRotation", call, request, Materials.disabled)

    async def get_key_rotation_status(
        self, call: Call, request: GetKeyRotationStatusRequest
    ) -> GetKeyRotationStatusResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html"""
        key = await self._resolver.to_read("GetKeyRotationStatus", call, request)
        _check_rotatable(key)
        materials, pending = key.materials, key.materials.pending
        enabled = materials.period_days is not None and key.state not in _GOING
        on_demand = pending is not None and pending.rotation_type is RotationType.ON_DEMAND
        return GetKeyRotationStatusResponse(
            key_rotation_enabled=enabled,
            key_id=key.key_id,
            rotation_period_in_days=materials.period_days if enabled else None,
            next_rotation_date=materials.next_rotation if enabled else None,
            on_demand_rotation_start_date=pending.since if pending and on_demand else None,
        )

    async def rotate_key_on_demand(
        self, call: Call, request: RotateKeyOnDemandRequest
    ) -> RotateKeyOnDemandResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html"""
        async with self._resolver.to_change(
            "RotateKeyOnDemand", call, request, suits=_check_rotatable_here
        ) as (transaction, key):
            _check_free(key)
            await self._rotator.rotate(transaction, key, RotationType.ON_DEMAND)
        self._services.replication.appended()
        return RotateKeyOnDemandResponse(key_id=key.arn)

    async def list_key_rotations(
        self, call: Call, request: ListKeyRotationsRequest
    ) -> ListKeyRotationsResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html"""
        key = await self._resolver.to_read("ListKeyRotations", call, request)
        _check_rotatable(key)
        size = page_size(LIST_KEY_ROTATIONS, request.limit)
        after = after_marker(LIST_KEY_ROTATIONS, request.marker)
        every = request.include_key_material == "ALL_KEY_MATERIAL"
        entries = [each for each in _entries(key) if every or each.rotation_date is not None]
        found = _behind(entries, after)[: size + 1]
        last = found[size - 1].key_material_id if len(found) >= size else ""
        shown = page(LIST_KEY_ROTATIONS, found, size, last or "")
        return ListKeyRotationsResponse(
            rotations=list(shown.items), next_marker=shown.next_marker, truncated=shown.truncated
        )

    async def _change(
        self,
        operation: str,
        call: Call,
        request: EnableKeyRotationRequest | DisableKeyRotationRequest,
        change: Callable[[Materials], Materials],
    ) -> None:
        async with self._resolver.to_change(
            operation, call, request, suits=_check_rotatable_here
        ) as (transaction, key):
            changed = change(key.materials)
            if key.shared is None:
                await transaction.put_key(replace(key, own_materials=changed))
            else:
                await self._services.primary.change_materials(transaction, key.shared, changed)
        self._services.replication.appended()


def _check_rotatable(key: Key) -> None:
    """Raise UnsupportedOperation unless the key's spec and origin can be rotated."""
    if key.key_spec != "SYMMETRIC_DEFAULT":
        raise UnsupportedOperation
    if key.origin != "AWS_KMS":
        raise UnsupportedOperation(
            f"{key.arn} origin is {key.origin} which is not valid for this operation."
        )


def _check_rotatable_here(key: Key) -> None:
    """Raise UnsupportedOperation also for a replica key: its primary's region rotates it."""
    _check_rotatable(key)
    if key.is_replica:
        raise UnsupportedOperation(f"{key.arn} is not a multi-region primary key.")


def _check_free(key: Key) -> None:
    if key.materials.pending is not None:
        raise Conflict(f"A rotation of {key.arn} is in progress.")
    if key.materials.on_demand_rotations >= ON_DEMAND_ROTATIONS_MOST:
        raise LimitExceeded(
            "The on-demand rotations limit has been reached for the given keyId. No more "
            f"on-demand rotations can be performed for this key: {key.arn}"
        )


def _entries(key: Key) -> Iterator[RotationsListEntry]:
    materials = key.materials
    for each in materials.history:
        yield RotationsListEntry(
            key_id=key.key_id,
            key_material_id=each.material_id,
            key_material_state="CURRENT"
            if each.material_id == materials.current
            else "NON_CURRENT",
            rotation_date=each.at,
            rotation_type=None if each.rotation_type is None else each.rotation_type.value,
        )
    if materials.pending is not None:
        yield RotationsListEntry(
            key_id=key.key_id,
            key_material_id=materials.pending.material_id,
            key_material_state="PENDING_ROTATION",
        )


def _behind(entries: list[RotationsListEntry], marker: str) -> list[RotationsListEntry]:
    """The entries after the one that a marker names; all of them without a marker.

    Raises InvalidMarker for a material that is not among them, such as another key's.
    """
    if not marker:
        return entries
    ids = [each.key_material_id for each in entries]
    if marker not in ids:
        raise InvalidMarker(NEVER_GIVEN)
    return entries[ids.index(marker) + 1 :]
