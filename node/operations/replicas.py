"""ReplicateKey: the primary's region offers the key to another region, in its log.

It needs no answer from the other region: the offer is in the store when the call returns, and gets
there when it can. If the other region is well it has usually applied the offer by then, because the
call waits a moment for its acknowledgement.
"""

from __future__ import annotations

from dataclasses import replace

from node.model import lifecycle
from node.model.arn import key_arn
from node.model.errors import AlreadyExists, InvalidState, NotFound, UnsupportedOperation
from node.model.key import Key, KeyState
from node.model.policy import default_key_policy
from node.operations.changing import to_change
from node.operations.documents import checked_tags, with_policy
from node.operations.metadata import creating_replica, key_metadata
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.shapes.replicas import (
    ReplicateKeyRequest,
    ReplicateKeyResponse,
    UpdatePrimaryRegionRequest,
)
from replication.offers import ReplicaProperties
from replication.shared import SharedState


class Replicas:
    """The operations of one region on related keys."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def replicate_key(self, call: Call, request: ReplicateKeyRequest) -> ReplicateKeyResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html"""
        services = self._services
        region = request.replica_region
        tags = checked_tags(request.tags)
        policy = request.policy or default_key_policy(call.principal.account)
        properties = ReplicaProperties(request.description or "", policy, tags)
        await self._authorise_creation(call, request)
        async with to_change(
            self._resolver, "ReplicateKey", call, request, suits=_check_replicable
        ) as (transaction, key):
            shared = self._check_region(key, region)
            replica = creating_replica(key, region, properties.description, services.clock.now())
            replica = await with_policy(services, call, replace(replica, policy=policy), request)
            properties = replace(properties, policy=replica.policy)
            shared, sequence = await services.primary.add_replica(
                transaction, shared, region, properties, call.request_id
            )
        await services.replication.wait_acknowledged(
            region, sequence, services.replicate_wait_seconds
        )
        key = replace(key, shared=shared)
        replica = creating_replica(key, region, properties.description, services.clock.now())
        return ReplicateKeyResponse(
            replica_key_metadata=key_metadata(replica),
            replica_policy=policy,
            replica_tags=request.tags or None,
        )

    async def update_primary_region(self, call: Call, request: UpdatePrimaryRegionRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html"""
        services = self._services
        region = request.primary_region
        async with to_change(
            self._resolver, "UpdatePrimaryRegion", call, request, suits=_check_primary
        ) as (transaction, key):
            shared = _check_primary(key)
            _check_new_primary(key, shared, region)
            after, sequence = await services.primary.hand_over(
                transaction, shared, region, call.request_id
            )
            await transaction.put_key(lifecycle.handing_over(replace(key, shared=after)))
        told = await services.replication.wait_acknowledged(
            region, sequence, services.replicate_wait_seconds
        )
        if told:
            await self._check_taken(after)

    async def _check_taken(self, handed_over: SharedState) -> None:
        """Raise InvalidState if the new primary's region has handed the lead back already: there
        the key is not Enabled, which its state there alone can tell.
        """
        hot = await self._services.view.key(handed_over.account, handed_over.key_id)
        shared = None if hot is None else hot.key.shared
        taken_back = handed_over.version.next_epoch().epoch
        if shared is not None and (shared.version.epoch, shared.primary) == (
            taken_back,
            self._services.region,
        ):
            arn = key_arn(handed_over.primary, handed_over.account, handed_over.key_id)
            raise InvalidState(f"{arn} is not Enabled.")

    async def _authorise_creation(self, call: Call, request: ReplicateKeyRequest) -> None:
        """What the caller needs beside kms:ReplicateKey on the primary key."""
        access = self._services.access
        await access.on_account(call, "kms:CreateKey", request)
        if request.tags:
            await access.on_account(call, "kms:TagResource", request)

    def _check_region(self, key: Key, region: str) -> SharedState:
        """The set's shared state, if a replica in `region` can be added to it."""
        shared = _check_primary(key)
        if region in shared.regions:
            arn = key_arn(region, key.account, key.key_id)
            raise AlreadyExists(f"{arn} already exists.")
        if region not in self._services.peers:
            raise UnsupportedOperation(f"{region} is not a Region of this Keyspan cluster.")
        return shared


def _check_primary(key: Key) -> SharedState:
    """The shared state of a primary key. Raises UnsupportedOperation for any other key."""
    if key.shared is None or not key.is_primary:
        raise UnsupportedOperation(f"{key.arn} is not a multi-region primary key.")
    return key.shared


def _check_replicable(key: Key) -> None:
    """As _check_primary; but a key that is being handed over says that it is updating."""
    if key.state is not KeyState.UPDATING:
        _check_primary(key)


def _check_new_primary(key: Key, shared: SharedState, region: str) -> None:
    if region == shared.primary:
        raise UnsupportedOperation(f"{key.arn} is the primary key already.")
    if region not in shared.replicas:
        raise NotFound(f"Key '{key_arn(region, key.account, key.key_id)}' does not exist")
