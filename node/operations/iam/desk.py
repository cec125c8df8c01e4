"""What IAM's operations share: who may, what there is, and how it is changed.

A change reads the directory inside the transaction that changes it, so that of two calls to one
region, the second sees what the first did. Two regions agree later (node/directory/book.py).

Source: IAM API Reference; Service Authorization Reference, "Actions defined by AWS Identity and
Access Management (IAM)".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from node.access.authorise import NO_FACTS, Facts
from node.directory.book import Book
from node.directory.entity import Entity
from node.directory.ids import new_unique_id
from node.directory.known import KnownPrincipals
from node.directory.managed import AwsPolicy
from node.directory.parts import Kind, Made, Name, Part, Tag, key_of, packed
from node.model.arn import PARTITION
from node.model.errors import EntityAlreadyExists, NoSuchEntity, UnmodifiableEntity
from node.model.principal import Principal
from node.operations.iam.limits import check_number
from node.operations.iam.tagging import Tagged, request_facts
from node.operations.services import Services
from node.wire.messages import Call
from replication.directory import FactChange

PREFIX: Final = "iam:"
NOUNS: Final[Mapping[Kind, str]] = {
    Kind.USER: "user",
    Kind.GROUP: "group",
    Kind.ROLE: "role",
    Kind.POLICY: "policy",
}
Resource = Callable[[Book], str]
"""What a call is about, as an ARN."""


class Reading:
    """The directory as one call of one account sees it."""

    def __init__(self, book: Book, account: str, lasting: Sequence[Principal]) -> None:
        """`lasting` are the principals that the settings or seeds gave, of every account."""
        self.book = book
        self.account = account
        self.lasting = {
            _name(each.arn).lower(): each for each in lasting if each.account == account
        }
        self.known = KnownPrincipals.of(book, lasting)

    def one(self, kind: Kind, name: str) -> Entity:
        """The user, group or role of this name. Raises NoSuchEntity, and UnmodifiableEntity for a
        user of the settings.
        """
        found = self.book.named(self.account, kind, name)
        if found is not None:
            return found
        if kind is Kind.USER and name.lower() in self.lasting:
            raise UnmodifiableEntity(
                f"The user {name} is of the cluster's settings, or of a seed, and is not changed "
                "here."
            )
        raise NoSuchEntity(f"The {NOUNS[kind]} with name {name} cannot be found.")

    def user(self, name: str) -> Entity | Principal:
        """The user of this name, of the settings too. Raises NoSuchEntity."""
        return self.lasting.get(name.lower()) or self.one(Kind.USER, name)

    def is_taken(self, kind: Kind, name: str) -> bool:
        """Whether there is one of this name."""
        if kind is Kind.USER and name.lower() in self.lasting:
            return True
        return self.book.named(self.account, kind, name) is not None

    def policy(self, arn: str) -> Entity | AwsPolicy:
        """The managed policy with this ARN. Raises NoSuchEntity."""
        found = self.book.policy_at(arn, self.account)
        if found is None:
            raise NoSuchEntity(f"Policy {arn} was not found.")
        return found


class Change(Reading):
    """A change of the directory under way: what is put here happens at once, or not at all."""

    def __init__(
        self,
        book: Book,
        account: str,
        lasting: Sequence[Principal],
        now: float,
        new_unique_id: Callable[[Kind], str],
    ) -> None:
        super().__init__(book, account, lasting)
        self.now = now
        self._new_unique_id = new_unique_id
        self.facts: list[FactChange] = []

    def put(
        self,
        unique_id: str,
        part: Part,
        value: msgspec.Struct,
        sub: str = "",
        *,
        secret: bytes | None = None,
    ) -> None:
        """Make a fact."""
        key = key_of(self.account, unique_id, part, sub)
        self.facts.append(FactChange(key, packed(value), secret))

    def take_back(self, entity: Entity, part: Part, sub: str = "") -> None:
        """Take a fact back."""
        key = key_of(self.account, entity.unique_id, part, sub)
        self.facts.append(FactChange(key, None))

    def let_go(self, entity: Entity) -> None:
        """Delete an entity, with every fact about it."""
        self.give_up_name(entity)
        for part in Part:
            for sub in entity.subs(part):
                self.take_back(entity, part, sub)

    def made(self, unique_id: str) -> tuple[Book, Entity]:
        """What this change makes, by itself: an entity that was not there before."""
        book = Book()
        for each in self.facts:
            book.tell(each.key, each.value)
        entity = book.entity(unique_id)
        if entity is None:
            raise LookupError("the change makes no such entity")
        return book, entity

    def make(self, kind: Kind, name: str, path: str, tags: Tagged = ()) -> str:
        """A new entity; returns its unique ID. Raises EntityAlreadyExists."""
        if self.is_taken(kind, name):
            raise EntityAlreadyExists(_taken(kind, name))
        check_number(kind, len(self.book.listed(self.account, kind)))
        unique_id = self._new_unique_id(kind)
        self.put(unique_id, Part.MADE, Made(self.now))
        self.put(unique_id, Part.NAME, Name(name, path))
        self.tag(unique_id, tags)
        return unique_id

    def tag(self, unique_id: str, tags: Tagged) -> None:
        """Give tags to an entity."""
        for key, value in tags:
            self.put(unique_id, Part.TAG, Tag(key, value), key.lower())

    def rename(self, entity: Entity, name: str | None, path: str | None) -> None:
        """Give an entity another name or path. Raises EntityAlreadyExists."""
        held = self.book.name_of(entity)
        wanted = held if name is None else name
        if wanted.lower() != held.lower() and self.is_taken(entity.kind, wanted):
            raise EntityAlreadyExists(_taken(entity.kind, wanted))
        self.give_up_name(entity)
        self.put(entity.unique_id, Part.NAME, Name(wanted, path or entity.claim.path))

    def give_up_name(self, entity: Entity) -> None:
        """Let nobody step into the entity's name when it is gone."""
        self.facts += self.book.names_settled(self.account, entity.kind, entity.claim.name)


