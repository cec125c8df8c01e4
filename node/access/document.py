"""Policy documents: from JSON text to compiled statements, and what is refused on the way.

Three dialects: a key policy, whose statements name principals, an identity policy, whose statements
must not, and the trust policy of a role, whose statements name principals and no resource. Messages
are KMS's where KMS has one (docs/decisions, access control); where it says nothing, ours tell what
is wrong.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; KMS API Reference, PutKeyPolicy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from node.access import elements
from node.access.elements import malformed
from node.access.principals import Principals
from node.access.statement import Effect, Policy, Statement
from node.model.errors import LimitExceeded

KEY_POLICY_BYTES_MOST: Final = 32 * 1024  # KMS Developer Guide, "Resource quotas"
VERSION_WITH_VARIABLES: Final = "2012-10-17"
_VERSIONS: Final = ("2008-10-17", VERSION_WITH_VARIABLES)
_DOCUMENT_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS: Final = frozenset(
    {
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    }
)
_EFFECTS: Final[Mapping[str, Effect]] = {"Allow": "Allow", "Deny": "Deny"}

Dialect = Callable[[Mapping[str, Any]], Principals | None]
_TRUST: Final = "sts:"
_EVERY_RESOURCE: Final = {"Resource": "*"}  # a trust policy is about its role


def key_policy(text: str) -> Policy:
    """Compile a key policy. Raises MalformedPolicyDocument, or LimitExceeded for its size."""
    if len(text.encode()) > KEY_POLICY_BYTES_MOST:
        raise LimitExceeded(f"The key policy is larger than {KEY_POLICY_BYTES_MOST} bytes.")
    return _compiled(text, _of_key_policy)


def identity_policy(text: str) -> Policy:
    """Compile an identity policy or a session policy. Raises MalformedPolicyDocument."""
    return _compiled(text, _of_identity_policy)


def trust_policy(text: str) -> Policy:
    """Compile the trust policy of a role. Raises MalformedPolicyDocument.

    Source: IAM User Guide, "Roles terms and concepts"; messages of IAM.
    """
    return _compiled(text, _of_trust_policy)


def named_principals(policy: Policy) -> frozenset[str]:
    """The ARNs and unique IDs of users, roles and sessions that a policy names: they have to
    exist."""
    named = (each.principals for each in policy.statements if each.principals is not None)
    return frozenset(arn for principals in named for arn in principals.arns)


def _compiled(text: str, dialect: Dialect) -> Policy:
    document = _parsed(text)
    if not isinstance(document, dict):
        raise malformed("The policy is not a JSON object.")
    _refuse_unknown(document, _DOCUMENT_ELEMENTS)
    version = document.get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise malformed(f"The policy's Version is not one of {', '.join(_VERSIONS)}.")
    if not isinstance(document.get("Id", ""), str):
        raise malformed("The policy's Id is not a text.")
    variables = version == VERSION_WITH_VARIABLES
    statements = tuple(
        _statement(number, statement, dialect, variables=variables)
        for number, statement in enumerate(_statements(document), 1)
    )
    _refuse_equal_sids(statements)
    return Policy(statements)


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise malformed("The policy is not valid JSON.") from None


def _statements(document: Mapping[str, Any]) -> Sequence[Any]:
    found = document.get("Statement")
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed:
        raise malformed("The policy has no statements.")
    return listed


def _statement(number: int, found: object, dialect: Dialect, *, variables: bool) -> Statement:
    if not isinstance(found, dict):
        raise malformed(f"Statement {number} of the policy is not a JSON object.")
    _refuse_unknown(found, _STATEMENT_ELEMENTS)
    sid = found.get("Sid", "")
    effect = found.get("Effect")
    if not isinstance(sid, str):
        raise malformed("A statement's Sid is not a text.")
    if not isinstance(effect, str) or effect not in _EFFECTS:
        raise malformed("A statement's Effect is neither Allow nor Deny.")
    return Statement(
        number=number,
        sid=sid,
        effect=_EFFECTS[effect],
        principals=dialect(found),
        actions=elements.actions(found),
        resources=elements.resources(
            _EVERY_RESOURCE if dialect is _of_trust_policy else found, variables=variables
        ),
        conditions=elements.conditions(found, variables=variables),
    )


def _of_key_policy(statement: Mapping[str, Any]) -> Principals:
    return elements.principals(statement)


def _of_identity_policy(statement: Mapping[str, Any]) -> None:
    if "Principal" in statement or "NotPrincipal" in statement:
        raise malformed("Policy document should not specify a principal.")
    for element in ("Action", "Resource"):
        if element not in statement and f"Not{element}" not in statement:
            raise malformed(f"Policy statement must contain {element.lower()}s.")


def _of_trust_policy(statement: Mapping[str, Any]) -> Principals:
    for element in ("Resource", "NotResource"):
        if element in statement:
            raise malformed(f"Has prohibited field {element}")
    if "Action" not in statement:
        raise malformed("Policy statement must contain actions.")
    principals = elements.principals(statement)
    patterns = elements.actions(statement)
    if patterns is None or not all(each.lower().startswith(_TRUST) for each in patterns.shown):
        raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    return principals


def _refuse_unknown(found: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(found.keys() - known)
    if unknown:
        raise malformed(f"The policy has an element {unknown[0]}, which no policy has.")


def _refuse_equal_sids(statements: Sequence[Statement]) -> None:
    sids = [statement.sid for statement in statements if statement.sid]
    if len(set(sids)) != len(sids):
        raise malformed("Two statements of the policy have the same Sid.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the document; the grammar has each element once."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
