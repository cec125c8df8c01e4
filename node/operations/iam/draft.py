"""A change of the directory that sees itself: what it made, it can go on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from node.directory.book import Book
from node.directory.entity import Entity
from node.directory.parts import Kind, Part, key_of
from node.model.principal import Principal
from node.operations.iam.desk import Change
from replication.facts import Fact, Key


class Draft(Change):
    """A change on a book of its own, which follows every fact that is put."""

    def __init__(
        self,
        facts: Sequence[Fact],
        account: str,
        lasting: Sequence[Principal],
        now: float,
        new_unique_id: Callable[[Kind], str],
    ) -> None:
        super().__init__(Book(facts), account, lasting, now, new_unique_id)
        self._secrets: Mapping[Key, bytes | None] = {each.key: each.secret for each in facts}

    def secret(self, user: Entity, access_key_id: str) -> bytes | None:
        """The secret of an access key that was there before this change."""
        key = key_of(self.account, user.unique_id, Part.KEY, access_key_id)
        return self._secrets.get(key)

    def put(
        self,
        unique_id: str,
        part: Part,
        value: msgspec.Struct,
        sub: str = "",
        *,
        secret: bytes | None = None,
    ) -> None:
        """See Change."""
        super().put(unique_id, part, value, sub, secret=secret)
        self._follow()

    def take_back(self, entity: Entity, part: Part, sub: str = "") -> None:
        """See Change."""
        super().take_back(entity, part, sub)
        self._follow()

    def give_up_name(self, entity: Entity) -> None:
        """See Change."""
        before = len(self.facts)
        super().give_up_name(entity)
        for each in self.facts[before:]:
            self.book.tell(each.key, each.value)

    def _follow(self) -> None:
        last = self.facts[-1]
        self.book.tell(last.key, last.value)
