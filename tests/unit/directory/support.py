"""A directory for tests: facts by the unique IDs of a few entities, without a store."""

from __future__ import annotations

from typing import Any

import msgspec

from node.directory.parts import About, Kind, Made, Name, Part, Text, Version, key_of, packed
from replication.facts import Fact
from replication.payloads import FactStamp

ACCOUNT = "111122223333"
NOW = 1_790_000_000.0


def unique_id(kind: Kind, number: int) -> str:
    """The unique ID of one of the entities; a higher number is a higher ID."""
    return f"{kind.value}{number:017}"


def fact(
    entity: str,
    part: Part,
    value: msgspec.Struct | None,
    sub: str = "",
    *,
    revision: int = 1,
    time: float = NOW,
    account: str = ACCOUNT,
) -> Fact:
    """A fact about an entity."""
    key = key_of(account, entity, part, sub)
    stamp = FactStamp(revision, time, "us-east-1")
    return Fact(key, None if value is None else packed(value), stamp)


def made(kind: Kind, number: int, name: str, *more: Fact, created: float = NOW) -> list[Fact]:
    """The facts that make an entity."""
    entity = unique_id(kind, number)
    facts = [fact(entity, Part.MADE, Made(created)), fact(entity, Part.NAME, Name(name, "/"))]
    if kind is Kind.POLICY:
        facts.append(fact(entity, Part.VERSION, Version(document(name), created), "v1"))
        facts.append(fact(entity, Part.DEFAULT, Text("v1")))
    if kind is Kind.ROLE:
        facts.append(fact(entity, Part.ABOUT, About()))
    return [*facts, *more]


def document(word: str) -> str:
    """A policy document that can be told from others."""
    return (
        f'{{"Version":"2012-10-17","Statement":{{"Sid":"{word}","Effect":"Allow",'
        '"Action":"kms:*","Resource":"*"}}'
    )


def told(book: Any) -> dict[str, Any]:
    """Everything that a book answers about the users, groups, roles and policies of the account."""
    answers: dict[str, Any] = {}
    for kind in Kind:
        for each in book.listed(ACCOUNT, kind):
            arn = book.arn_of(each)
            answers[f"{kind} {each.unique_id}"] = {
                "arn": arn,
                "found": book.at_arn(arn) is each and book.entity(each.unique_id) is each,
                "tags": each.tags,
                "policies": book.policies_of(each) if kind is not Kind.POLICY else (),
                "document": book.document_of(each) if kind is Kind.POLICY else "",
                "groups": [book.arn_of(group) for group in book.groups_of(each)],
                "keys": {key: book.is_active(key) for key in each.access_keys},
                "trust": each.trust,
            }
    return answers
