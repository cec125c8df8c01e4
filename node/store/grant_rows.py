"""Grants in the store. They belong to the key in one region and never leave it (decision D8)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, select

from node.model.grant import Grant, GrantConstraints, GrantTerms, Pairs
from node.store import schema
from node.store.inline_sqlite import Connection
from node.store.rows import Rows, Subject
from node.store.statements import THIS, Row, Statement, inserting

GRANT_SEPARATOR: Final = "\n"  # in no key ID and no grant ID

_GRANTS: Final = schema.grants.c
_GRANT: Final = Statement(select(schema.grants).where(_GRANTS.grant_id == THIS))
_OF_KEY: Final = Statement(select(schema.grants).where(_GRANTS.key_id == THIS))
_NAMED: Final = Statement(
    select(schema.grants).where(_GRANTS.key_id == THIS, _GRANTS.name == bindparam("named"))
)
_COUNT: Final = Statement(
    select(func.count()).select_from(schema.grants).where(_GRANTS.key_id == THIS)
)
_ADD: Final = inserting(schema.grants)
_DELETE: Final = Statement(delete(schema.grants).where(_GRANTS.grant_id == THIS))


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """Which grants a list has: those that agree in everything that is not None."""

    key_id: str | None = None
    grant_id: str | None = None
    grantee: str | None = None
    grantee_service: str | None = None
    retiring: str | None = None
    retiring_service: str | None = None


class GrantRows(Rows):
    """The transaction's verbs for grants."""

    async def grant(self, grant_id: str) -> Grant | None:
        """See port.Transaction."""
        return await read_grant(self._connection, grant_id)

    async def grants_named(self, key_id: str, name: str) -> Sequence[Grant]:
        """See port.Transaction."""
        rows = await self._connection.rows(_NAMED, {"this": key_id, "named": name})
        return [grant_of(row) for row in rows]

    async def count_grants(self, key_id: str) -> int:
        """See port.Transaction."""
        return int(await self._connection.value(_COUNT, {"this": key_id}))

    async def add_grant(self, grant: Grant) -> None:
        """See port.Transaction."""
        await (await self._keys_written()).run(_ADD, _values(grant))
        self._changed(Subject.GRANT, grant_subject(grant))

    async def delete_grant(self, grant: Grant) -> None:
        """See port.Transaction."""
        await self._connection.run(_DELETE, {"this": grant.grant_id})
        self._changed(Subject.GRANT, grant_subject(grant))


def grant_subject(grant: Grant) -> str:
    """How the change counter names a grant."""
    return f"{grant.key_id}{GRANT_SEPARATOR}{grant.grant_id}"


async def read_grant(connection: Connection, grant_id: str) -> Grant | None:
    """A grant of any key."""
    row = await connection.first(_GRANT, {"this": grant_id})
    return None if row is None else grant_of(row)


async def read_grants(connection: Connection, key_id: str) -> Sequence[Grant]:
    """Every grant of a key."""
    return [grant_of(row) for row in await connection.rows(_OF_KEY, {"this": key_id})]


async def read_listed_grants(
    connection: Connection, wanted: GrantFilter, after: str, count: int
) -> Sequence[Grant]:
    """A page of grants, in the order of their IDs."""
    told = {name: getattr(wanted, name) for name in wanted.__slots__}
    given = {name: value for name, value in told.items() if value is not None}
    bound = {**given, "after": after, "count": count}
    return [grant_of(row) for row in await connection.rows(_listed(tuple(given)), bound)]


@cache
def _listed(columns: tuple[str, ...]) -> Statement:
    """Grants that agree in these columns."""
    agree = (_GRANTS[name] == bindparam(name) for name in columns)
    return Statement(
        select(schema.grants)
        .where(_GRANTS.grant_id > bindparam("after"), *agree)
        .order_by(_GRANTS.grant_id)
        .limit(bindparam("count"))
    )


def grant_of(row: Row) -> Grant:
    """The grant that a row holds."""
    constraints = json.loads(row.constraints)
    return Grant(
        key_id=row.key_id,
        grant_id=row.grant_id,
        created=row.created,
        terms=GrantTerms(
            issuing_account=row.issuing_account,
            operations=tuple(json.loads(row.operations)),
            constraints=GrantConstraints(
                equals=_pairs(constraints["equals"]),
                subset=_pairs(constraints["subset"]),
                source_arn=constraints["source_arn"],
            ),
            name=row.name,
            grantee=row.grantee,
            grantee_service=row.grantee_service,
            retiring=row.retiring,
            retiring_service=row.retiring_service,
        ),
    )


def _pairs(found: list[list[str]] | None) -> Pairs | None:
    return None if found is None else tuple((key, value) for key, value in found)


def _values(grant: Grant) -> dict[str, Any]:
    terms, constraints = grant.terms, grant.terms.constraints
    return {
        "grant_id": grant.grant_id,
        "key_id": grant.key_id,
        "created": grant.created,
        "name": terms.name,
        "issuing_account": terms.issuing_account,
        "grantee": terms.grantee,
        "grantee_service": terms.grantee_service,
        "retiring": terms.retiring,
        "retiring_service": terms.retiring_service,
        "operations": json.dumps(terms.operations),
        "constraints": json.dumps(
            {
                "equals": constraints.equals,
                "subset": constraints.subset,
                "source_arn": constraints.source_arn,
            }
        ),
    }
