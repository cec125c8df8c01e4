"""Keyspan.ExplainPolicy: what would become of a call, which statement decides, why not others.

It answers for principals and keys of every account to those of the cluster's account who may:
`keyspan:ExplainPolicy` on the ARN of the key. Nothing is done to the key, and nothing is counted.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from node.access.actions import KEYLESS, PREFIX, RETIRE_GRANT
from node.access.asked import Asked, Circumstances
from node.access.callers import caller_of
from node.access.denial import denied
from node.access.document import identity_policy
from node.access.explain import Considered, ConsideredGrant, Explanation
from node.access.explainer import Explainer
from node.access.statement import Question
from node.directory.known import KnownPrincipals
from node.hot.at_hand import HotKey
from node.model.errors import Validation
from node.model.principal import Principal
from node.operations.documents import known_principals
from node.operations.resolve import Resolver
from node.operations.services import Services
from node.wire.messages import Call
from node.wire.operation_names import OPERATION_NAMES

__all__ = ["ExplainPolicyRequest", "ExplainPolicyResponse", "Explanations"]

_ACTIONS: Final = frozenset(
    f"{PREFIX}{name}"
    for name in (OPERATION_NAMES - {"ReEncrypt"}) | {"ReEncryptFrom", "ReEncryptTo"}
)
_SPELLINGS: Final[Mapping[str, str]] = {action.lower(): action for action in _ACTIONS}
_RE_ENCRYPT: Final = "kms:reencrypt"
_UNIQUE_ID: Final = re.compile(r"\bA(?:IDA|ROA)[A-Z0-9]{12,124}\b", re.ASCII)


class ExplainPolicyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who would do what with which key, and what the call would carry.

    `key` is any form of a KeyId; without one for actions that are about no key. `conditions` are
    values of condition keys, which come before those that the rest of the request tells.
    """

    principal: str
    action: str
    key: str | None = None
    encryption_context: dict[str, str] | None = None
    conditions: dict[str, list[str]] = {}
    session_policy: str | None = None


class ExplainedStatement(msgspec.Struct, frozen=True):
    """A statement of a policy; `source` is the kind of policy in the words of KMS's messages."""

    source: str
    policy: str
    number: int
    sid: str
    effect: str
    matches: bool
    decides: bool
    why: str


class ExplainedGrant(msgspec.Struct, frozen=True):
    """A grant that names the principal."""

    grant_id: str
    name: str
    matches: bool
    decides: bool
    why: str


class ExplainPolicyResponse(msgspec.Struct, frozen=True):
    """The decision. `message` is that of the AccessDeniedException, empty if it is allowed.

    `absent` are the condition keys that were read and that the request was taken not to have.
    """

    region: str
    principal: str
    action: str
    resource: str
    allowed: bool
    reason: str
    message: str
    statements: list[ExplainedStatement]
    grants: list[ExplainedGrant]
    absent: list[str]