class Desk:
    """Reads and changes the directory of one region for callers who may."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def reading(
        self, call: Call, action: str, request: object, resource: Resource, facts: Facts = NO_FACTS
    ) -> Reading:
        """The directory, for a caller who may. Raises AccessDenied."""
        await self._authorise(call, action, request, resource, facts)
        account = call.principal.account
        lasting = await self.services.view.lasting_principals()
        return Reading(await self.services.view.book(), account, lasting)

    @asynccontextmanager
    async def changing(
        self, call: Call, action: str, request: object, resource: Resource, facts: Facts = NO_FACTS
    ) -> AsyncIterator[Change]:
        """A change that is made when the block ends. Raises AccessDenied."""
        await self._authorise(call, action, request, resource, facts)
        services, account = self.services, call.principal.account
        async with services.store.transaction() as transaction:
            book = await services.view.latest_book()
            lasting = await services.view.lasting_principals()
            change = Change(book, account, lasting, services.clock.now(), self.new_unique_id)
            yield change
            if change.facts:
                await services.directory.change(transaction, change.facts)

    def new_unique_id(self, kind: Kind) -> str:
        """The unique ID of a new entity."""
        return new_unique_id(kind, self.services.randomness)

    async def _authorise(
        self, call: Call, action: str, request: object, resource: Resource, facts: Facts
    ) -> None:
        book = await self.services.view.book()
        arn = resource(book)
        known = {**request_facts(request), **_resource_facts(book, arn), **facts}
        await self.services.access.on_account(call, f"{PREFIX}{action}", request, arn, known)


def about(call: Call, kind: Kind, name: str, path: str | None = None) -> Resource:
    """The user, group or role of this name, in the caller's account; or the one that is to be, with
    its path.
    """

    def arn(book: Book) -> str:
        found = book.named(call.principal.account, kind, name) if path is None else None
        if found is not None:
            return book.arn_of(found)
        return f"arn:{PARTITION}:iam::{call.principal.account}:{NOUNS[kind]}{path or '/'}{name}"

    return arn


def about_all(call: Call, kind: Kind, path: str = "/") -> Resource:
    """All users, groups, roles or policies under a path, as the List operations are about."""
    return lambda _: f"arn:{PARTITION}:iam::{call.principal.account}:{NOUNS[kind]}{path}"


def about_arn(arn: str) -> Resource:
    """What has this ARN."""
    return lambda _: arn


def _resource_facts(book: Book, arn: str) -> Facts:
    """The tags of what a call is about."""
    found = book.at_arn(arn)
    tags: Tagged = () if found is None else found.tags
    names = ("aws:resourcetag/", "iam:resourcetag/")
    return {f"{name}{key.lower()}": (value,) for key, value in tags for name in names}


def _taken(kind: Kind, name: str) -> str:
    if kind is Kind.POLICY:
        return f"A policy called {name} already exists. Duplicate names are not allowed."
    return f"{NOUNS[kind].capitalize()} with name {name} already exists."


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
