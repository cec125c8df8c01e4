"""AssumeRole, GetSessionToken and GetCallerIdentity: acting as someone for a while.

Source: STS API Reference; recorded answers of STS for the sentences.
"""

from __future__ import annotations

import re
from typing import Final

from node.access.compiled import RoleTrust
from node.access.denial import not_authorised
from node.directory.book import Book
from node.directory.entity import Entity
from node.directory.parts import Kind
from node.model.arn import PARTITION
from node.model.errors import AccessDenied, PackedPolicyTooLarge, Validation
from node.operations.services import Services
from node.operations.session_keys import SessionSeal
from node.sessions.content import Content, packed, packed_percentage
from node.sessions.issue import (
    AssumableRole,
    session_of_role,
    session_of_user,
)
from node.sessions.request import POLICY_ARNS_MOST, Wanted, session_policy, wanted
from node.wire.messages import Call
from node.wire.shapes.sts import (
    AssumedRoleUser,
    AssumeRoleRequest,
    AssumeRoleResponse,
    Credentials,
    GetCallerIdentityRequest,
    GetCallerIdentityResponse,
    GetSessionTokenRequest,
    GetSessionTokenResponse,
)

ASSUME_ROLE: Final = "sts:AssumeRole"
SET_SOURCE_IDENTITY: Final = "sts:SetSourceIdentity"
TAG_SESSION: Final = "sts:TagSession"
ROLE_SECONDS: Final = 3600  # unless another duration is asked for
CHAINED_SECONDS_MOST: Final = 3600
USER_SECONDS: Final = 43_200
ROOT_SECONDS_MOST: Final = 3600
_ROLE_ARN: Final = re.compile(rf"arn:{PARTITION}:iam::\d{{12}}:role/[!-~]+", re.ASCII)
_NO_MFA: Final = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


class Sessions:
    """The operations of STS."""

    def __init__(self, services: Services, seal: SessionSeal) -> None:
        self._services = services
        self._seal = seal

    async def assume_role(self, call: Call, request: AssumeRoleRequest) -> AssumeRoleResponse:
        """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
        if _ROLE_ARN.fullmatch(request.role_arn) is None:
            raise Validation(f"{request.role_arn} is invalid")
        call.resources.append(request.role_arn)
        _refuse_unserved(call, request)
        asked = wanted(request, call.principal)
        book = await self._services.view.book()
        found = book.at_arn(request.role_arn)
        if found is None or found.kind is not Kind.ROLE:
            raise not_authorised(call.principal, ASSUME_ROLE, request.role_arn)
        role = _assumable(book, found)
        await self._authorise(call, request, RoleTrust(role.arn, role.account, found.trust), asked)
        seconds = _duration(call, request, found.about.max_session_seconds)
        policy = _session_policy(book, request, role.account)
        held = packed(policy, asked.tags, asked.transitive)
        content = session_of_role(
            role,
            request.role_session_name,
            asked,
            _checked(held),
            now=call.received,
            seconds=seconds,
            randomness=self._services.randomness,
        )
        return AssumeRoleResponse(
            credentials=await self._credentials(content, call.received),
            assumed_role_user=AssumedRoleUser(
                assumed_role_id=content.principal_id, arn=content.arn
            ),
            packed_policy_size=packed_percentage(held) if request.policy or asked.tags else None,
            source_identity=asked.source_identity or None,
        )

    async def get_session_token(
        self, call: Call, request: GetSessionTokenRequest
    ) -> GetSessionTokenResponse:
        """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html

        Asks for no permission.
        """
        caller = call.principal
        if caller.session is not None:
            raise AccessDenied("Cannot call GetSessionToken with session credentials")
        if request.serial_number is not None or request.token_code is not None:
            raise AccessDenied(_NO_MFA)
        seconds = request.duration_seconds or USER_SECONDS
        if caller.kind == "Root":
            seconds = min(seconds, ROOT_SECONDS_MOST)
        content = session_of_user(
            caller,
            now=call.received,
            seconds=seconds,
            randomness=self._services.randomness,
        )
        return GetSessionTokenResponse(credentials=await self._credentials(content, call.received))

    async def get_caller_identity(
        self, call: Call, request: GetCallerIdentityRequest
    ) -> GetCallerIdentityResponse:
        """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

        Asks for no permission: AWS tells callers who they are even where a policy denies it.
        """
        caller = call.principal
        return GetCallerIdentityResponse(
            user_id=caller.principal_id, account=caller.account, arn=caller.arn
        )

    async def _authorise(
        self, call: Call, request: AssumeRoleRequest, role: RoleTrust, asked: Wanted
    ) -> None:
        access, facts = self._services.access, asked.facts(request)
        await access.on_role(call, ASSUME_ROLE, role, request, facts)
        if asked.tags:
            await access.on_role(call, TAG_SESSION, role, request, facts)
        if asked.source_identity:
            await access.on_role(call, SET_SOURCE_IDENTITY, role, request, facts)

    async def _credentials(self, content: Content, now: float) -> Credentials:
        return Credentials(
            access_key_id=content.access_key_id,
            secret_access_key=content.secret,
            session_token=await self._seal.sealed(content, now),
            expiration=content.expires,
        )


def _refuse_unserved(call: Call, request: AssumeRoleRequest) -> None:
    """What nobody may, and what there is not here: root users, second factors, other identities."""
    caller = call.principal
    if caller.kind == "Root":
        raise AccessDenied("Roles may not be assumed by root accounts.")
    if request.serial_number is not None or request.token_code is not None:
        raise AccessDenied(_NO_MFA)
    if request.provided_contexts:
        raise Validation("ProvidedContexts are not available in Keyspan.")
    known = "" if caller.session is None else caller.session.source_identity
    if known and request.source_identity not in (None, known):
        raise not_authorised(caller, SET_SOURCE_IDENTITY, request.role_arn)


def _assumable(book: Book, role: Entity) -> AssumableRole:
    return AssumableRole(role.account, book.arn_of(role), book.name_of(role), role.unique_id)


def _duration(call: Call, request: AssumeRoleRequest, most: int) -> int:
    """How long the session lasts, in seconds. Raises Validation."""
    seconds = request.duration_seconds or ROLE_SECONDS
    if seconds > most:
        raise Validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    chained = call.principal.kind == "AssumedRole"
    if chained and seconds > CHAINED_SECONDS_MOST:
        raise Validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining."
        )
    return seconds


def _session_policy(book: Book, request: AssumeRoleRequest, account: str) -> str | None:
    """The session policies of a request as one. Raises Validation, MalformedPolicyDocument."""
    named = [each.arn or "" for each in request.policy_arns or ()]
    if len(named) > POLICY_ARNS_MOST:
        raise Validation(
            f"1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {POLICY_ARNS_MOST}"
        )
    managed = []
    for arn in named:
        policy = book.policy_at(arn, account)
        if policy is None:
            raise Validation(f"{arn} is invalid")
        managed.append(book.document_of(policy))
    return session_policy(request.policy, managed)


def _checked(held: bytes) -> bytes:
    """What is packed, if it fits. Raises PackedPolicyTooLarge."""
    percentage = packed_percentage(held)
    if percentage > 100:
        raise PackedPolicyTooLarge(
            f"Packed policy consumes {percentage}% of allotted space, please use smaller policy."
        )
    return held
