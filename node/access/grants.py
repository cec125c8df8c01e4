"""What a grant allows: pure functions of the grant, the caller and what is asked.

A grant only allows. An encryption-context constraint bears on operations that have an encryption
context, and on the grants that CreateGrant makes; keys of its pairs are compared without regard to
case, values exactly (KMS API Reference, GrantConstraints). SourceArn bears on all but RetireGrant;
as nobody calls a Keyspan node on behalf of another service's resource, it is never satisfied.

Source: KMS Developer Guide, "Grants in AWS KMS"; KMS API Reference, CreateGrant, RetireGrant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from node.access.principals import Naming
from node.model.arn import account_arn
from node.model.grant import Grant, GrantConstraints, GrantTerms
from node.model.principal import Principal

WITH_CONTEXT: Final = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    }
)
"""The grant operations that have an encryption context."""

CREATE_GRANT: Final = "CreateGrant"
RETIRE_GRANT: Final = "RetireGrant"


@dataclass(frozen=True, slots=True)
class GrantUse:
    """What a grant is asked for. `child` is the grant to be made, for CreateGrant."""

    operation: str
    context: Mapping[str, str]
    source_arn: str | None = None
    child: GrantTerms | None = None


def naming_of(grant: Grant, caller: Principal) -> Naming | None:
    """How a grant names its grantee, if that is the caller."""
    return _naming(grant.terms.grantee, caller)


def grantees(caller: Principal) -> tuple[str, ...]:
    """The grantee principals that a caller answers to."""
    names = (caller.arn, caller.issuer, caller.unique_id, account_arn(caller.account))
    return tuple(dict.fromkeys(names))


def grant_refusal(grant: Grant, caller: Principal, use: GrantUse) -> str | None:
    """Why the grant does not allow it to the caller; None if it does."""
    terms = grant.terms
    if naming_of(grant, caller) is None:
        return f"its grantee is {terms.grantee or terms.grantee_service}"
    if use.operation not in terms.operations:
        return f"{use.operation} is not one of its operations, {', '.join(terms.operations)}"
    constraints = terms.constraints
    if constraints.source_arn is not None and constraints.source_arn != use.source_arn:
        return f"its SourceArn constraint, {constraints.source_arn}, is not satisfied"
    if use.operation == CREATE_GRANT:
        return _child_refusal(terms, use.child)
    if use.operation in WITH_CONTEXT and not _satisfied(constraints, use.context.items()):
        return f"its encryption context constraint, {_shown(constraints)}, is not satisfied"
    return None


def may_retire(grant: Grant, caller: Principal, key_account: str) -> Naming | None:
    """How a caller may retire a grant: CALLER or ROLE at once, ACCOUNT by an identity policy.

    The retiring principal may, the grantee if RetireGrant is among the operations, and the account
    that owns the key or issued the grant, which delegates it with kms:RetireGrant.
    """
    terms = grant.terms
    named = [_naming(terms.retiring, caller)]
    if RETIRE_GRANT in terms.operations:
        named.append(naming_of(grant, caller))
    if caller.account in (key_account, terms.issuing_account):
        named.append(Naming.ACCOUNT)
    return max((each for each in named if each is not None), default=None)


def _naming(named: str | None, caller: Principal) -> Naming | None:
    if named is None:
        return None
    if named == account_arn(caller.account):
        return Naming.ACCOUNT
    if named == caller.arn:
        return Naming.CALLER
    if named not in (caller.issuer, caller.unique_id):
        return None
    return Naming.CALLER if caller.issuer == caller.arn else Naming.ROLE


def _child_refusal(parent: GrantTerms, child: GrantTerms | None) -> str | None:
    """A grant made by a grant allows no more: fewer operations, constraints no less strict."""
    if child is None:
        return None
    more = [each for each in child.operations if each not in parent.operations]
    if more:
        return f"it does not allow {', '.join(more)}, so it cannot pass them on"
    held, wanted = parent.constraints, child.constraints
    if held.source_arn is not None and held.source_arn != wanted.source_arn:
        return "the new grant would not have its SourceArn constraint"
    if held.equals is not None and (
        wanted.equals is None or _folded(wanted.equals) != _folded(held.equals)
    ):
        return "the new grant would not have its EncryptionContextEquals constraint"
    if held.subset is not None and not (
        _folded(held.subset) <= _folded(wanted.equals or wanted.subset or ())
    ):
        return "the new grant would be less strict than its EncryptionContextSubset constraint"
    return None


def _satisfied(constraints: GrantConstraints, context: Iterable[tuple[str, str]]) -> bool:
    found = _folded(context)
    if constraints.equals is not None and found != _folded(constraints.equals):
        return False
    return constraints.subset is None or _folded(constraints.subset) <= found


def _folded(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((key.lower(), value) for key, value in pairs)


def _shown(constraints: GrantConstraints) -> str:
    kind = "Equals" if constraints.equals is not None else "Subset"
    pairs = constraints.equals if constraints.equals is not None else constraints.subset or ()
    return f"EncryptionContext{kind} {', '.join(f'{key}={value}' for key, value in pairs)}"
