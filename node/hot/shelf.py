"""The directory in memory: read when it is first needed, then kept true fact by fact.

Secrets stay in the store until a caller signs with the access key that they are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from node.directory.book import Book
from node.directory.parts import Part, key_of
from node.model.principal import AttachedPolicy, Credential
from node.sessions.keys import is_of_sessions
from node.store.fact_rows import fact_key
from replication.facts import Fact, Key


class FactStore(Protocol):
    """What is read of the directory from the key store."""

    async def read_facts(self) -> Sequence[Fact]: ...

    async def read_fact(self, key: Key) -> Fact | None: ...


class Shelf:
    """One node's book of the directory. Whoever calls sees to it that calls take turns."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._book: Book | None = None

    async def book(self) -> Book:
        """The directory."""
        if self._book is None:
            facts = await self._store.read_facts()
            self._book = Book(each for each in facts if not is_of_sessions(each.key))
        return self._book

    async def reload(self, subject: str) -> None:
        """Read a fact again that was changed; it goes by the change counter's name."""
        book, self._book = self._book, None  # read anew, should this read fail
        if book is None:
            return
        fact = await self._store.read_fact(fact_key(subject))
        if fact is not None:
            book.put(fact)
        self._book = book

    async def policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]:
        """The identity policies of a user or role of the directory; nobody else has any here."""
        book = await self.book()
        entity = book.at_arn(principal_arn)
        return () if entity is None else book.policies_of(entity)

    async def credential(self, access_key_id: str) -> Credential | None:
        """An access key of a user of the directory."""
        book = await self.book()
        owner = book.owner(access_key_id)
        if owner is None:
            return None
        key = key_of(owner.account, owner.unique_id, Part.KEY, access_key_id)
        fact = await self._store.read_fact(key)
        if fact is None or fact.secret is None:
            return None  # its secret was not sealed to this region, or was not heard yet
        return Credential(
            access_key_id,
            fact.secret.decode(),
            book.principal(owner),
            active=book.is_active(access_key_id),
        )

    def forget(self) -> None:
        """Read everything again when it is next needed."""
        self._book = None
