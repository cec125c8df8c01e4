"""The Principal and NotPrincipal elements: whether, and how, a statement names who calls.

How matters: a statement that names an account lets its identity policies decide, one that names
the caller decides by itself, and one that names the caller's role is still narrowed by a session
policy.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal"; "Policy evaluation
logic" on role and session principals; KMS Developer Guide, "Default key policy".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from node.model.arn import account_arn
from node.model.principal import Principal


class Naming(IntEnum):
    """How a statement names a caller, weakest first."""

    ACCOUNT = 1
    ROLE = 2
    CALLER = 3  # the user or session itself, or everyone


@dataclass(frozen=True, slots=True)
class Principals:
    """Those whom a statement names; or, `negated`, all but those.

    `accounts` are 12 digits, `arns` of users, roles and sessions, or the unique IDs of users and
    roles; `services` and `federated` are kept for completeness: none of them can call a Keyspan
    node.
    """

    everyone: bool = False
    accounts: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    federated: frozenset[str] = frozenset()
    negated: bool = False

    def naming(self, caller: Principal, *, denies: bool) -> Naming | None:
        """How the caller is named, None if not at all; `denies` is the statement's effect.

        NotPrincipal that denies spares only whom it names entirely: account, role and session.
        NotPrincipal that allows leaves out whoever it names in any of these ways.
        """
        if not self.negated:
            return self._named(caller)
        names = (account_arn(caller.account), caller.issuer, caller.arn)
        listed = [self._lists(name, caller) for name in names]
        spared = all(listed) if denies else any(listed)
        return None if spared else Naming.CALLER

    def _named(self, caller: Principal) -> Naming | None:
        if self.everyone or caller.arn in self.arns:
            return Naming.CALLER
        if caller.issuer in self.arns or caller.unique_id in self.arns:
            return Naming.CALLER if caller.issuer == caller.arn else Naming.ROLE
        return Naming.ACCOUNT if caller.account in self.accounts else None

    def _lists(self, name: str, caller: Principal) -> bool:
        if self.everyone or name in self.arns:
            return True
        if name == caller.issuer and caller.unique_id in self.arns:
            return True
        return name == account_arn(caller.account) and caller.account in self.accounts

    def __str__(self) -> str:
        named = sorted((*map(account_arn, self.accounts), *self.arns, *self.services))
        named += sorted(self.federated)
        return ", ".join(["*", *named] if self.everyone else named)
