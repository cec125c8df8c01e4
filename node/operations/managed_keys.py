"""AWS managed keys come into being when their alias is first used."""

from __future__ import annotations

import logging
from typing import Final

from crypto.material import KeyMaterial
from node.model.key import Alias, Key, KeyManager, KeyState
from node.model.managed import (
    ROTATION_DAYS,
    description_of,
    managed_key_policy,
    service_of,
)
from node.operations.services import Services
from replication.materials import Materials

SPEC: Final = "SYMMETRIC_DEFAULT"
USAGE: Final = "ENCRYPT_DECRYPT"
ORIGIN: Final = "AWS_KMS"
logger = logging.getLogger(__name__)


class ManagedKeys:
    """The AWS managed keys of one region."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def target(self, account: str, alias: str) -> str | None:
        """The ID of the key of a predefined alias that has none in memory; None for any other
        alias.

        The key is made if there is none. Two callers at once, also of two nodes, get the same.
        """
        service = service_of(alias)
        if service is None:
            return None
        async with self._services.store.transaction() as transaction:
            held = await transaction.alias(account, alias)
            if held is not None:
                return held.key_id
            key, material = self._made(account, service)
            await transaction.add_key(key, [material])
            await transaction.put_alias(Alias(account, alias, key.key_id, key.created, key.created))
        logger.info("made %s, the AWS managed key of %s", key.arn, alias)
        return key.key_id

    def _made(self, account: str, service: str) -> tuple[Key, KeyMaterial]:
        services = self._services
        now = services.clock.now()
        material = KeyMaterial.generate(services.new_uuid(), services.randomness)
        key = Key(
            account=account,
            region=services.region,
            key_id=material.key_id,
            key_spec=SPEC,
            key_usage=USAGE,
            origin=ORIGIN,
            manager=KeyManager.AWS,
            created=now,
            description=description_of(service),
            policy=managed_key_policy(service, account),
            tags=(),
            state=KeyState.ENABLED,
            own_materials=Materials.first(material.material_id).enabled(ROTATION_DAYS, now),
        )
        return key, material
