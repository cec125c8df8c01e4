"""Changing facts of the directory, in the transaction that also tells every region of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crypto.identity import PublicIdentity
from replication.facts import Fact, Key, stamped, told_to
from replication.log import Log
from replication.payloads import FactsTold
from replication.ports import Clock, Offload, ReplicaTransaction

__all__ = ["Directory", "FactChange"]


@dataclass(frozen=True, slots=True)
class FactChange:
    """What a fact is to be: a packed value, or None to take it back; and its secret, if any."""

    key: Key
    value: bytes | None
    secret: bytes | None = field(default=None, repr=False)


class Directory:
    """The verbs of one region for the facts that all regions hold."""

    def __init__(
        self,
        region: str,
        log: Log,
        clock: Clock,
        peers: Mapping[str, PublicIdentity],
        offload: Offload[Sequence[FactsTold]],
    ) -> None:
        self._region = region
        self._log = log
        self._clock = clock
        self._peers = peers
        self._offload = offload

    async def change(
        self, transaction: ReplicaTransaction, changes: Sequence[FactChange]
    ) -> Sequence[Fact]:
        """Make these facts, here and (through the log) everywhere.

        Of several changes of one fact, the last one is made: a stamp is never given twice.
        """
        changes = tuple({each.key: each for each in changes}.values())
        known = {each.key: each for each in await transaction.facts([c.key for c in changes])}
        now = self._clock.now()
        facts = [
            stamped(
                known.get(each.key),
                each.key,
                each.value,
                each.secret,
                now=now,
                region=self._region,
            )
            for each in changes
        ]
        await transaction.put_facts(facts)
        await self._tell(transaction, facts, tuple(self._peers.values()))
        return facts

    async def pass_on(
        self, transaction: ReplicaTransaction, facts: Sequence[Fact], origin: str
    ) -> None:
        """Tell facts that were news to this region to all others but the one they were heard of.

        Whoever made them may be gone, or have lost its store, before it has told everybody; what is
        no news to a region is not passed on again, so that it ends.
        """
        others = tuple(peer for name, peer in self._peers.items() if name != origin)
        if others:
            await self._tell(transaction, facts, others)

    async def tell_all(self, transaction: ReplicaTransaction, receiver: str) -> None:
        """Tell everything that is known, for a peer that is new or was away too long."""
        await self._tell(transaction, await transaction.all_facts(), (self._peers[receiver],))

    async def _tell(
        self,
        transaction: ReplicaTransaction,
        facts: Sequence[Fact],
        receivers: Sequence[PublicIdentity],
    ) -> None:
        for told in await self._offload(lambda: told_to(facts, self._region, receivers)):
            await self._log.append(transaction, told)
