"""Keyspan's own operations for seeds: accounts and keys that a file says are to exist.

A key gets the ID that the file has; all else is as for any other key. Material that the file gives
is imported into it, in every region, as ImportKeyMaterial would. Its replicas are offered to their
regions by the primary, in the log (decision D7). What is asked for again is left as it is, or made
so again. Source: issue 4, "Seeds for tests".
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import Final

from crypto.errors import IncorrectKeyMaterial as NotOfThisSpec
from crypto.identifiers import is_key_id
from crypto.keys import generate_material, imported_material
from crypto.material import KeyMaterial
from crypto.specs import KEY_SPECS
from node.access.defaults import ADMINISTRATOR_ACCESS
from node.hot.work import generated
from node.importer import Importer
from node.model import lifecycle
from node.model.arn import account_arn, key_arn
from node.model.errors import AlreadyExists, NotFound, UnsupportedOperation, Validation
from node.model.imports import Terms, held, settled
from node.model.key import Alias, Key, KeyManager, KeyState
from node.model.policy import default_key_policy
from node.model.principal import Credential, Principal
from node.operations.aliases import check_new_alias, check_quota
from node.operations.documents import checked_tags, with_policy
from node.operations.keys import spec_and_usage, with_shared_state
from node.operations.seed_requests import (
    SeedAccountRequest,
    SeedAccountResponse,
    SeedKeyRequest,
    SeedKeyResponse,
)
from node.operations.services import Services
from node.store.port import Transaction
from node.wire.messages import Call
from node.wire.shapes.keys import CreateKeyRequest
from node.wire.shapes.structures import Tag
from replication.materials import Materials
from replication.offers import ReplicaProperties
from replication.shared import EXTERNAL, SharedState

ADMINISTRATOR: Final = "administrator"
AWS_KMS: Final = "AWS_KMS"
FOR_EVER: Final = Terms(import_type=None, material_id=None, description=None, valid_to=None)
_UNUSABLE: Final = (
    KeyState.DISABLED,
    KeyState.PENDING_DELETION,
    KeyState.PENDING_REPLICA_DELETION,
)
logger = logging.getLogger(__name__)


class Seeding:
    """The seeding operations of one region."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._importer = Importer(services.primary, services.log, services.clock)

    async def seed_account(self, call: Call, request: SeedAccountRequest) -> SeedAccountResponse:
        """Let an account have an administrator with this access key."""
        await self._services.access.on_cluster(call, "keyspan:SeedAccount", request)
        arn = f"{account_arn(request.account).removesuffix('root')}user/{ADMINISTRATOR}"
        principal_id = f"AIDA{request.access_key_id[4:]}"
        principal = Principal(request.account, arn, principal_id, "IAMUser")
        async with self._services.store.transaction() as transaction:
            await transaction.put_credential(
                Credential(request.access_key_id, request.secret_access_key, principal, active=True)
            )
            await transaction.put_identity_policy(request.account, arn, ADMINISTRATOR_ACCESS)
        return SeedAccountResponse(arn)

    async def seed_key(self, call: Call, request: SeedKeyRequest) -> SeedKeyResponse:
        """Make a key if it is to be made and is not here, and make it what the request says.

        Raises NotFound if it is neither here nor to be made, AlreadyExists for another key of this
        ID.
        """
        services = self._services
        await services.access.on_cluster(call, "keyspan:SeedKey", request)
        usage = self._checked(request)
        hot = await services.view.any_key(request.key_id)
        if hot is not None and hot.key.account != request.account:
            raise AlreadyExists(f"{hot.key.arn} already exists.")
        material = await self._material(request, make=hot is None)
        async with services.store.transaction() as transaction:
            key = await transaction.key(request.account, request.key_id)
            created = key is None
            if key is None:
                key = await self._create(transaction, request, usage, material)
            _check_same(key, request, usage, material)
            key = await self._restore(transaction, call, key, request)
            if key.origin == EXTERNAL and material is not None:
                key = await self._import(transaction, key, material)
            shared = await self._replicate(transaction, key, request)
        return SeedKeyResponse(
            arn=key.arn,
            created=created,
            primary=key.region if shared is None else shared.primary,
            regions=[key.region] if shared is None else list(shared.regions),
        )

    def _checked(self, request: SeedKeyRequest) -> str:
        """The key's usage. Raises what CreateKey would raise."""
        if not is_key_id(request.key_id):
            raise Validation(f"{request.key_id} is not a key ID in its one spelling.")
        _, usage = spec_and_usage(
            CreateKeyRequest(key_spec=request.key_spec, key_usage=request.key_usage)
        )
        for alias in request.aliases:
            check_new_alias(alias)
        checked_tags(
            [Tag(tag_key=key, tag_value=value) for key, value in (request.tags or {}).items()]
        )
        return usage

    async def _material(self, request: SeedKeyRequest, *, make: bool) -> KeyMaterial | None:
        """The material that is given, or else a fresh one if the key is to be made."""
        key_id, spec = request.key_id, request.key_spec
        if request.material is not None:
            work = partial(imported_material, key_id, spec, request.material)
            try:
                return await asyncio.to_thread(work)
            except NotOfThisSpec:
                raise Validation(f"The material is none of key spec {spec}.") from None
        if not (make and request.create):
            return None
        randomness = self._services.randomness
        return await generated(
            KEY_SPECS[spec], partial(generate_material, key_id, spec, randomness)
        )

    async def _create(
        self,
        transaction: Transaction,
        request: SeedKeyRequest,
        usage: str,
        material: KeyMaterial | None,
    ) -> Key:
        services = self._services
        arn = key_arn(services.region, request.account, request.key_id)
        if material is None or not request.create:
            raise NotFound(f"Key '{arn}' does not exist")
        key = Key(
            account=request.account,
            region=services.region,
            key_id=request.key_id,
            key_spec=request.key_spec,
            key_usage=usage,
            origin=_origin(request),
            manager=KeyManager.CUSTOMER,
            created=services.clock.now(),
            description="",
            policy=default_key_policy(request.account),
            tags=(),
            state=KeyState.ENABLED,
            own_materials=Materials.none(),
        )
        materials = []
        if key.origin != EXTERNAL:
            materials = [material]
            key = replace(key, own_materials=Materials.first(material.material_id))
        if request.multi_region:
            key = with_shared_state(key)
        key = settled(key)
        await transaction.add_key(key, materials)
        given = "given in the seed" if request.material is not None else "made here"
        logger.info("seeded %s, with key material %s", key.arn, given)
        return key

    async def _restore(
        self, transaction: Transaction, call: Call, key: Key, request: SeedKeyRequest
    ) -> Key:
        """Make the key's own properties, and its aliases, what the request says."""
        restored = await with_policy(self._services, call, _restored(key, request), request)
        if restored != key:
            await transaction.put_key(restored)
        now = self._services.clock.now()
        for name in request.aliases:
            held = await transaction.alias(key.account, name)
            if held is None or held.key_id != key.key_id:
                await check_quota(transaction, key)
                created = now if held is None else held.created
                await transaction.put_alias(Alias(key.account, name, key.key_id, created, now))
        return restored

    async def _import(self, transaction: Transaction, key: Key, material: KeyMaterial) -> Key:
        """Import the material unless this region has it, for ever."""
        if material.material_id in held(key):
            return key
        await self._importer.take(transaction, key, material, FOR_EVER)
        after = await transaction.key(key.account, key.key_id)
        return key if after is None else after

    async def _replicate(
        self, transaction: Transaction, key: Key, request: SeedKeyRequest
    ) -> SharedState | None:
        """Offer a primary key to the regions that are to have a replica and have none."""
        shared = key.shared
        if shared is None or not key.is_primary:
            return shared
        properties = ReplicaProperties(key.description, key.policy, key.tags)
        for region in request.replicas:
            if region in shared.regions:
                continue
            if region not in self._services.peers:
                raise UnsupportedOperation(f"{region} is not a Region of this Keyspan cluster.")
            shared, _ = await self._services.primary.add_replica(
                transaction, shared, region, properties
            )
        return shared


