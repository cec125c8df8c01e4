"""Keys by the hundred thousand: written straight through the store's own code, while no node runs.

What CreateKey and ReplicateKey do in a transaction for one key is done here for many in one, which
takes a tenth of the time: what is measured with the keys is not how they came.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import uvloop

from crypto.keys import generate_material
from crypto.material import KeyMaterial
from crypto.specs import ENCRYPT_DECRYPT, SYMMETRIC_DEFAULT
from node.clock import SystemClock
from node.cluster.create import DEFAULT_ACCOUNT
from node.model.key import Key, KeyManager, KeyState
from node.model.policy import default_key_policy
from node.operations.keys import DEFAULT_ORIGIN, MULTI_REGION_PREFIX, with_shared_state
from node.parts import Beside
from node.settings import NodeSettings, read_node_settings
from node.store.rows import Sealer
from node.store.sql import SqlStore
from replication.log import Log
from replication.materials import Materials
from replication.offers import ReplicaProperties
from replication.primary import Primary

AT_ONCE: Final = 2_000  # keys of one transaction
_RELATED_OF: Final = 10  # keys, of which one is a multi-Region key
_POLICY: Final = default_key_policy(DEFAULT_ACCOUNT)


class Planter:
    """Writes keys into the store of a node that does not run."""

    def __init__(self, node_file: Path, say: Callable[[str], None]) -> None:
        """`say` is told how far it is."""
        self._settings: NodeSettings = read_node_settings(node_file, os.environ)
        self._say = say
        settings, clock = self._settings, SystemClock()
        self._store = SqlStore(
            settings.store_file, Sealer(settings.region, settings.root_keys, os.urandom)
        )
        self._log = Log(settings.identity, clock, os.urandom)
        peers = {name: peer.identity for name, peer in settings.peers.items()}
        self._primary = Primary(settings.region, self._store, self._log, clock, peers, Beside())

    def plant(self, count: int) -> tuple[str, ...]:
        """So many keys, one of ten a multi-Region key without replicas. Gives the IDs of the last
        of them, AT_ONCE at most.
        """
        return uvloop.run(self._plant(count, replica_region=None))

    def plant_replicas(self, count: int, region: str) -> None:
        """So many multi-Region keys, each offered to `region`: one entry of the log for each."""
        uvloop.run(self._plant(count, replica_region=region))

    async def _plant(self, count: int, replica_region: str | None) -> tuple[str, ...]:
        await self._store.open()
        last: tuple[str, ...] = ()
        try:
            for start in range(0, count, AT_ONCE):
                self._say(f"planting {count:,} keys: {start / count:.0%}")
                last = await self._planted(min(AT_ONCE, count - start), replica_region)
        finally:
            await self._store.close()
        return last

    async def _planted(self, count: int, replica_region: str | None) -> tuple[str, ...]:
        every = _RELATED_OF if replica_region is None else 1
        made = [self._key(related=number % every == 0) for number in range(count)]
        async with self._store.transaction() as transaction:
            await self._log.ensure(transaction)
            for key, materials in made:
                await transaction.add_key(key, materials)
                if key.shared is not None and replica_region is not None:
                    await self._primary.add_replica(
                        transaction, key.shared, replica_region, ReplicaProperties()
                    )
        await self._store.trim_changes()  # as a node does, so that none is left for its start
        return tuple(key.key_id for key, _ in made)

    def _key(self, *, related: bool) -> tuple[Key, Sequence[KeyMaterial]]:
        name = str(uuid.uuid4())
        key_id = MULTI_REGION_PREFIX + name.replace("-", "") if related else name
        material = generate_material(key_id, SYMMETRIC_DEFAULT.name, os.urandom)
        key = Key(
            account=DEFAULT_ACCOUNT,
            region=self._settings.region,
            key_id=key_id,
            key_spec=SYMMETRIC_DEFAULT.name,
            key_usage=ENCRYPT_DECRYPT,
            origin=DEFAULT_ORIGIN,
            manager=KeyManager.CUSTOMER,
            created=time.time(),
            description="",
            policy=_POLICY,
            tags=(),
            state=KeyState.ENABLED,
            own_materials=Materials.first(material.material_id),
        )
        return (with_shared_state(key) if related else key), [material]
