"""Facts of the directory in the store. Their secrets are sealed (decision D3)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import bindparam, select

from crypto.identity import binding
from node.store import schema
from node.store.rows import Rows, Sealer, Subject
from node.store.statements import THIS, Row, Statement, among
from replication.facts import Fact, Key
from replication.payloads import FactStamp

FACT: Final = Statement(select(schema.facts).where(schema.facts.c.fact == THIS))
_THESE: Final = Statement(select(schema.facts).where(among(schema.facts.c.fact, "these")))
_FACTS: Final = Statement(select(schema.facts).order_by(schema.facts.c.fact))
FACTS_OF: Final = Statement(
    select(schema.facts)
    .where(schema.facts.c.fact.startswith(bindparam("begin")))
    .order_by(schema.facts.c.fact)
)
FACTS_WITHOUT_SECRETS: Final = Statement(
    select(*(column for column in schema.facts.c if column.name != "secret"))
)
_SEPARATOR: Final = "\x1f"  # ASCII's unit separator: in no name of the directory


class FactRows(Rows):
    """The transaction's verbs for facts. See replication.ports.ReplicaTransaction."""

    async def facts(self, keys: Collection[Key]) -> Sequence[Fact]:
        """What is known of these."""
        these = {"these": json.dumps([fact_subject(key) for key in keys])}
        return [fact_of(row, self._sealer) for row in await self._connection.rows(_THESE, these)]

    async def all_facts(self) -> Sequence[Fact]:
        """All of them, by key."""
        return [fact_of(row, self._sealer) for row in await self._connection.rows(_FACTS)]

    async def put_facts(self, facts: Sequence[Fact]) -> None:
        """Hold these."""
        if not facts:
            return
        await self._put(schema.facts, *(_values(each, self._sealer) for each in facts))
        for each in facts:
            self._changed(Subject.FACT, fact_subject(each.key))


def fact_subject(key: Key) -> str:
    """How the change counter names a fact."""
    return _SEPARATOR.join(key)


def fact_key(subject: str) -> Key:
    """The key of the fact that the change counter names."""
    return tuple(subject.split(_SEPARATOR))


def fact_without_secret(row: Row) -> Fact:
    """The fact that a row holds, but for its secret."""
    stamp = FactStamp(row.revision, row.time, row.region)
    return Fact(fact_key(row.fact), row.value, stamp)


def _values(fact: Fact, sealer: Sealer) -> dict[str, Any]:
    key = fact_subject(fact.key)
    secret = fact.secret
    return {
        "fact": key,
        "value": fact.value,
        "revision": fact.stamp.revision,
        "time": fact.stamp.time,
        "region": fact.stamp.region,
        "secret": None
        if secret is None
        else sealer.ring.seal(secret, _bound(sealer, key), sealer.randomness),
    }


def fact_of(row: Row, sealer: Sealer) -> Fact:
    """The fact that a row holds. Raises SealError if the root keys do not open its secret."""
    secret = None if row.secret is None else sealer.ring.open(row.secret, _bound(sealer, row.fact))
    return replace(fact_without_secret(row), secret=secret)


def _bound(sealer: Sealer, key: str) -> bytes:
    return binding("keyspan directory secret at rest", sealer.region, key)
