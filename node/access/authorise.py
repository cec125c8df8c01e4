"""The one place where a call is authorised: gathers policies and grants, asks, raises.

The decision itself is evaluate.py's. On the hot path, where no condition bears on it, it costs one
look-up of a plan that was made before (decision D10); a request's circumstances are gathered only
as far as conditions ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from node.access.actions import PUT_KEY_POLICY, RETIRE_GRANT
from node.access.asked import Asked, Circumstances, encryption_context
from node.access.compiled import CompiledPolicies, RoleTrust
from node.access.condition_keys import RESOURCE_ALIASES, condition_keys
from node.access.decision import Decision, Plan, Reason
from node.access.denial import denied, not_authorised
from node.access.evaluate import judge, judge_retirement, with_grants
from node.access.grants import GrantUse, grantees, may_retire
from node.access.lockout import check_lockout
from node.access.patterns import Lookup
from node.access.statement import Policy, Question
from node.access.tokens import GrantTokens
from node.hot.at_hand import HotKey
from node.hot.grants import GrantIndex
from node.model.grant import Grant, GrantTerms
from node.model.key import Key
from node.model.principal import AttachedPolicy, Principal
from node.wire.messages import Call

Facts = Mapping[str, tuple[str, ...]]
NO_FACTS: Final[Facts] = MappingProxyType({})
EVERY_RESOURCE: Final = "*"


class AccessView(Protocol):
    """What authorisation reads."""

    def policies_at_hand(self, principal_arn: str) -> tuple[AttachedPolicy, ...] | None: ...

    async def identity_policies(self, principal_arn: str) -> tuple[AttachedPolicy, ...]: ...

    async def key_aliases(self, key_id: str) -> tuple[str, ...]: ...

    async def grants(self, key_id: str) -> GrantIndex: ...

    async def reloaded_grant(self, key_id: str, grant_id: str) -> None: ...


class Authoriser:
    """Authorises the calls of one region. Its methods say why a call is allowed, or
    raise AccessDenied."""

    def __init__(self, region: str, account: str, view: AccessView, tokens: GrantTokens) -> None:
        """`account` is the cluster's: the one whose principals may administer it."""
        self._region = region
        self._account = account
        self._view = view
        self._tokens = tokens
        self._compiled = CompiledPolicies()

    async def on_key(
        self,
        call: Call,
        action: str,
        hot: HotKey,
        request: object,
        *,
        child: GrantTerms | None = None,
        facts: Facts = NO_FACTS,
    ) -> Decision:
        """Authorise an action on a key, as `kms:Encrypt`.

        `child` is the grant that CreateGrant would make; `facts` are condition keys that the
        request alone does not tell. Raises InvalidGrantToken for a grant token that is not ours.
        Allowed or denied, the call's audit record names the key.
        """
        call.resources.append(hot.arn)
        tokens = getattr(request, "grant_tokens", None)
        if tokens:
            await self._know_grants(tokens)
        caller = call.principal
        attached = self._view.policies_at_hand(caller.issuer)
        if attached is None:
            attached = await self._attached(caller)
        planned = self._compiled.for_key(caller, action, hot.key, attached)
        if planned.settled is not None and planned.settled.allowed:
            return planned.settled
        aliases: tuple[str, ...] = ()
        if RESOURCE_ALIASES in planned.condition_keys:
            aliases = await self._view.key_aliases(hot.key.key_id)
        asked = self._asked(call, action, request, hot.key, aliases, facts)
        lookup = condition_keys(asked)
        decision = judge(planned, lookup)
        if not decision.allowed:
            decision = await self._by_grants(planned, decision, asked, lookup, child)
        return _checked(planned, decision)

    async def on_account(
        self,
        call: Call,
        action: str,
        request: object,
        resource: str = EVERY_RESOURCE,
        facts: Facts = NO_FACTS,
    ) -> Decision:
        """Authorise an action on no key: identity policies alone decide.

        `resource` is the ARN of an alias, or of a user, group, role or policy of the caller's
        account, where the action is about one.
        """
        account = call.principal.account
        return await self._keyless(call, action, request, resource, account, facts)

    async def on_principal(
        self, call: Call, action: str, request: object, principal_arn: str
    ) -> Decision:
        """Authorise an action about a principal, for principals of the same account."""
        account = principal_arn.split(":")[4]
        return await self._keyless(call, action, request, principal_arn, account)

    async def on_cluster(
        self, call: Call, action: str, request: object, resource: str = EVERY_RESOURCE
    ) -> Decision:
        """Authorise an action of Keyspan's own, for principals of the cluster's account alone.

        `resource` is the ARN of the key that it is about, of whatever account, if it is about one.
        """
        return await self._keyless(call, action, request, resource, self._account)

    async def on_role(
        self, call: Call, action: str, role: RoleTrust, request: object, facts: Facts
    ) -> Decision:
        """Authorise to assume a role, to tag its session or to set its source identity.

        STS says why to nobody, unless a statement denies it (recorded answers of STS).
        """
        caller = call.principal
        planned = self._compiled.for_role(caller, action, role, await self._attached(caller))
        decision = judge(planned, condition_keys(self._asked(call, action, request, facts=facts)))
        if decision.allowed or decision.reason is Reason.EXPLICIT_DENY:
            return _checked(planned, decision)
        raise not_authorised(caller, action, role.arn)

    async def retirement(self, call: Call, grant: Grant, key: Key, request: object) -> Decision:
        """Authorise RetireGrant."""
        caller = call.principal
        call.resources.append(key.arn)
        planned = self._compiled.for_retirement(caller, key, await self._attached(caller))
        asked = self._asked(call, RETIRE_GRANT, request, key)
        naming = may_retire(grant, caller, key.account)
        return _checked(planned, judge_retirement(planned, grant, naming, condition_keys(asked)))

    def check_lockout(self, call: Call, policy: Policy, key: Key, request: object) -> None:
        """Raise MalformedPolicyDocument if a new policy would lock its writer out.

        `key` is the key as it would be.
        """
        question = Question(call.principal, PUT_KEY_POLICY, key.arn, key.account)
        asked = self._asked(call, PUT_KEY_POLICY, request, key)
        check_lockout(policy, question, condition_keys(asked))

    async def _keyless(
        self,
        call: Call,
        action: str,
        request: object,
        resource: str,
        account: str,
        facts: Facts = NO_FACTS,
    ) -> Decision:
        if resource != EVERY_RESOURCE:
            call.resources.append(resource)
        attached = await self._attached(call.principal)
        planned = self._compiled.for_account(call.principal, action, resource, account, attached)
        asked = self._asked(call, action, request, facts=facts)
        return _checked(planned, judge(planned, condition_keys(asked)))

    async def _by_grants(
        self,
        planned: Plan,
        decision: Decision,
        asked: Asked,
        lookup: Lookup,
        child: GrantTerms | None,
    ) -> Decision:
        if asked.key is None:
            return decision
        index = await self._view.grants(asked.key.key_id)
        grants = tuple(index.of(grantees(asked.caller)))
        use = GrantUse(asked.operation, encryption_context(asked), child=child)
        return with_grants(planned, decision, grants, use, lookup)

    async def _know_grants(self, tokens: list[str]) -> None:
        """Read the grants of these tokens, if another node has just made them."""
        for token in tokens:
            key_id, grant_id = self._tokens.opened(token)
            if grant_id not in await self._view.grants(key_id):
                await self._view.reloaded_grant(key_id, grant_id)

    async def _attached(self, caller: Principal) -> tuple[AttachedPolicy, ...]:
        """The identity policies of the caller."""
        at_hand = self._view.policies_at_hand(caller.issuer)
        return at_hand if at_hand is not None else await self._view.identity_policies(caller.issuer)

    def _asked(
        self,
        call: Call,
        action: str,
        request: object,
        key: Key | None = None,
        aliases: tuple[str, ...] = (),
        facts: Facts = NO_FACTS,
    ) -> Asked:
        circumstances = Circumstances(
            self._region, call.source_address, call.user_agent, call.received
        )
        return Asked(call.principal, circumstances, action, request, key, aliases, facts)


def _checked(planned: Plan, decision: Decision) -> Decision:
    if not decision.allowed:
        raise denied(planned.question, decision)
    return decision
