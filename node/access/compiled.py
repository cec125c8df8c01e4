"""Policies compiled once for each text and kept, and plans kept for as long as their texts hold.

Nothing here is invalidated by time. A plan belongs to the very texts that it was made of; the view
replaces a text when the store's change counter says so, and then the plan is made anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from node.access.actions import ACROSS_ACCOUNTS, RETIRE_GRANT
from node.access.decision import IdentityPolicy, Plan, Policies
from node.access.document import identity_policy, key_policy, trust_policy
from node.access.evaluate import plan
from node.access.statement import Policy, Question
from node.model.errors import KmsError
from node.model.key import Key
from node.model.principal import AttachedPolicy, Principal

POLICIES_KEPT: Final = 4_096
PLANS_KEPT: Final = 65_536
_DENY_ALL: Final = '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
N = TypeVar("N")
V = TypeVar("V")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RoleTrust:
    """A role, as far as it matters for who may assume it."""

    arn: str
    account: str
    trust: str  # the document; empty where there is none


@dataclass(frozen=True, slots=True)
class _Kept:
    """A plan and the texts that it was made of."""

    key_policy: str | None
    attached: tuple[AttachedPolicy, ...]
    plan: Plan

    def is_of(
        self,
        caller: Principal,
        account: str,
        document: str | None,
        attached: tuple[AttachedPolicy, ...],
    ) -> bool:
        """Whether it was made for this caller and account, of these texts, not of equal ones.

        With the name that it is kept under (caller's ARN, action, key or resource), that is all
        that a plan depends on; a session policy is part of the caller.
        """
        known = self.plan.question
        return (
            self.key_policy is document
            and self.attached is attached
            and (known.caller is caller or known.caller == caller)
            and known.account == account
        )


class CompiledPolicies:
    """Compiles and keeps."""

    def __init__(self, policies_kept: int = POLICIES_KEPT, plans_kept: int = PLANS_KEPT) -> None:
        """`policies_kept` of each kind, and `plans_kept`, are kept at the most; the oldest go."""
        self._policies_kept = policies_kept
        self._plans_kept = plans_kept
        self._key_policies: dict[str, Policy] = {}
        self._identity_policies: dict[str, Policy] = {}
        self._trust_policies: dict[str, Policy] = {}
        self._plans: dict[tuple[str, str, str], _Kept] = {}

    def for_key(
        self, caller: Principal, action: str, key: Key, attached: tuple[AttachedPolicy, ...]
    ) -> Plan:
        """The plan of an action on a key; `attached` are the caller's policies."""
        about = (caller.arn, action, key.key_id)
        kept = self._plans.get(about)
        if kept is not None and kept.is_of(caller, key.account, key.policy, attached):
            return kept.plan
        question = Question(
            caller, action, key.arn, key.account, within_account=action not in ACROSS_ACCOUNTS
        )
        return self._planned(about, question, key.policy, attached)

    def for_account(
        self,
        caller: Principal,
        action: str,
        resource: str,
        account: str,
        attached: tuple[AttachedPolicy, ...],
    ) -> Plan:
        """The plan of an action that no key policy covers, on a resource of an account."""
        about = (caller.arn, action, resource)
        kept = self._plans.get(about)
        if kept is not None and kept.is_of(caller, account, None, attached):
            return kept.plan
        question = Question(caller, action, resource, account, keyless=True)
        return self._planned(about, question, None, attached)

    def for_retirement(
        self, caller: Principal, key: Key, attached: tuple[AttachedPolicy, ...]
    ) -> Plan:
        """The plan of RetireGrant: the caller's own account may delegate, the key's may deny."""
        question = Question(caller, RETIRE_GRANT, key.arn, caller.account, keyless=True)
        return plan(question, self.policies(key.policy, attached, _session_policy(caller)))

    def for_role(
        self,
        caller: Principal,
        action: str,
        role: RoleTrust,
        attached: tuple[AttachedPolicy, ...],
    ) -> Plan:
        """The plan of assuming a role: its trust policy decides as a key policy does about a key,
        by itself for whom it names, and through identity policies for whom it names as an account.
        """
        question = Question(caller, action, role.arn, role.account)
        bearing = self.policies(None, attached, _session_policy(caller))
        return plan(question, replace(bearing, key=self._trust_policy(role.trust)))

    def policies(
        self, document: str | None, attached: tuple[AttachedPolicy, ...], session: str | None
    ) -> Policies:
        """The policies, compiled."""
        return Policies(
            key=None if document is None else self._key_policy(document),
            identity=tuple(
                IdentityPolicy(each.name, self._identity_policy(each.document)) for each in attached
            ),
            session=None if session is None else self._identity_policy(session),
        )

    def _planned(
        self,
        about: tuple[str, str, str],
        question: Question,
        document: str | None,
        attached: tuple[AttachedPolicy, ...],
    ) -> Plan:
        session = _session_policy(question.caller)
        made = plan(question, self.policies(document, attached, session))
        _keep(self._plans, self._plans_kept, about, _Kept(document, attached, made))
        return made

    def _key_policy(self, text: str) -> Policy:
        """A stored key policy; one that cannot be compiled allows nothing."""
        return self._compiled(self._key_policies, text, key_policy, Policy(()))

    def _trust_policy(self, text: str) -> Policy:
        """A role's trust policy; one that cannot be compiled, or is missing, lets nobody in."""
        if not text:
            return Policy(())
        return self._compiled(self._trust_policies, text, trust_policy, Policy(()))

    def _identity_policy(self, text: str) -> Policy:
        """A stored identity policy; one that cannot be compiled may have denied: it denies all."""
        denies_all = identity_policy(_DENY_ALL)
        return self._compiled(self._identity_policies, text, identity_policy, denies_all)

    def _compiled(
        self,
        kept: dict[str, Policy],
        text: str,
        compile_text: Callable[[str], Policy],
        otherwise: Policy,
    ) -> Policy:
        found = kept.get(text)
        if found is None:
            try:
                found = compile_text(text)
            except KmsError as error:
                logger.error("a stored policy cannot be compiled: %s", error.message)
                found = otherwise
            _keep(kept, self._policies_kept, text, found)
        return found


def _session_policy(caller: Principal) -> str | None:
    return None if caller.session is None else caller.session.policy


def _keep(kept: dict[N, V], most: int, name: N, value: V) -> None:
    if len(kept) >= most:
        del kept[next(iter(kept))]
    kept[name] = value
