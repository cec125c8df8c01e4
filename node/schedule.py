"""What happens to keys when its time has come, on the injected clock (decision D12).

Deletions whose window has ended, automatic rotations, and imported material that expires. A deleted
replica is told to the other
regions in the same transaction. What is due after a time of standstill happens at the next step.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from node.audit import events
from node.importer import Importer
from node.model import imports
from node.model.key import Key
from node.rotation import Rotator
from node.store.port import Transaction
from node.wire.messages import Clock
from replication.log import Log
from replication.materials import RotationType

STEP_SECONDS: Final = 1.0
STEPS_OF_A_TRIM: Final = 600
KEYS_OF_A_STEP: Final = 64
logger = logging.getLogger(__name__)


class DueTransaction(Transaction, Protocol):
    """A transaction that also knows what is due."""

    async def due_deletions(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys whose deletion date has come."""
        ...

    async def due_expiries(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys with imported material that has expired."""
        ...

    async def due_rotations(self, now: float, count: int) -> Sequence[Key]:
        """Up to `count` keys that this region is to rotate."""
        ...


class DueStore(Protocol):
    """The store, as the schedule uses it."""

    def transaction(self) -> AbstractAsyncContextManager[DueTransaction]: ...

    async def trim_changes(self) -> None: ...

    async def next_due(self) -> float | None:
        """When the next deletion, rotation or expiry is due (epoch seconds); None if none is."""
        ...


class Schedule:
    """The schedule of one region."""

    def __init__(
        self,
        store: DueStore,
        log: Log,
        rotator: Rotator,
        importer: Importer,
        clock: Clock,
    ) -> None:
        self._store = store
        self._log = log
        self._rotator = rotator
        self._importer = importer
        self._clock = clock

    async def step(self) -> int:
        """Do what is due now. Returns how many keys were deleted, rotated or lost material."""
        now = self._clock.now()
        due = await self._store.next_due()
        if due is None or due > now:
            return 0
        async with self._store.transaction() as transaction:
            deleted = await transaction.due_deletions(now, KEYS_OF_A_STEP)
            for key in deleted:
                await self._delete(transaction, key)
            rotated = await transaction.due_rotations(now, KEYS_OF_A_STEP)
            for key in rotated:
                await self._rotator.rotate(transaction, key, RotationType.AUTOMATIC)
            expired = await transaction.due_expiries(now, KEYS_OF_A_STEP)
            for key in expired:
                await self._expire(transaction, key, now)
        return len(deleted) + len(rotated) + len(expired)

    async def run(self) -> None:
        """Take a step every STEP_SECONDS, for ever; now and then, trim the change counter."""
        for number in itertools.count(1):
            try:
                while await self.step():
                    pass
                if number % STEPS_OF_A_TRIM == 0:
                    await self._store.trim_changes()
            except Exception:
                logger.exception("a step of the schedule failed; it will be tried again")
            await asyncio.sleep(STEP_SECONDS)

    async def _delete(self, transaction: DueTransaction, key: Key) -> None:
        await transaction.delete_key(key)
        transaction.note(events.deleted(key), self._clock.now())
        if key.shared is not None:
            await self._log.declare_deleted(transaction, key.key_id, key.shared)
        logger.info("deleted %s, whose pending window has ended", key.arn)

    async def _expire(self, transaction: DueTransaction, key: Key, now: float) -> None:
        gone = imports.expired(key, now)
        await self._importer.let_go(transaction, key, gone)
        for material_id in sorted(gone):
            transaction.note(events.material_expired(key, material_id), now)
        logger.info("deleted imported material of %s, which has expired", key.arn)
