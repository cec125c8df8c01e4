"""A second evaluator, written for the test alone: slow, in one piece, straight from the JSON.

It shares no code with node.access: no compiling, no narrowing, no tables. Where both agree on
whatever Hypothesis thinks of, a mistake would have to be made twice.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Caller:
    account: str
    arn: str
    issuer: str  # the role of a session; else the same as arn
    is_root: bool


Context = Mapping[str, Sequence[str]]  # names in lower case


def decide(
    caller: Caller,
    action: str,
    resource: str,
    owner: str,
    key_policy: str | None,
    identity: Sequence[str],
    session: str | None,
    context: Context,
) -> str:
    """Allow, explicit deny, or the kind of policy that is missing: key, identity, session."""

    def matching(text: str, effect: str, *, of_key: bool) -> list[dict[str, Any]]:
        document = json.loads(text)
        found = document["Statement"]
        listed = found if isinstance(found, list) else [found]
        return [
            each
            for each in listed
            if each["Effect"] == effect
            and (not of_key or names(each, caller, effect))
            and about(each, "Action", action, context, lower=True)
            and about(each, "Resource", resource, context, lower=False)
            and all(
                holds(operator, key, values, context)
                for operator, keys in each.get("Condition", {}).items()
                for key, values in keys.items()
            )
        ]

    texts = [(key_policy, True)] if key_policy is not None else []
    texts += [(text, False) for text in (*identity, *([session] if session is not None else []))]
    if any(matching(text, "Deny", of_key=of_key) for text, of_key in texts if text is not None):
        return "explicit deny"
    by_identity = caller.is_root or any(matching(text, "Allow", of_key=False) for text in identity)
    by_session = session is None or caller.is_root or bool(matching(session, "Allow", of_key=False))
    allows = [] if key_policy is None else matching(key_policy, "Allow", of_key=True)
    ways = {names(each, caller, "Allow") for each in allows}
    if caller.account == owner and "caller" in ways:
        return "allow"
    if caller.account == owner and "role" in ways:
        return "allow" if by_session else "session"
    if not ways:
        return "key"
    if not by_identity:
        return "identity"
    return "allow" if by_session else "session"


def names(statement: dict[str, Any], caller: Caller, effect: str) -> str:
    """ "caller", "role" or "account": how a statement names the caller; "" if it does not."""
    negated = "NotPrincipal" in statement
    element = statement["NotPrincipal" if negated else "Principal"]
    listed = element if isinstance(element, str) else element.get("AWS", [])
    values = [listed] if isinstance(listed, str) else listed
    root = f"arn:aws:iam::{caller.account}:root"

    def has(arn: str) -> bool:
        return "*" in values or arn in values or (arn == root and caller.account in values)

    if negated:
        chain = [has(arn) for arn in (root, caller.issuer, caller.arn)]
        spared = all(chain) if effect == "Deny" else any(chain)
        return "" if spared else "caller"
    if "*" in values or (caller.arn in values and caller.arn != root):
        return "caller"
    if caller.issuer in values and caller.issuer != root:
        return "role"
    return "account" if has(root) else ""


def about(
    statement: dict[str, Any], element: str, wanted: str, context: Context, *, lower: bool
) -> bool:
    """Whether the Action or Resource element covers it; without the element, it never does."""
    negated = f"Not{element}" in statement
    found = statement.get(f"Not{element}" if negated else element)
    if found is None:
        return False
    patterns = [found] if isinstance(found, str) else found
    if lower:
        patterns, wanted = [each.lower() for each in patterns], wanted.lower()
    resolved = [replaced(each, context) for each in patterns]
    if negated and None in resolved and not any(like(each, wanted) for each in resolved if each):
        return False
    patterns = [each for each in resolved if each is not None]
    return any(like(pattern, wanted) for pattern in patterns) != negated


def like(pattern: str, text: str) -> bool:
    """A pattern with * and ?; fnmatch has brackets too, which policies have not."""
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def holds(operator: str, key: str, values: Any, context: Context) -> bool:
    """One condition, for the operators that the strategies make."""
    wanted = [str(each).lower() if isinstance(each, bool) else str(each) for each in _list(values)]
    found = context.get(key.lower())
    if operator == "Null":
        return str(found is None).lower() in wanted
    quantifier, _, name = operator.rpartition(":")
    exists = name.removesuffix("IfExists")
    negated = exists.startswith("Not") or "Not" in exists
    if found is None:
        if exists != name:
            return True
        return quantifier == "ForAllValues" if quantifier else negated
    if "String" in exists:
        resolved = [replaced(each, context, wild="Like" in exists) for each in wanted]
        if negated and None in resolved:
            return False
        wanted = [each for each in resolved if each is not None]
    answers = [any(one(exists, value, each) for each in wanted) for value in found]
    return judged(quantifier, answers, negated=negated)


def judged(quantifier: str, answers: list[bool], *, negated: bool) -> bool:
    """What becomes of the answers for the values that a request has."""
    if quantifier == "ForAllValues":
        return all(answer != negated for answer in answers)
    if quantifier == "ForAnyValue":
        return any(answer != negated for answer in answers)
    return any(answers) != negated


LITERAL = str.maketrans({"*": "\ue000", "?": "\ue001"})
"""Characters that stand for these two where they are no wildcards, in patterns and in texts."""


def replaced(text: str, context: Context, *, wild: bool = True) -> str | None:
    """A text with its policy variable in its place; None if the variable has no one value.

    `wild`: the text may have wildcards; what the variable stands for has none.
    """
    if not wild:
        text = text.translate(LITERAL)
    variable = re.search(r"\$\{([^}]*)\}", text)
    if variable is None:
        return text
    values = context.get(variable[1].lower(), ())
    if len(values) != 1:
        return None
    return text.replace(variable[0], values[0].translate(LITERAL))


def one(operator: str, value: str, wanted: str) -> bool:
    """Whether one value matches one of the policy's, negation apart."""
    base = operator.replace("Not", "")
    if base.startswith("String"):
        text = value.translate(LITERAL)
        if base == "StringLike":
            return like(wanted, text)
        return text == wanted or (base != "StringEquals" and text.lower() == wanted.lower())
    if base == "Bool":
        return value.lower() == wanted.lower()
    if base == "IpAddress":
        try:
            return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return False
    if base.startswith("Date"):
        return numeric(base.replace("Date", "Numeric"), moment(value), moment(wanted))
    if base in ("ArnLike", "ArnEquals"):
        mine, theirs = value.split(":", 5), wanted.split(":", 5)
        return len(mine) == len(theirs) and all(map(like, theirs, mine))
    return numeric(base, value, wanted)


def moment(text: str) -> str:
    """A date as epoch seconds; what is no date stays as it is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return str(found.replace(tzinfo=found.tzinfo or UTC).timestamp())


def numeric(base: str, value: str, wanted: str) -> bool:
    try:
        left, right = float(value), float(wanted)
    except ValueError:
        return False
    return {
        "NumericEquals": left == right,
        "NumericLessThan": left < right,
        "NumericLessThanEquals": left <= right,
        "NumericGreaterThan": left > right,
        "NumericGreaterThanEquals": left >= right,
    }[base]


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