class Explanations:
    """The explanations of one region."""

    def __init__(self, services: Services, resolver: Resolver) -> None:
        self._services = services
        self._resolver = resolver
        self._explainer = Explainer(services.view)

    async def explain_policy(
        self, call: Call, request: ExplainPolicyRequest
    ) -> ExplainPolicyResponse:
        """Raises Validation for what is no principal or action, NotFound for no key."""
        hot = await self._key(call, request.key)
        await self._services.access.on_cluster(
            call, "keyspan:ExplainPolicy", request, "*" if hot is None else hot.key.arn
        )
        action = _action(request.action, with_key=hot is not None)
        caller = (await self._services.view.book()).known_as(self._caller(request))
        question, explanation = await self._explainer.explanation(
            await self._asked(caller, action, request, hot)
        )
        known = await known_principals(self._services)
        return _response(self._services.region, question, explanation, known)

    async def _key(self, call: Call, key_id: str | None) -> HotKey | None:
        if key_id is None:
            return None
        return await self._resolver.named("ExplainPolicy", call, key_id)

    def _caller(self, request: ExplainPolicyRequest) -> Principal:
        policy = request.session_policy
        if policy is not None:
            identity_policy(policy)
        caller = caller_of(request.principal, self._services.clock.now(), policy)
        if caller is None:
            raise Validation(
                f"{request.principal} is not the ARN of an account, user, role or session."
            )
        if policy is not None and caller.session is None:
            raise Validation(f"{request.principal} is no session, so it has no session policy.")
        return caller

    async def _asked(
        self, caller: Principal, action: str, request: ExplainPolicyRequest, hot: HotKey | None
    ) -> Asked:
        aliases: tuple[str, ...] = ()
        if hot is not None:
            aliases = await self._services.view.key_aliases(hot.key.key_id)
        now = self._services.clock.now()
        return Asked(
            caller,
            Circumstances(self._services.region, "", "", now),
            action,
            _Imagined(request.key, request.encryption_context),
            None if hot is None else hot.key,
            aliases,
            {name.lower(): tuple(values) for name, values in request.conditions.items()},
        )


class _Imagined(msgspec.Struct, frozen=True):
    """As much of a request as the question tells; both sides of ReEncrypt have the same context."""

    key_id: str | None
    encryption_context: dict[str, str] | None

    @property
    def source_encryption_context(self) -> dict[str, str] | None:
        return self.encryption_context

    @property
    def destination_encryption_context(self) -> dict[str, str] | None:
        return self.encryption_context


def _action(given: str, *, with_key: bool) -> str:
    """The action in KMS's spelling. Raises Validation for one that cannot be explained."""
    action = _SPELLINGS.get(given.lower())
    if given.lower() == _RE_ENCRYPT:
        raise Validation(
            "kms:ReEncrypt is no permission: ask for kms:ReEncryptFrom with the old key, and for "
            "kms:ReEncryptTo with the new one."
        )
    if action is None:
        close = difflib.get_close_matches(given.lower(), _SPELLINGS, n=1)
        hint = f"; perhaps {_SPELLINGS[close[0]]} is meant" if close else ""
        raise Validation(f"{given} is not an action of KMS{hint}.")
    if action == RETIRE_GRANT:
        raise Validation(f"{RETIRE_GRANT} is decided by the grant itself: see ListGrants.")
    if with_key == (action in KEYLESS):
        raise Validation(f"{action} is about {'no' if with_key else 'a'} key.")
    return action


def _response(
    region: str, question: Question, explanation: Explanation, known: KnownPrincipals
) -> ExplainPolicyResponse:
    decision = explanation.decision
    return ExplainPolicyResponse(
        region=region,
        principal=question.caller.arn,
        action=question.action,
        resource=question.resource,
        allowed=decision.allowed,
        reason=decision.reason.value,
        message="" if decision.allowed else denied(question, decision).message,
        statements=[_statement(each, known) for each in explanation.statements],
        grants=[_grant(each, known) for each in explanation.grants],
        absent=list(explanation.absent),
    )


def _statement(considered: Considered, known: KnownPrincipals) -> ExplainedStatement:
    statement = considered.statement
    return ExplainedStatement(
        considered.source.value,
        considered.policy,
        statement.number,
        statement.sid,
        statement.effect,
        considered.matches,
        considered.decides,
        _by_arn(considered.why, known),
    )


def _grant(considered: ConsideredGrant, known: KnownPrincipals) -> ExplainedGrant:
    return ExplainedGrant(
        considered.grant.grant_id,
        considered.grant.terms.name,
        considered.matches,
        considered.decides,
        _by_arn(considered.why, known),
    )


def _by_arn(why: str, known: KnownPrincipals) -> str:
    """A reason with the ARNs of users and roles, which stored policies name by unique ID."""
    return _UNIQUE_ID.sub(lambda found: known.arn(found[0]) or found[0], why)
