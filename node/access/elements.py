"""The elements of a statement, each compiled from its JSON: principals, actions, resources,
conditions.

A list may be written as its only value, and a number or a boolean without quotation marks. Refuses
what the grammar has not, in KMS's words where it has some.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; KMS Developer Guide, "Key policy
overview" and "AWS KMS condition keys".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from node.access.conditions import Condition, compiled
from node.access.principals import Principals
from node.access.statement import Patterns
from node.model.arn import account_of, is_identity_arn, is_unique_id
from node.model.errors import MalformedPolicyDocument

NO_PRINCIPAL: Final = "Policy contains a statement with no principal."
INVALID_PRINCIPALS: Final = "Policy contains a statement with one or more invalid principals."
INVALID_ARN: Final = "An ARN in the specified key policy is invalid."
OVERLY_PERMISSIVE: Final = (
    "OverlyPermissiveCondition:{what}: Using the ForAllValues set operator with a single-valued "
    "condition key matches requests without the specified {words} or with an unspecified {words}. "
    "To fix, remove ForAllValues."
)
_SINGLE_VALUED: Final = {
    "kms:encryptioncontext:": ("EncryptionContext", "encryption context"),
    "aws:requesttag/": ("RequestTag", "tag"),
}

_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)
_SERVICE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
_FEDERATED: Final = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    r"|arn:aws:iam::\d{12}:(?:saml|oidc)-provider/[\w+=,.@:/-]+",
    re.ASCII,
)
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+", re.ASCII)
_EVERYTHING: Final = "*"


def malformed(message: str) -> MalformedPolicyDocument:
    """The error of a policy that cannot be."""
    return MalformedPolicyDocument(message)


def principals(statement: Mapping[str, Any]) -> Principals:
    """The Principal or NotPrincipal element of a key policy's statement."""
    element = _either(statement, "Principal")
    if element is None:
        raise malformed(NO_PRINCIPAL)
    found, negated = statement[element], element != "Principal"
    if found == _EVERYTHING:
        return Principals(everyone=True, negated=negated)
    if not isinstance(found, dict) or not found:
        raise malformed(NO_PRINCIPAL if found in ({}, [], "", None) else INVALID_PRINCIPALS)
    if not found.keys() <= {"AWS", "Service", "Federated"}:
        raise malformed(INVALID_PRINCIPALS)
    named, services, federated = (
        frozenset(_texts(found.get(kind, []))) for kind in ("AWS", "Service", "Federated")
    )
    if not named | services | federated:
        raise malformed(NO_PRINCIPAL)
    accounts = {each: account for each in named if (account := _account(each)) is not None}
    return Principals(
        everyone=_EVERYTHING in named,
        accounts=frozenset(accounts.values()),
        arns=_checked(named - accounts.keys() - {_EVERYTHING}, _is_identity),
        services=_checked(services, _SERVICE.fullmatch),
        federated=_checked(federated, _FEDERATED.fullmatch),
        negated=negated,
    )


def actions(statement: Mapping[str, Any]) -> Patterns | None:
    """The Action or NotAction element; None if the statement has neither."""
    element = _either(statement, "Action")
    if element is None:
        return None
    found = _texts(statement[element])
    if not found or not all(_ACTION.fullmatch(each) for each in found):
        raise malformed(f"A statement's {element} is not a list of actions, as kms:Encrypt.")
    return Patterns.of(found, negated=element != "Action", fold=True, variables=False)


def resources(statement: Mapping[str, Any], *, variables: bool) -> Patterns | None:
    """The Resource or NotResource element; None if the statement has neither."""
    element = _either(statement, "Resource")
    if element is None:
        return None
    found = _texts(statement[element])
    if not found:
        raise malformed(f"A statement's {element} is empty.")
    if not all(each == _EVERYTHING or each.startswith("arn:") for each in found):
        raise malformed(INVALID_ARN)
    return Patterns.of(found, negated=element != "Resource", fold=False, variables=variables)


def conditions(statement: Mapping[str, Any], *, variables: bool) -> tuple[Condition, ...]:
    """The Condition element; without one, no conditions."""
    found = statement.get("Condition", {})
    if not isinstance(found, dict):
        raise malformed("A statement's Condition is not a JSON object.")
    return tuple(
        _condition(name, key, values, variables=variables)
        for name, keys in found.items()
        for key, values in _keys(name, keys).items()
    )


def _keys(name: str, keys: object) -> Mapping[str, object]:
    if not isinstance(keys, dict):
        raise malformed(f"The condition {name} has no condition keys.")
    return keys


def _condition(name: str, key: str, values: object, *, variables: bool) -> Condition:
    for prefix, (what, words) in _SINGLE_VALUED.items():
        if name.startswith("ForAllValues:") and key.lower().startswith(prefix):
            raise malformed(OVERLY_PERMISSIVE.format(what=what, words=words))
    if not key:
        raise malformed(f"The condition {name} has an empty condition key.")
    try:
        return compiled(name, key, _values(values), variables=variables)
    except ValueError as error:
        raise malformed(f"The condition {name} of {key} cannot be: {error}.") from None


def _values(found: object) -> tuple[str, ...]:
    """The values of a condition: texts, numbers or booleans, one or a list of them."""
    listed = found if isinstance(found, list) else [found]
    if not listed or not all(isinstance(each, str | int | float) for each in listed):
        raise ValueError("its values are not texts, numbers or booleans")
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in listed)


def _either(statement: Mapping[str, Any], element: str) -> str | None:
    """Which of an element and its negated form a statement has. Raises if it has both."""
    present = [name for name in (element, f"Not{element}") if name in statement]
    if len(present) > 1:
        raise malformed(f"A statement has both {present[0]} and {present[1]}.")
    return present[0] if present else None


def _texts(found: object) -> list[str]:
    """A list of texts, or one text. Raises for anything else."""
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise malformed("An element of a statement is neither a text nor a list of texts.")
    return listed


def _checked(named: frozenset[str], form: Callable[[str], object]) -> frozenset[str]:
    """The principals that are named, all of one form. There is no wildcard for a part of one."""
    if not all(form(each) for each in named):
        raise malformed(INVALID_PRINCIPALS)
    return named


def _is_identity(named: str) -> bool:
    """Whether it is an ARN, or the unique ID that stands for one in a stored policy."""
    return is_identity_arn(named) or is_unique_id(named)


def _account(named: str) -> str | None:
    """The account that a principal stands for, if it is one."""
    if _ACCOUNT.fullmatch(named):
        return named
    return account_of(named)
