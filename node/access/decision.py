"""The values of a decision: the policies that bear on a question, the rules in them, the outcome.

Words of IAM's messages are in `Source`; see denial.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.access.principals import Naming
from node.access.statement import Policy, Question, Statement
from node.model.grant import Grant


class Source(StrEnum):
    """The kinds of policy, in the words of IAM's messages."""

    KEY_POLICY = "resource-based policy"
    IDENTITY_POLICY = "identity-based policy"
    SESSION_POLICY = "session policy"


class Reason(StrEnum):
    """Why a decision is what it is."""

    EXPLICIT_DENY = "a statement denies it"
    KEY_POLICY = "the key policy allows it to the caller"
    DELEGATED = "the key policy leaves it to the account, and an identity policy allows it"
    IDENTITY_POLICY = "an identity policy allows it"
    GRANT = "a grant allows it"
    NOT_ALLOWED = "nothing allows it"


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """A policy that is attached to a user or role, under a name."""

    name: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that bear on a question. `key` and `session` are None where there is none."""

    key: Policy | None
    identity: tuple[IdentityPolicy, ...]
    session: Policy | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement in its place: of which policy it is, and how it names the caller."""

    source: Source
    policy: str
    statement: Statement
    naming: Naming


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, and why. `lacking` is the kind of policy that does not allow it."""

    allowed: bool
    reason: Reason
    rules: tuple[Rule, ...] = ()
    grant: Grant | None = None
    lacking: Source | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules that concern a question, those without conditions first.

    `session` is None where no session policy narrows. `condition_keys` are all that the rules test.
    `settled` is the decision of the policies, if
    no condition bears on it.
    """

    question: Question
    denials: tuple[Rule, ...]
    key: tuple[Rule, ...]
    identity: tuple[Rule, ...]
    session: tuple[Rule, ...] | None
    condition_keys: frozenset[str] = frozenset()
    settled: Decision | None = None


def attached(policies: Policies) -> list[tuple[Source, str, Policy]]:
    """Every policy with its kind and its name."""
    found = [(Source.IDENTITY_POLICY, each.name, each.policy) for each in policies.identity]
    if policies.key is not None:
        found.insert(0, (Source.KEY_POLICY, "default", policies.key))
    if policies.session is not None:
        found.append((Source.SESSION_POLICY, "", policies.session))
    return found
