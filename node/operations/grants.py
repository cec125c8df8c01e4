"""CreateGrant, ListGrants, ListRetirableGrants, RetireGrant and RevokeGrant.

A grant belongs to the key in this region and never leaves it (D8). It holds from the moment in
which the call that makes it returns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

from node.access.actions import PREFIX
from node.directory.known import KnownPrincipals
from node.hot.at_hand import HotKey
from node.model.arn import account_arn
from node.model.errors import (
    DryRunSucceeded,
    InvalidGrantId,
    LimitExceeded,
    NotFound,
    Validation,
)
from node.model.grant import GRANTS_OF_A_KEY_MOST, Grant, GrantTerms
from node.model.state import check_state
from node.operations.documents import known_principals
from node.operations.grant_terms import (
    check_fits,
    check_principal,
    shown_constraints,
    shown_principals,
    terms_of,
    with_known_principals,
)
from node.operations.lists import (
    LIST_GRANTS,
    LIST_RETIRABLE_GRANTS,
    ListRule,
    after_marker,
    page,
    page_size,
)
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.store.grant_rows import GrantFilter
from node.store.port import Transaction
from node.wire.messages import Call
from node.wire.shapes import types
from node.wire.shapes.grants import (
    CreateGrantRequest,
    CreateGrantResponse,
    GrantListEntry,
    ListGrantsRequest,
    ListGrantsResponse,
    ListRetirableGrantsRequest,
    RetireGrantRequest,
    RevokeGrantRequest,
)

GRANT_ID_BYTES: Final = 32
_GRANT_ID: Final = re.compile(r"[0-9a-f]{64}")


class Grants:
    """The grant operations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver

    async def create_grant(self, call: Call, request: CreateGrantRequest) -> CreateGrantResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html"""
        terms = terms_of(request, call.principal.account)
        hot = await self._resolver.identified("CreateGrant", call, request.key_id)
        await self._services.access.on_key(call, f"{PREFIX}CreateGrant", hot, request, child=terms)
        terms = with_known_principals(terms, await known_principals(self._services))
        check_fits(hot.key, terms)
        check_state("CreateGrant", hot.key)
        if request.dry_run:
            raise DryRunSucceeded
        async with self._services.store.transaction() as transaction:
            key = await self._resolver.current(transaction, hot.key)
            check_state("CreateGrant", key)
            grant = await self._granted(transaction, key.key_id, terms)
        return CreateGrantResponse(
            grant_token=self._services.grant_tokens.token(grant), grant_id=grant.grant_id
        )

    async def list_grants(self, call: Call, request: ListGrantsRequest) -> ListGrantsResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html"""
        _check_filter(request.grantee_principal, request.grantee_service_principal, "Grantee")
        key = await self._resolver.to_read("ListGrants", call, request)
        if request.grant_id is not None:
            _check_grant_id(request.grant_id)
        wanted = GrantFilter(
            key_id=key.key_id,
            grant_id=request.grant_id,
            grantee=await self._stored(request.grantee_principal),
        )
        return await self._listed(LIST_GRANTS, wanted, request.limit, request.marker)

    async def list_retirable_grants(
        self, call: Call, request: ListRetirableGrantsRequest
    ) -> ListGrantsResponse:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html"""
        retiring = request.retiring_principal
        _check_filter(retiring, request.retiring_service_principal, "Retiring")
        if retiring is None:
            raise Validation(
                "You must specify either RetiringPrincipal or RetiringServicePrincipal."
            )
        check_principal(retiring)
        await self._services.access.on_principal(
            call, f"{PREFIX}ListRetirableGrants", request, retiring
        )
        wanted = GrantFilter(retiring=await self._stored(retiring))
        return await self._listed(LIST_RETIRABLE_GRANTS, wanted, request.limit, request.marker)

    async def retire_grant(self, call: Call, request: RetireGrantRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html"""
        hot, grant_id = await self._to_retire(call, request)
        async with self._services.store.transaction() as transaction:
            grant = await self._held(transaction, hot, grant_id)
            await self._services.access.retirement(call, grant, hot.key, request)
            if request.dry_run:
                raise DryRunSucceeded
            await transaction.delete_grant(grant)

    async def revoke_grant(self, call: Call, request: RevokeGrantRequest) -> None:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html"""
        hot = await self._resolver.identified("RevokeGrant", call, request.key_id)
        await self._services.access.on_key(call, f"{PREFIX}RevokeGrant", hot, request)
        async with self._services.store.transaction() as transaction:
            grant = await self._held(transaction, hot, request.grant_id)
            if request.dry_run:
                raise DryRunSucceeded
            await transaction.delete_grant(grant)

    async def _granted(self, transaction: Transaction, key_id: str, terms: GrantTerms) -> Grant:
        """A new grant, or the one that was made of these very terms under the same name."""
        if terms.name:
            for held in await transaction.grants_named(key_id, terms.name):
                if held.terms.as_asked() == terms.as_asked():
                    return held
        if await transaction.count_grants(key_id) >= GRANTS_OF_A_KEY_MOST:
            raise LimitExceeded(f"The key has {GRANTS_OF_A_KEY_MOST} grants, which is the limit.")
        grant_id = self._services.randomness(GRANT_ID_BYTES).hex()
        grant = Grant(key_id, grant_id, self._services.clock.now(), terms)
        await transaction.add_grant(grant)
        return grant

    async def _to_retire(self, call: Call, request: RetireGrantRequest) -> tuple[HotKey, str]:
        """The key and the ID of the grant, by its token or by both of them."""
        if request.grant_token is not None:
            if request.key_id is not None or request.grant_id is not None:
                raise Validation("Specify either a grant token, or a key ID and a grant ID.")
            key_id, grant_id = self._services.grant_tokens.opened(request.grant_token)
            hot = await self._services.view.any_key(key_id)
            if hot is None:
                raise _not_found(grant_id)
            return hot, grant_id
        if request.key_id is None or request.grant_id is None:
            raise Validation("Specify either a grant token, or a key ID and a grant ID.")
        hot = await self._resolver.identified("RetireGrant", call, request.key_id)
        return hot, request.grant_id

    async def _held(self, transaction: Transaction, hot: HotKey, grant_id: str) -> Grant:
        """The grant on this key. Raises InvalidGrantId or NotFound."""
        _check_grant_id(grant_id)
        grant = await transaction.grant(grant_id)
        if grant is None or grant.key_id != hot.key.key_id:
            raise _not_found(grant_id)
        return grant

    async def _listed(
        self, rule: ListRule, wanted: GrantFilter, limit: int | None, marker: str | None
    ) -> ListGrantsResponse:
        size = page_size(rule, limit)
        after = after_marker(rule, marker)
        found = await self._services.store.list_grants(wanted, after, size + 1)
        last = found[size - 1].grant_id if len(found) >= size else ""
        shown = page(rule, found, size, last)
        return ListGrantsResponse(
            grants=await self._entries(shown.items),
            next_marker=shown.next_marker,
            truncated=shown.truncated,
        )

    async def _stored(self, principal: str | None) -> str | None:
        """How grants that are stored name a principal."""
        if principal is None:
            return None
        return (await known_principals(self._services)).unique_id(principal) or principal

    async def _entries(self, grants: Sequence[Grant]) -> list[GrantListEntry]:
        entries = []
        known = await known_principals(self._services)
        for grant in grants:
            hot = await self._services.view.any_key(grant.key_id)
            if hot is not None:  # else it has just been deleted, and its grants with it
                entries.append(_entry(grant, hot.key.arn, known))
        return entries


def _entry(grant: Grant, arn: str, known: KnownPrincipals) -> GrantListEntry:
    terms = shown_principals(grant.terms, known)
    return GrantListEntry(
        key_id=arn,
        grant_id=grant.grant_id,
        name=terms.name,
        creation_date=grant.created,
        grantee_principal=terms.grantee,
        retiring_principal=terms.retiring,
        issuing_account=account_arn(terms.issuing_account),
        operations=cast("list[types.GrantOperation]", list(terms.operations)),
        constraints=shown_constraints(terms.constraints),
        grantee_service_principal=terms.grantee_service,
        retiring_service_principal=terms.retiring_service,
    )


def _check_filter(principal: str | None, service: str | None, kind: str) -> None:
    if principal is not None and service is not None:
        raise Validation(
            f"You can specify either {kind}Principal or {kind}ServicePrincipal, but not both."
        )
    if service is not None:
        raise Validation(f"{kind}ServicePrincipal can be used by AWS services alone.")


def _check_grant_id(grant_id: str) -> None:
    if not _GRANT_ID.fullmatch(grant_id):
        raise InvalidGrantId(f"Invalid grant ID: {grant_id}")


def _not_found(grant_id: str) -> NotFound:
    return NotFound(f"Grant ID {grant_id} not found")
