"""The rotation operations: enable, disable, status, on demand, list; see also node/rotation.py.

A key with imported material is rotated on demand alone, to material that was imported before into
every region (KMS API Reference, RotateKeyOnDemand).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from node.audit import events
from node.model.errors import (
    Conflict,
    InvalidMarker,
    InvalidState,
    LimitExceeded,
    UnsupportedOperation,
)
from node.model.imports import settled
from node.model.key import Key, KeyState
from node.model.lifecycle import rotation_due
from node.operations.changing import to_change
from node.operations.lists import LIST_KEY_ROTATIONS, NEVER_GIVEN, after_marker, page, page_size
from node.operations.resolve import Resolver
from node.operations.rotations_list import rotations
from node.operations.services import Services
from node.rotation import Rotator
from node.store.port import Transaction
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
from replication.imports import lacking
from replication.materials import Materials, RotationType
from replication.shared import EXTERNAL

DEFAULT_PERIOD_DAYS: Final = 365
ON_DEMAND_ROTATIONS_MOST: Final = 25
AUTOMATIC_SOON_SECONDS: Final = 20 * 60  # API_RotateKeyOnDemand, ConflictException
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
        _check_symmetric(key)
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
        async with to_change(
            self._resolver, "RotateKeyOnDemand", call, request, suits=_check_on_demand
        ) as (transaction, key):
            _check_free(key, self._services.clock.now())
            if key.origin == EXTERNAL:
                _check_imported(key, await transaction.evicted())
                now = self._services.clock.now()
                rotated = key.materials.import_rotated(now)
                await self._put(transaction, key, rotated)
                if key.shared is None:
                    after = replace(key, own_materials=rotated)
                    transaction.note(events.rotated(key, after), now)
            else:
                await self._rotator.rotate(transaction, key, RotationType.ON_DEMAND)
        return RotateKeyOnDemandResponse(key_id=key.arn)

    async def list_key_rotations(
        self, call: Call, request: ListKeyRotationsRequest
    ) -> ListKeyRotationsResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html"""
        key = await self._resolver.to_read("ListKeyRotations", call, request)
        _check_symmetric(key)
        size = page_size(LIST_KEY_ROTATIONS, request.limit)
        after = after_marker(LIST_KEY_ROTATIONS, request.marker)
        every = request.include_key_material == "ALL_KEY_MATERIAL"
        entries = [each for each in rotations(key) if every or each.rotation_date is not None]
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
        async with to_change(
            self._resolver, operation, call, request, suits=_check_rotatable_here
        ) as (transaction, key):
            await self._put(transaction, key, change(key.materials))

    async def _put(self, transaction: Transaction, key: Key, materials: Materials) -> None:
        if key.shared is None:
            await transaction.put_key(settled(replace(key, own_materials=materials)))
        else:
            await self._services.primary.change_materials(transaction, key.shared, materials)


def _check_symmetric(key: Key) -> None:
    """Raise UnsupportedOperation unless the key's spec can be rotated."""
    if not key.rotates:
        raise UnsupportedOperation


def _check_rotatable_here(key: Key) -> None:
    """Raise UnsupportedOperation unless the key can be rotated automatically, and here: a replica
    key is rotated by its primary's region."""
    _check_symmetric(key)
    if key.origin != "AWS_KMS":
        raise UnsupportedOperation(
            f"{key.arn} origin is {key.origin} which is not valid for this operation."
        )
    _check_not_replica(key)


def _check_on_demand(key: Key) -> None:
    """Raise UnsupportedOperation unless the key can be rotated on demand, and here."""
    _check_symmetric(key)
    _check_not_replica(key)


def _check_not_replica(key: Key) -> None:
    if key.is_replica:
        raise UnsupportedOperation(f"{key.arn} is not a multi-region primary key.")


def _check_imported(key: Key, evicted: frozenset[str]) -> None:
    """Raise InvalidState unless new material was imported, and into every region."""
    if key.materials.pending_import is None:
        raise InvalidState(f"No available key material pending rotation for the key: {key.arn}.")
    awaited = () if key.shared is None else lacking(key.shared, evicted)
    if awaited:
        raise InvalidState(
            f"The key material pending rotation for the key {key.arn} is not imported yet in "
            f"{', '.join(awaited)}."
        )


def _check_free(key: Key, now: float) -> None:
    """Raise Conflict while another rotation is under way or about to be, LimitExceeded after the
    last rotation on demand.
    """
    if key.materials.pending is not None:
        raise Conflict(f"A rotation of {key.arn} is in progress.")
    due = rotation_due(key)
    if due is not None and due - now <= AUTOMATIC_SOON_SECONDS:
        raise Conflict(f"An automatic rotation of {key.arn} begins within the next 20 minutes.")
    if key.materials.on_demand_rotations >= ON_DEMAND_ROTATIONS_MOST:
        raise LimitExceeded(
            "The on-demand rotations limit has been reached for the given keyId. No more "
            f"on-demand rotations can be performed for this key: {key.arn}"
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
