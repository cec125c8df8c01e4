"""A decision with all that was considered: each statement of each policy, and the caller's grants.

It judges exactly as a call is judged (evaluate.py), and then asks each statement why it does not
match. Nothing here is on the hot path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.access.decision import Decision, Policies, Reason, Source, attached
from node.access.evaluate import decide
from node.access.grants import GrantUse, grant_refusal
from node.access.patterns import Lookup, Values
from node.access.principals import Naming
from node.access.statement import Question, Statement
from node.model.grant import Grant


@dataclass(frozen=True, slots=True)
class Considered:
    """A statement in its policy: whether it matches, whether it decides, and why (not)."""

    source: Source
    policy: str
    statement: Statement
    matches: bool
    decides: bool
    why: str


@dataclass(frozen=True, slots=True)
class ConsideredGrant:
    """A grant to the caller: whether it allows it, whether it decides, and why (not)."""

    grant: Grant
    matches: bool
    decides: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`absent` are the condition keys that were read and that the request does not have."""

    decision: Decision
    statements: tuple[Considered, ...]
    grants: tuple[ConsideredGrant, ...]
    absent: tuple[str, ...]


def explained(
    question: Question,
    policies: Policies,
    grants: Sequence[Grant],
    use: GrantUse,
    lookup: Lookup,
) -> Explanation:
    """The decision on one request, as evaluate.decide makes it, and what it was made of."""
    absent: dict[str, None] = {}

    def noting(key: str) -> Values:
        values = lookup(key)
        if values is None:
            absent[key] = None
        return values

    decision = decide(question, policies, grants, use, noting)
    statements = tuple(
        _considered(source, name, statement, question, decision, noting)
        for source, name, policy in attached(policies)
        for statement in policy.statements
    )
    spelled = {
        condition.key: condition.shown_key
        for each in statements
        for condition in each.statement.conditions
    }
    return Explanation(
        decision,
        statements,
        tuple(_considered_grant(grant, question, decision, use) for grant in grants),
        tuple(sorted(spelled.get(key, key) for key in absent)),
    )


def _considered(
    source: Source,
    policy: str,
    statement: Statement,
    question: Question,
    decision: Decision,
    lookup: Lookup,
) -> Considered:
    mismatch = statement.mismatch(question, lookup)
    if mismatch is not None:
        return Considered(source, policy, statement, matches=False, decides=False, why=mismatch)
    decides = any(
        (rule.source, rule.policy) == (source, policy) and rule.statement is statement
        for rule in decision.rules
    )
    if decides:
        why = _why_it_decides(source, statement, question)
    else:
        why = _why_it_does_not(source, question, decision)
    return Considered(source, policy, statement, matches=True, decides=decides, why=why)


def _why_it_decides(source: Source, statement: Statement, question: Question) -> str:
    if statement.effect == "Deny":
        return "it denies, whatever allows"
    if source is Source.SESSION_POLICY:
        return "it lets the session do it"
    foreign = question.caller.account != question.account
    if source is Source.KEY_POLICY and (foreign or _names_account(statement, question)):
        return "it leaves the decision to the account's identity policies"
    return "it allows"


def _why_it_does_not(source: Source, question: Question, decision: Decision) -> str:
    if decision.reason is Reason.EXPLICIT_DENY:
        return "a denial decides before it"
    if decision.allowed:
        return "something else decides"
    foreign = question.caller.account != question.account
    if source is Source.KEY_POLICY and foreign and question.within_account:
        return f"{question.action} is not for other accounts, whatever a key policy says"
    return f"it does not suffice: no {decision.lacking} allows"


def _names_account(statement: Statement, question: Question) -> bool:
    return statement.naming(question.caller) is Naming.ACCOUNT


def _considered_grant(
    grant: Grant, question: Question, decision: Decision, use: GrantUse
) -> ConsideredGrant:
    refusal = grant_refusal(grant, question.caller, use)
    decides = decision.grant is grant
    if refusal is not None:
        return ConsideredGrant(grant, matches=False, decides=False, why=refusal)
    return ConsideredGrant(grant, True, decides, _of_grant(decision, decides=decides))


def _of_grant(decision: Decision, *, decides: bool) -> str:
    if decides:
        return "it allows"
    if decision.reason is Reason.EXPLICIT_DENY:
        return "a denial decides before it"
    if decision.allowed:
        return "something else decides"
    return "it is to the role or account, and no identity or session policy lets it through"
