"""A statement of a policy, compiled: what it is about, and whether it applies to a request.

A statement is narrowed first by what stays the same for a caller, an action and a resource
(`concerns`), and then tested against the one request (`applies`). Both read the same elements, and
`mismatch` names the first that does not hold.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from node.access.conditions import Condition
from node.access.patterns import Glob, Lookup, Unresolved
from node.access.principals import Naming, Principals
from node.model.principal import Principal

Effect = Literal["Allow", "Deny"]


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks to do what with what: all that a decision needs beside policies and conditions.

    `account` owns the resource. `keyless` is set for what no key policy covers: operations on no
    key, and aliases. `within_account` is set for operations that KMS serves to the key's own
    account alone.
    """

    caller: Principal
    action: str  # "kms:Encrypt"
    resource: str  # an ARN, or "*" for an operation on no resource
    account: str
    keyless: bool = False
    within_account: bool = False


@dataclass(frozen=True, slots=True)
class Patterns:
    """The Action or Resource element, or the negated form of it.

    Actions are compared without regard to case: `fold`.
    """

    shown: tuple[str, ...]
    globs: tuple[Glob, ...]
    negated: bool
    fold: bool
    fixed: bool  # whether it is the same for every request

    @classmethod
    def of(cls, texts: Sequence[str], *, negated: bool, fold: bool, variables: bool) -> Patterns:
        """The element with these patterns; `variables` says whether they may have any."""
        globs = tuple(
            Glob.compiled(text.lower() if fold else text, variables=variables) for text in texts
        )
        return cls(tuple(texts), globs, negated, fold, all(glob.fixed for glob in globs))

    def covers(self, text: str, lookup: Lookup) -> bool:
        """Whether it covers an action or resource.

        A pattern whose variable has no value covers nothing. Raises Unresolved if the element is
        negated and has one.
        """
        wanted = text.lower() if self.fold else text
        missing: Unresolved | None = None
        for glob in self.globs:
            try:
                if glob.matches(wanted, lookup):
                    return not self.negated
            except Unresolved as variable:
                missing = variable
        if missing is not None and self.negated:
            raise missing
        return self.negated

    def __str__(self) -> str:
        listed = ", ".join(self.shown)
        return f"anything but {listed}" if self.negated else listed


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `number` counts from 1. An element that is missing is None.

    Without Action or Resource a statement has no effect (KMS API Reference, PutKeyPolicy).
    `principals` is None in a policy that is attached to its principal.
    """

    number: int
    sid: str
    effect: Effect
    principals: Principals | None
    actions: Patterns | None
    resources: Patterns | None
    conditions: tuple[Condition, ...]

    @property
    def condition_keys(self) -> frozenset[str]:
        """The keys that its conditions test; those of policy variables are not among them."""
        return frozenset(condition.key for condition in self.conditions)

    @property
    def fixed(self) -> bool:
        """Whether it applies to every request that it concerns."""
        return not self.conditions and (self.resources is None or self.resources.fixed)

    def naming(self, caller: Principal) -> Naming | None:
        """How it names the caller; a statement without principals is about the caller itself."""
        if self.principals is None:
            return Naming.CALLER
        return self.principals.naming(caller, denies=self.effect == "Deny")

    def concerns(self, question: Question) -> Naming | None:
        """How it names the caller if, as far as conditions do not matter, it applies."""
        if self.actions is None or self.resources is None:
            return None
        if not self.actions.covers(question.action, nothing):
            return None
        if self.resources.fixed and not self.resources.covers(question.resource, nothing):
            return None
        return self.naming(question.caller)

    def applies(self, question: Question, lookup: Lookup) -> bool:
        """Whether a statement that concerns the question applies to this request."""
        known = self.resources is not None and self.resources.fixed  # covers it, by concerns()
        if not (known or self._covers(question, lookup)):
            return False
        for condition in self.conditions:  # noqa: SIM110 - a generator costs as much again
            if not condition.holds(lookup):
                return False
        return True

    def mismatch(self, question: Question, lookup: Lookup) -> str | None:
        """The first element that does not hold for this request; None if the statement applies."""
        if self.actions is None or self.resources is None:
            return "it has no Action or no Resource, and so no effect"
        if not self.actions.covers(question.action, nothing):
            return f"the action {question.action} is not one of {self.actions}"
        if not self._covers(question, lookup):
            return f"the resource {question.resource} is not one of {self.resources}"
        if self.naming(question.caller) is None:
            return f"the principal {question.caller.arn} is not one of {self._principals()}"
        failing = next((each for each in self.conditions if not each.holds(lookup)), None)
        return None if failing is None else _unmet(failing, lookup)

    def _principals(self) -> str:
        negated = self.principals is not None and self.principals.negated
        return f"{'all but ' if negated else ''}{self.principals}"

    def _covers(self, question: Question, lookup: Lookup) -> bool:
        if self.resources is None:
            return False
        try:
            return self.resources.covers(question.resource, lookup)
        except Unresolved:
            return False


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled policy document."""

    statements: tuple[Statement, ...]


def nothing(key: str) -> None:
    """The look-up of a request without any condition key."""


def _unmet(condition: Condition, lookup: Lookup) -> str:
    variable = condition.unresolved(lookup)
    values = lookup(condition.key)
    found = "the request has " + ("none" if values is None else ", ".join(values))
    if variable is not None and values is not None:
        found = f"its variable ${{{variable}}} has no value"
    return f"the condition {condition} does not hold: {found}"
