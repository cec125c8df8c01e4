"""Identity policies in the store: the documents that are attached to users and roles."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, delete, select

from node.model.principal import AttachedPolicy
from node.store import schema
from node.store.rows import Rows, Subject
from node.store.statements import THIS, Statement

_POLICIES: Final = schema.identity_policies.c
IDENTITY_POLICIES: Final = Statement(
    select(schema.identity_policies).where(_POLICIES.principal_arn == THIS).order_by(_POLICIES.name)
)
_DELETE: Final = Statement(
    delete(schema.identity_policies).where(
        _POLICIES.principal_arn == THIS, _POLICIES.name == bindparam("named")
    )
)


class IdentityRows(Rows):
    """The transaction's verbs for identity policies."""

    async def put_identity_policy(
        self, account: str, principal_arn: str, policy: AttachedPolicy
    ) -> None:
        """See port.Transaction."""
        await self._put(
            schema.identity_policies,
            {
                "principal_arn": principal_arn,
                "name": policy.name,
                "account": account,
                "document": policy.document,
            },
        )
        self._changed(Subject.IDENTITY, principal_arn)

    async def delete_identity_policy(self, principal_arn: str, name: str) -> None:
        """See port.Transaction."""
        await self._connection.run(_DELETE, {"this": principal_arn, "named": name})
        self._changed(Subject.IDENTITY, principal_arn)
