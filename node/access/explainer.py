"""Gathers what a decision would be made of, for a question that nobody asked, and explains it."""

from __future__ import annotations

from node.access.actions import ACROSS_ACCOUNTS, KEYLESS
from node.access.asked import Asked, encryption_context
from node.access.authorise import EVERY_RESOURCE, AccessView
from node.access.compiled import CompiledPolicies
from node.access.condition_keys import condition_keys
from node.access.explain import Explanation, explained
from node.access.grants import GrantUse, grantees
from node.access.statement import Question
from node.model.grant import Grant


class Explainer:
    """Explains decisions on the policies and grants that one region has now."""

    def __init__(self, view: AccessView) -> None:
        self._view = view
        self._compiled = CompiledPolicies()

    async def explanation(self, asked: Asked) -> tuple[Question, Explanation]:
        """What would become of a call, and why. `asked.facts` stand for what is not in it."""
        caller, key = asked.caller, asked.key
        attached = await self._view.identity_policies(caller.issuer)
        policies = self._compiled.policies(
            None if key is None else key.policy,
            attached,
            None if caller.session is None else caller.session.policy,
        )
        grants: tuple[Grant, ...] = ()
        if key is not None:
            grants = tuple((await self._view.grants(key.key_id)).of(grantees(caller)))
        question = Question(
            caller,
            asked.action,
            EVERY_RESOURCE if key is None else key.arn,
            caller.account if key is None else key.account,
            keyless=asked.action in KEYLESS,
            within_account=asked.action not in ACROSS_ACCOUNTS,
        )
        use = GrantUse(asked.operation, encryption_context(asked))
        return question, explained(question, policies, grants, use, condition_keys(asked))
