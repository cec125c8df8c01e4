"""Allow or deny, and why: one pure function of a question, the policies, the grants and a request.

In this order: an explicit deny in any policy; the key policy, which allows by itself or lets the
identity policies of the account decide; grants, which only allow. Another account's caller needs
the key policy and an identity policy, or a grant. What has no key is for identity policies alone.
A session policy narrows all but what names the session itself.

`plan` does once what is the same for a caller, an action and a key; `judge` does the rest for each
request. Source: KMS Developer Guide, "Troubleshooting key access" and "Allowing users in other
accounts to use a KMS key"; IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from node.access.decision import Decision, Plan, Policies, Reason, Rule, Source, attached
from node.access.grants import GrantUse, grant_refusal, naming_of
from node.access.patterns import Lookup, Values
from node.access.principals import Naming
from node.access.statement import Question
from node.model.grant import Grant


def decide(
    question: Question,
    policies: Policies,
    grants: Sequence[Grant],
    use: GrantUse,
    lookup: Lookup,
) -> Decision:
    """The decision on one request. `lookup` gives the values of condition keys."""
    planned = plan(question, policies)
    return with_grants(planned, judge(planned, lookup), grants, use, lookup)


def plan(question: Question, policies: Policies) -> Plan:
    """The rules that concern a question."""
    rules = sorted(_rules(question, policies), key=lambda rule: not rule.statement.fixed)

    def allowing(source: Source) -> tuple[Rule, ...]:
        return tuple(
            rule for rule in rules if rule.source is source and rule.statement.effect == "Allow"
        )

    planned = Plan(
        question,
        denials=tuple(rule for rule in rules if rule.statement.effect == "Deny"),
        key=allowing(Source.KEY_POLICY),
        identity=allowing(Source.IDENTITY_POLICY),
        session=None if policies.session is None else allowing(Source.SESSION_POLICY),
        condition_keys=frozenset().union(*(rule.statement.condition_keys for rule in rules)),
    )
    try:
        settled = judge(planned, _unsettled)
    except _Unsettled:
        return planned
    return replace(planned, settled=settled)


def judge(planned: Plan, lookup: Lookup) -> Decision:
    """What the policies say of one request; grants have not been asked."""
    if planned.settled is not None:
        return planned.settled
    denial = _first(planned, planned.denials, lookup)
    if denial is not None:
        return Decision(False, Reason.EXPLICIT_DENY, (denial,))
    question = planned.question
    if question.keyless:
        if question.caller.account != question.account:
            return _lacks(Source.KEY_POLICY)
        return _by_identity(planned, lookup, Reason.IDENTITY_POLICY)
    if question.caller.account != question.account:
        return _across_accounts(planned, lookup)
    return _within_account(planned, lookup)


def with_grants(
    planned: Plan,
    decision: Decision,
    grants: Sequence[Grant],
    use: GrantUse,
    lookup: Lookup,
) -> Decision:
    """The decision, or that of a grant where no policy allows and none denies."""
    if decision.allowed or decision.reason is Reason.EXPLICIT_DENY or planned.question.keyless:
        return decision
    for grant in grants:
        if grant_refusal(grant, planned.question.caller, use) is None:
            narrowed = _by_grant(planned, grant, lookup)
            if narrowed is not None:
                return narrowed
    return decision


def judge_retirement(
    planned: Plan, grant: Grant, naming: Naming | None, lookup: Lookup
) -> Decision:
    """RetireGrant: the grant says who may (`naming`), policies only deny, or delegate."""
    decision = judge(planned, lookup)
    if decision.reason is Reason.EXPLICIT_DENY:
        return decision
    if naming in (Naming.CALLER, Naming.ROLE):
        return Decision(True, Reason.GRANT, grant=grant)
    return decision if naming is Naming.ACCOUNT else _lacks(Source.KEY_POLICY)


def _within_account(planned: Plan, lookup: Lookup) -> Decision:
    rule = _strongest(planned, lookup)
    if rule is None:
        return _lacks(Source.KEY_POLICY)
    if rule.naming is Naming.CALLER:
        return Decision(True, Reason.KEY_POLICY, (rule,))
    if rule.naming is Naming.ROLE:
        return _narrowed(planned, lookup, Decision(True, Reason.KEY_POLICY, (rule,)))
    return _by_identity(planned, lookup, Reason.DELEGATED, rule)


def _across_accounts(planned: Plan, lookup: Lookup) -> Decision:
    """Both sides have to allow; KMS serves some operations to the key's own account alone."""
    rule = None if planned.question.within_account else _strongest(planned, lookup)
    if rule is None:
        return _lacks(Source.KEY_POLICY)
    return _by_identity(planned, lookup, Reason.DELEGATED, rule)


def _by_identity(planned: Plan, lookup: Lookup, reason: Reason, *given: Rule) -> Decision:
    """Allowed if an identity policy allows it, and the session policy; a root user needs none."""
    if planned.question.caller.kind == "Root":
        return Decision(True, reason, given)
    rule = _first(planned, planned.identity, lookup)
    if rule is None:
        return _lacks(Source.IDENTITY_POLICY)
    return _narrowed(planned, lookup, Decision(True, reason, (*given, rule)))


def _by_grant(planned: Plan, grant: Grant, lookup: Lookup) -> Decision | None:
    """A grant to a role or account is narrowed as a key policy's statement about it would be."""
    allowed = Decision(True, Reason.GRANT, grant=grant)
    naming = naming_of(grant, planned.question.caller)
    if naming is Naming.CALLER:
        return allowed
    if naming is Naming.ROLE:
        decision = _narrowed(planned, lookup, allowed)
    else:
        decision = _by_identity(planned, lookup, Reason.GRANT)
    return Decision(True, Reason.GRANT, decision.rules, grant) if decision.allowed else None


def _narrowed(planned: Plan, lookup: Lookup, decision: Decision) -> Decision:
    """The decision, if the session policy allows it too."""
    if planned.session is None:
        return decision
    rule = _first(planned, planned.session, lookup)
    if rule is None:
        return _lacks(Source.SESSION_POLICY)
    return Decision(True, decision.reason, (*decision.rules, rule), decision.grant)


def _strongest(planned: Plan, lookup: Lookup) -> Rule | None:
    """The rule of the key policy that allows and names the caller most directly."""
    for naming in (Naming.CALLER, Naming.ROLE, Naming.ACCOUNT):
        named = tuple(rule for rule in planned.key if rule.naming is naming)
        rule = _first(planned, named, lookup)
        if rule is not None:
            return rule
    return None


def _first(planned: Plan, rules: Sequence[Rule], lookup: Lookup) -> Rule | None:
    question = planned.question
    return next((rule for rule in rules if rule.statement.applies(question, lookup)), None)


def _rules(question: Question, policies: Policies) -> list[Rule]:
    rules = []
    for source, name, policy in attached(policies):
        for statement in policy.statements:
            naming = statement.concerns(question)
            if naming is not None:
                rules.append(Rule(source, name, statement, naming))
    return rules


def _lacks(source: Source) -> Decision:
    return Decision(False, Reason.NOT_ALLOWED, lacking=source)


class _Unsettled(Exception):
    """A condition bears on the decision."""


def _unsettled(key: str) -> Values:
    raise _Unsettled
