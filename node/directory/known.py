"""Whom policies may name: the principals that a cluster knows, by ARN and by unique ID.

A cluster knows the accounts that its settings or seeds name, and those that have anyone in the
directory. Of these accounts, whom a policy names has to exist. Other accounts are taken at their
word: nobody can sign as one of theirs, and policies that were written for AWS may name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.directory.book import Book
from node.directory.parts import Kind
from node.model.arn import is_unique_id
from node.model.principal import Principal


@dataclass(frozen=True, slots=True)
class KnownPrincipals:
    """`lasting`: the ARNs of those whom settings or seeds gave; `accounts`: all known ones."""

    book: Book
    accounts: frozenset[str]
    lasting: frozenset[str]

    @classmethod
    def of(cls, book: Book, lasting: Sequence[Principal]) -> KnownPrincipals:
        """`lasting` are those whom settings or seeds gave."""
        accounts = book.accounts() | {each.account for each in lasting}
        return cls(book, accounts, frozenset(each.arn for each in lasting))

    def missing(self, named: Iterable[str]) -> list[str]:
        """Which of these users, roles and sessions do not exist, in order."""
        return sorted(each for each in named if not self._exists(each))

    def unique_id(self, named: str) -> str | None:
        """The unique ID of a user or role of the directory; None for all others."""
        found = self.book.at_arn(named)
        return (
            None if found is None or found.kind not in (Kind.USER, Kind.ROLE) else found.unique_id
        )

    def arn(self, named: str) -> str | None:
        """The ARN that goes with a unique ID; None where it is of nobody, or no unique ID."""
        found = self.book.entity(named) if is_unique_id(named) else None
        return None if found is None else self.book.arn_of(found)

    def _exists(self, named: str) -> bool:
        if is_unique_id(named):
            return self.book.entity(named) is not None
        service, _, account, resource = named.split(":")[2:]
        if account not in self.accounts or named in self.lasting:
            return True
        if service == "iam":
            return self.unique_id(named) is not None
        kind, name, *_ = resource.split("/")
        if kind == "federated-user":
            return True
        return self.book.named(account, Kind.ROLE, name) is not None