def _restored(key: Key, request: SeedKeyRequest) -> Key:
    """The key with the properties that the request has, and usable."""
    if key.state in _UNUSABLE:
        key = settled(lifecycle.enabled(lifecycle.deletion_cancelled(key)))
    return replace(
        key,
        description=_wished(request.description, key.description),
        policy=_wished(request.policy, key.policy),
        tags=key.tags if request.tags is None else tuple(request.tags.items()),
    )


def _wished(wish: str | None, held: str) -> str:
    return held if wish is None else wish


def _check_same(
    key: Key, request: SeedKeyRequest, usage: str, material: KeyMaterial | None
) -> None:
    """Raise AlreadyExists if the key that is here is another than the one that is asked for, and
    NotFound if it is too early to tell.
    """
    asked = (request.key_spec, usage, _origin(request))
    found = (key.key_spec, key.key_usage, key.origin)
    for name, here, wanted in zip(("spec", "usage", "origin"), found, asked, strict=True):
        if here != wanted:
            raise AlreadyExists(f"{key.arn} already exists with {name} {here}, not {wanted}.")
    if material is None or material.material_id in key.materials.associated:
        return
    if key.materials.associated:
        raise AlreadyExists(f"{key.arn} already exists with other key material.")
    if key.is_replica:
        raise NotFound(f"{key.arn} has not heard yet which key material it is to have.")


def _origin(request: SeedKeyRequest) -> str:
    return AWS_KMS if request.material is None else EXTERNAL
