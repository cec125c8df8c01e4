"""CreateAlias, UpdateAlias, DeleteAlias and ListAliases. Aliases never leave their region (D8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from node.access.actions import PREFIX
from node.hot.at_hand import HotKey
from node.model.arn import ALIAS_PREFIX, is_alias
from node.model.errors import (
    AlreadyExists,
    InvalidAliasName,
    LimitExceeded,
    NotFound,
    Validation,
)
from node.model.key import Alias, Key
from node.model.managed import LISTED, RESERVED_PREFIX
from node.model.state import check_state
from node.model.usage import same_type
from node.operations.lists import LIST_ALIASES, after_marker, page, page_size
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.store.port import Transaction
from node.wire.messages import Call
from node.wire.shapes.aliases import (
    AliasListEntry,
    CreateAliasRequest,
    DeleteAliasRequest,
    ListAliasesRequest,
    ListAliasesResponse,
    UpdateAliasRequest,
)

ALIASES_OF_A_KEY_MOST: Final = 50
AliasRequest = CreateAliasRequest | UpdateAliasRequest | DeleteAliasRequest


class Aliases:
    """The alias operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def create_alias(self, call: Call, request: CreateAliasRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html"""
        _check_names(request.alias_name, request.target_key_id)
        check_new_alias(request.alias_name)
        account, name = call.principal.account, request.alias_name
        now = self._services.clock.now()
        target = await self._resolver.identified("CreateAlias", call, request.target_key_id)
        await self._authorise("CreateAlias", call, request, target)
        async with self._services.store.transaction() as transaction:
            key = await self._resolver.current(transaction, target.key)
            check_state("CreateAlias", key)
            if await transaction.alias(account, name) is not None:
                arn = self._services.alias_arn(account, name)
                raise AlreadyExists(f"An alias with the name {arn} already exists")
            await check_quota(transaction, key)
            await transaction.put_alias(Alias(account, name, key.key_id, now, now))

    async def update_alias(self, call: Call, request: UpdateAliasRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html"""
        _check_names(request.alias_name, request.target_key_id)
        held = await self._current(call, request.alias_name)
        target = await self._resolver.identified("UpdateAlias", call, request.target_key_id)
        await self._authorise("UpdateAlias", call, request, held, target)
        async with self._services.store.transaction() as transaction:
            alias = await self._held(transaction, call, request.alias_name)
            key = await self._resolver.current(transaction, target.key)
            check_state("UpdateAlias", key)
            current = await transaction.key(alias.account, alias.key_id)
            if current is not None and not same_type(current, key):
                raise Validation(
                    f"Alias {self._services.alias_arn(alias.account, alias.name)} cannot be moved "
                    "to a KMS key of another type or usage."
                )
            if alias.key_id != key.key_id:
                await check_quota(transaction, key)
            now = self._services.clock.now()
            await transaction.put_alias(replace(alias, key_id=key.key_id, updated=now))

    async def delete_alias(self, call: Call, request: DeleteAliasRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html"""
        _check_alias_name(request.alias_name)
        held = await self._current(call, request.alias_name)
        await self._authorise("DeleteAlias", call, request, held)
        async with self._services.store.transaction() as transaction:
            alias = await self._held(transaction, call, request.alias_name)
            await transaction.delete_alias(alias)

    async def list_aliases(self, call: Call, request: ListAliasesRequest) -> ListAliasesResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html"""
        account = call.principal.account
        await self._services.access.on_account(call, "kms:ListAliases", request)
        size = page_size(LIST_ALIASES, request.limit)
        after = after_marker(LIST_ALIASES, request.marker)
        key_id = None
        if request.key_id is not None:
            hot = await self._resolver.identified("ListAliases", call, request.key_id)
            if hot.key.account != account:  # which only a key policy could allow, and none can
                await self._services.access.on_key(call, "kms:ListAliases", hot, request)
            key_id = hot.key.key_id
        held = await self._services.store.list_aliases(account, key_id, after, size + 1)
        aliases: dict[str, Alias | None] = {alias.name: alias for alias in held}
        if key_id is None:
            aliases = {**{name: None for name in LISTED if name > after}, **aliases}
        # behind the last one of a full page, a predefined alias may have a key after all
        found = sorted(aliases)[: size + 1]
        last = found[size - 1] if len(found) >= size else ""
        shown = page(LIST_ALIASES, found, size, last)
        return ListAliasesResponse(
            aliases=[self._entry(account, name, aliases[name]) for name in shown.items],
            next_marker=shown.next_marker,
            truncated=shown.truncated,
        )

    def _entry(self, account: str, name: str, alias: Alias | None) -> AliasListEntry:
        """An alias, or only the name of a predefined one that has no key yet."""
        return AliasListEntry(
            alias_name=name,
            alias_arn=self._services.alias_arn(account, name),
            target_key_id=None if alias is None else alias.key_id,
            creation_date=None if alias is None else alias.created,
            last_updated_date=None if alias is None else alias.updated,
        )

    async def _authorise(
        self, operation: str, call: Call, request: AliasRequest, *keys: HotKey
    ) -> None:
        """Authorise it on the alias, by identity policies, and on every key that it affects."""
        action = f"{PREFIX}{operation}"
        arn = self._services.alias_arn(call.principal.account, request.alias_name)
        await self._services.access.on_account(call, action, request, arn)
        for key in keys:
            await self._services.access.on_key(call, action, key, request)

    async def _current(self, call: Call, name: str) -> HotKey:
        """The key that an alias names now."""
        account = call.principal.account
        key_id = await self._services.view.alias_target(account, name)
        hot = None if key_id is None else await self._services.view.key(account, key_id)
        if hot is None:
            raise NotFound(f"Alias {self._services.alias_arn(account, name)} is not found.")
        return hot

    async def _held(self, transaction: Transaction, call: Call, name: str) -> Alias:
        account = call.principal.account
        alias = await transaction.alias(account, name)
        if alias is None:
            raise NotFound(f"Alias {self._services.alias_arn(account, name)} is not found.")
        return alias


def _check_names(alias_name: str, target: str) -> None:
    _check_alias_name(alias_name)
    if is_alias(target):
        raise Validation("Aliases must refer to keys. Not aliases")


def _check_alias_name(name: str) -> None:
    if not name.startswith(ALIAS_PREFIX) or name == ALIAS_PREFIX:
        raise Validation(
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )


def check_new_alias(name: str) -> None:
    """Raise Validation or InvalidAliasName for a name that no alias can be given."""
    _check_alias_name(name)
    if name.startswith(RESERVED_PREFIX):
        raise InvalidAliasName(f"{name} is reserved: aliases of AWS begin with {RESERVED_PREFIX}.")


async def check_quota(transaction: Transaction, key: Key) -> None:
    """Raise LimitExceeded if a key cannot have another alias."""
    if await transaction.count_aliases(key.key_id) >= ALIASES_OF_A_KEY_MOST:
        raise LimitExceeded(f"{key.arn} has {ALIASES_OF_A_KEY_MOST} aliases, which is the limit.")
