"""Stores for a view to read: one that counts what is read, and one whose reads can be held up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from crypto.errors import SealError
from crypto.material import KeyMaterial
from node.model.grant import Grant
from node.model.key import Alias, Key
from node.model.principal import AttachedPolicy, Credential, Principal
from node.store.alias_rows import alias_subject
from node.store.fact_rows import fact_subject
from node.store.rows import Subject
from replication.facts import Fact
from replication.facts import Key as FactKey

Changes = Sequence[tuple[Subject, str]] | None


class FakeStore:
    """What a view reads, in memory. `hold` stops every read after it has seen its row; the keys
    that are `broken` do not open.
    """

    def __init__(self) -> None:
        self.keys: dict[str, tuple[Key, Sequence[KeyMaterial]]] = {}
        self.aliases: dict[str, Alias] = {}
        self.credentials: dict[str, Credential] = {}
        self.facts: dict[FactKey, Fact] = {}
        self.changes: list[tuple[Subject, str]] = []
        self.forgotten = 0
        self.broken: set[str] = set()
        self.reads: Counter[str] = Counter()
        self.opened: list[str] = []
        self.key_read = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()

    def hold(self) -> None:
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    def put_key(self, key: Key, materials: Sequence[KeyMaterial]) -> None:
        self.keys[key.key_id] = (key, materials)
        self.changes.append((Subject.KEY, key.key_id))

    def delete_key(self, key_id: str) -> None:
        del self.keys[key_id]
        self.changes.append((Subject.KEY, key_id))

    def put_alias(self, alias: Alias) -> None:
        subject = alias_subject(alias.account, alias.name)
        self.aliases[subject] = alias
        self.changes.append((Subject.ALIAS, subject))

    def delete_alias(self, alias: Alias) -> None:
        subject = alias_subject(alias.account, alias.name)
        del self.aliases[subject]
        self.changes.append((Subject.ALIAS, subject))

    def put_fact(self, fact: Fact) -> None:
        self.facts[fact.key] = fact
        self.changes.append((Subject.FACT, fact_subject(fact.key)))

    def put_credential(self, credential: Credential) -> None:
        self.credentials[credential.access_key_id] = credential
        self.changes.append((Subject.ACCESS_KEY, credential.access_key_id))

    async def read_key(
        self, key_id: str, known: Collection[str] = ()
    ) -> tuple[Key, Mapping[str, KeyMaterial | None]] | None:
        self.reads["key"] += 1
        if key_id in self.broken:
            raise SealError
        found = self.keys.get(key_id)
        await self._open.wait()
        self.key_read.set()
        if found is None:
            return None
        names = [each.material_id for each in found[1]]
        self.opened += [each for each in names if each not in known]
        return found[0], {
            each.material_id: None if each.material_id in known else each for each in found[1]
        }

    async def read_alias(self, account: str, name: str) -> Alias | None:
        self.reads["alias"] += 1
        found = self.aliases.get(alias_subject(account, name))
        await self._open.wait()
        return found

    async def read_facts(self) -> Sequence[Fact]:
        self.reads["facts"] += 1
        return list(self.facts.values())

    async def read_facts_of(self, prefix: str) -> Sequence[Fact]:
        return []

    async def read_fact(self, key: FactKey) -> Fact | None:
        self.reads["fact"] += 1
        return self.facts.get(key)

    async def read_identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        return ()

    async def read_aliases(self, key_id: str) -> tuple[str, ...]:
        return ()

    async def read_grants(self, key_id: str) -> Sequence[Grant]:
        return ()

    async def read_grant(self, grant_id: str) -> Grant | None:
        return None

    async def read_lasting_principals(self) -> Sequence[Principal]:
        return [each.principal for each in self.credentials.values()]

    async def read_credential(self, access_key_id: str) -> Credential | None:
        self.reads["credential"] += 1
        found = self.credentials.get(access_key_id)
        await self._open.wait()
        return found

    async def last_change(self) -> int:
        return len(self.changes)

    async def read_changes(self, after: int) -> tuple[int, Changes]:
        counter = len(self.changes)
        return (counter, None) if after < self.forgotten else (counter, self.changes[after:])
