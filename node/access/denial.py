"""Decisions in the words of KMS: the messages of AccessDeniedException.

Source: IAM User Guide, "Troubleshooting access denied error messages"; kms-semantics part f.
"""

from __future__ import annotations

from node.access.decision import Decision, Reason
from node.access.statement import Question
from node.model.errors import AccessDenied
from node.model.principal import Principal


def denied(question: Question, decision: Decision) -> AccessDenied:
    """The error for a decision that denies."""
    told = not_authorised(question.caller, question.action, question.resource)
    return AccessDenied(f"{told.message} {_because(question, decision)}")


def not_authorised(caller: Principal, action: str, resource: str) -> AccessDenied:
    """The error where no reason is told."""
    return AccessDenied(
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource}"
    )


def ciphertext_denied(principal: Principal, action: str) -> AccessDenied:
    """The error for a ciphertext whose key is not here, or not the caller's: KMS tells no
    difference.
    """
    return AccessDenied(
        f"User: {principal.arn} is not authorized to perform: {action} on the resource "
        "associated with this ciphertext because the resource does not exist in this Region, no "
        "resource-based policies allow access, or a resource-based policy explicitly denies access"
    )


def _because(question: Question, decision: Decision) -> str:
    if decision.reason is Reason.EXPLICIT_DENY:
        source = decision.rules[0].source
        article = "an" if source.value[0] in "aeiou" else "a"
        return f"with an explicit deny in {article} {source}"
    return f"because no {decision.lacking} allows the {question.action} action"
