"""Aliases and access keys in the store."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, delete, func, select

from crypto.identity import binding
from node.model.key import Alias
from node.model.principal import Credential, Principal
from node.store import schema
from node.store.rows import Rows, Sealer, Subject
from node.store.statements import THIS, Row, Statement

ALIAS_SEPARATOR = "\n"  # in no account and no alias name
_ALIASES: Final = schema.aliases.c
_NAMED: Final = (_ALIASES.account == bindparam("account"), _ALIASES.name == THIS)
ALIAS: Final = Statement(select(schema.aliases).where(*_NAMED))
_DELETE: Final = Statement(delete(schema.aliases).where(*_NAMED))
_COUNT: Final = Statement(select(func.count()).where(_ALIASES.key_id == THIS))
LASTING_PRINCIPALS: Final = Statement(
    select(*(column for column in schema.access_keys.c if column.name != "secret")).order_by(
        schema.access_keys.c.access_key_id
    )
)


class AliasRows(Rows):
    """The transaction's verbs for aliases."""

    async def alias(self, account: str, name: str) -> Alias | None:
        """See port.Transaction."""
        row = await self._connection.first(ALIAS, {"account": account, "this": name})
        return None if row is None else alias_of(row)

    async def put_alias(self, alias: Alias) -> None:
        """See port.Transaction."""
        before = await self.alias(alias.account, alias.name)
        await self._keys_written()
        await self._put(
            schema.aliases,
            {
                "account": alias.account,
                "name": alias.name,
                "key_id": alias.key_id,
                "created": alias.created,
                "updated": alias.updated,
            },
        )
        self._alias_changed(alias)
        if before is not None and before.key_id != alias.key_id:
            self._changed(Subject.KEY_ALIASES, before.key_id)

    async def delete_alias(self, alias: Alias) -> None:
        """See port.Transaction."""
        await self._connection.run(_DELETE, {"account": alias.account, "this": alias.name})
        self._alias_changed(alias)

    async def count_aliases(self, key_id: str) -> int:
        """See port.Transaction."""
        return int(await self._connection.value(_COUNT, {"this": key_id}))

    def _alias_changed(self, alias: Alias) -> None:
        """The alias names another key, or none; and the key has other aliases."""
        self._changed(Subject.ALIAS, alias_subject(alias.account, alias.name))
        self._changed(Subject.KEY_ALIASES, alias.key_id)


class CredentialRows(Rows):
    """The transaction's verbs for access keys."""

    async def put_credential(self, credential: Credential) -> None:
        """See port.Transaction."""
        principal = credential.principal
        sealed = self._sealer.ring.seal(
            credential.secret.encode(),
            _bound(self._sealer, credential.access_key_id),
            self._sealer.randomness,
        )
        await self._put(
            schema.access_keys,
            {
                "access_key_id": credential.access_key_id,
                "account": principal.account,
                "principal_arn": principal.arn,
                "principal_id": principal.principal_id,
                "principal_kind": principal.kind,
                "secret": sealed,
                "active": credential.active,
            },
        )
        self._changed(Subject.ACCESS_KEY, credential.access_key_id)


def alias_of(row: Row) -> Alias:
    """The alias that a row holds."""
    return Alias(row.account, row.name, row.key_id, row.created, row.updated)


def alias_subject(account: str, name: str) -> str:
    """How the change counter names an alias."""
    return f"{account}{ALIAS_SEPARATOR}{name}"


def credential_of(row: Row, sealer: Sealer) -> Credential:
    """The access key that a row holds. Raises SealError if the root keys do not open its secret."""
    secret = sealer.ring.open(row.secret, _bound(sealer, row.access_key_id))
    return Credential(row.access_key_id, secret.decode(), principal_of(row), row.active)


def principal_of(row: Row) -> Principal:
    """Whose access key a row holds."""
    return Principal(row.account, row.principal_arn, row.principal_id, row.principal_kind)


def _bound(sealer: Sealer, access_key_id: str) -> bytes:
    return binding("keyspan access key", sealer.region, access_key_id)
