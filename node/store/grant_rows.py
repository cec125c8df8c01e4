"""Grants in the store. They belong to the key in one region and never leave it (decision D8)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Row, Select, bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.model.grant import Grant, GrantConstraints, GrantTerms, Pairs
from node.store import schema
from node.store.rows import Rows, Subject

GRANT_SEPARATOR: Final = "\n"  # in no key ID and no grant ID

_GRANTS: Final = schema.grants.c
_THIS: Final[BindParameter[str]] = bindparam("this")
_GRANT: Final = select(schema.grants).where(_GRANTS.grant_id == _THIS)
_OF_KEY: Final = select(schema.grants).where(_GRANTS.key_id == _THIS)
_NAMED: Final = _OF_KEY.where(_GRANTS.name == bindparam("name"))
_COUNT: Final = select(func.count()).select_from(schema.grants).where(_GRANTS.key_id == _THIS)
_ADD: Final = insert(schema.grants)
_DELETE: Final = delete(schema.grants).where(_GRANTS.grant_id == _THIS)


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
        rows = await self._connection.execute(_NAMED, {"this": key_id, "name": name})
        return [grant_of(row) for row in rows]

    async def count_grants(self, key_id: str) -> int:
        """See port.Transaction."""
        return (await self._connection.execute(_COUNT, {"this": key_id})).scalar_one()

    async def add_grant(self, grant: Grant) -> None:
        """See port.Transaction."""
        await (await self._keys_written()).execute(_ADD, _values(grant))
        self._changed(Subject.GRANT, grant_subject(grant))

    async def delete_grant(self, grant: Grant) -> None:
        """See port.Transaction."""
        await self._connection.execute(_DELETE, {"this": grant.grant_id})
        self._changed(Subject.GRANT, grant_subject(grant))


def grant_subject(grant: Grant) -> str:
    """How the change counter names a grant."""
    return f"{grant.key_id}{GRANT_SEPARATOR}{grant.grant_id}"


async def read_grant(connection: AsyncConnection, grant_id: str) -> Grant | None:
    """A grant of any key."""
    row = (await connection.execute(_GRANT, {"this": grant_id})).first()
    return None if row is None else grant_of(row)


async def read_grants(connection: AsyncConnection, key_id: str) -> Sequence[Grant]:
    """Every grant of a key."""
    return [grant_of(row) for row in await connection.execute(_OF_KEY, {"this": key_id})]


def listed_grants(wanted: GrantFilter, after: str, count: int) -> Select[Any]:
    """A page of grants, in the order of their IDs."""
    statement = select(schema.grants).where(_GRANTS.grant_id > after)
    for column in wanted.__slots__:
        value = getattr(wanted, column)
        if value is not None:
            statement = statement.where(_GRANTS[column] == value)
    return statement.order_by(_GRANTS.grant_id).limit(count)


def grant_of(row: Row[Any]) -> Grant:
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
