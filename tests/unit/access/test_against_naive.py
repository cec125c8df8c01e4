"""The evaluator against a second, deliberately naive one, on whatever policies there can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.access.conditions import compiled
from node.access.decision import Decision, IdentityPolicy, Policies, Reason, Source
from node.access.document import identity_policy, key_policy
from node.access.evaluate import decide
from node.access.grants import GrantUse
from node.access.patterns import Values
from node.access.statement import Question
from node.model.principal import Principal
from tests.unit.access import naive
from tests.unit.access.support import CALLERS, KEY_ID, OTHER_ACCOUNT
from tests.unit.model.keys import ACCOUNT

ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey", "kms:PutKeyPolicy")
ACTION_PATTERNS = (*ACTIONS, "*", "kms:*", "KMS:encrypt", "kms:?ncrypt", "kms:*crypt*", "s3:*")
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY_ID}"
RESOURCES = (
    "*",
    ARN,
    f"arn:aws:kms:*:{ACCOUNT}:key/*",
    "arn:aws:kms:eu-*:*:key/*",
    "arn:aws:s3:::x",
    f"arn:aws:kms:*:{ACCOUNT}:key/${{test:One}}",
)
PRINCIPALS = (
    "*",
    ACCOUNT,
    OTHER_ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:root",
    *sorted({each.issuer for each in CALLERS.values()} | {each.arn for each in CALLERS.values()}),
)
MOMENT = "2026-01-01T00:00:00Z"
TEXTS = (
    *("a", "A", "b", "ab", "", "a*", "?", "true", "false", "1", "10", "1.0", "192.0.2.7"),
    *(ARN, KEY_ID, MOMENT, "1767225600"),
)
VARIABLES = ("${test:One}", "a${test:Two}", "*${test:Three}?")
DATES = (MOMENT, "2026-01-01T01:00:00+01:00", "2025-12-31", "1767225600", "10")
NUMBERS = ("1", "1.0", "10", "-3")
ADDRESSES = ("192.0.2.7", "192.0.2.0/24", "0.0.0.0/0")
NEGATABLE = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "ArnEquals")
ORDERS = (
    *("Equals", "NotEquals", "LessThan", "LessThanEquals"),
    *("GreaterThan", "GreaterThanEquals"),
)
OPERANDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(NEGATABLE[:3], TEXTS + VARIABLES),
    **{name.replace("String", "StringNot"): TEXTS + VARIABLES for name in NEGATABLE[:3]},
    **dict.fromkeys(NEGATABLE[3:], (ARN, "*:*:*:*:*:*".replace("*", "arn", 1), RESOURCES[2])),
    **{name.replace("Arn", "ArnNot"): (ARN, RESOURCES[2]) for name in NEGATABLE[3:]},
    "Bool": ("true", "false"),
    "IpAddress": ADDRESSES,
    "NotIpAddress": ADDRESSES,
    **{f"Numeric{name}": NUMBERS for name in ORDERS},
    **{f"Date{name}": DATES for name in ORDERS},
    "Null": ("true", "false"),
}
CONDITION_KEYS = ("test:One", "test:Two", "TEST:three")
contexts = st.dictionaries(
    st.sampled_from([key.lower() for key in CONDITION_KEYS]),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(tuple),
)


def some(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """One of them, or a list."""
    one = st.sampled_from(values)
    return one | st.lists(one, min_size=1, max_size=3, unique=True)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 2))):
        base = draw(st.sampled_from(sorted(OPERANDS)))
        name = base
        if base != "Null":
            prefix = draw(st.sampled_from(("", "", "ForAnyValue:", "ForAllValues:")))
            name = f"{prefix}{base}{draw(st.sampled_from(('', '', 'IfExists')))}"
        keys = draw(st.lists(st.sampled_from(CONDITION_KEYS), min_size=1, max_size=2, unique=True))
        found[name] = {key: draw(some(OPERANDS[base])) for key in keys}
    return found


@st.composite
def statements(draw: st.DrawFn, *, of_key: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    if of_key:
        element = draw(st.sampled_from(("Principal", "Principal", "Principal", "NotPrincipal")))
        made[element] = {"AWS": draw(some(PRINCIPALS))}
    made[draw(st.sampled_from(("Action", "Action", "NotAction")))] = draw(some(ACTION_PATTERNS))
    made[draw(st.sampled_from(("Resource", "Resource", "NotResource")))] = draw(some(RESOURCES))
    condition = draw(conditions())
    if condition:
        made["Condition"] = condition
    return made


def documents(*, of_key: bool) -> st.SearchStrategy[str]:
    listed = st.lists(statements(of_key=of_key), min_size=1, max_size=4)
    return listed.map(lambda found: json.dumps({"Version": "2012-10-17", "Statement": found}))


@settings(max_examples=200)
@given(
    caller=st.sampled_from(sorted(CALLERS)),
    action=st.sampled_from(ACTIONS),
    document=documents(of_key=True),
    attached=st.lists(documents(of_key=False), max_size=2),
    narrowing=st.none() | documents(of_key=False),
    context=contexts,
)
def test_both_evaluators_agree(
    caller: str,
    action: str,
    document: str,
    attached: list[str],
    narrowing: str | None,
    context: dict[str, tuple[str, ...]],
) -> None:
    principal = CALLERS[caller]
    session = narrowing if principal.session is not None else None
    ours = decide(
        Question(principal, action, ARN, ACCOUNT),
        Policies(
            key_policy(document),
            tuple(IdentityPolicy(str(n), identity_policy(each)) for n, each in enumerate(attached)),
            None if session is None else identity_policy(session),
        ),
        (),
        GrantUse(action, {}),
        _lookup(context),
    )
    theirs = naive.decide(
        _naive(principal), action, ARN, ACCOUNT, document, attached, session, context
    )
    assert _words(ours) == theirs


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """One operator, with all its ways to be written, one condition key, and values."""
    base = draw(st.sampled_from(sorted(OPERANDS)))
    values = draw(st.lists(st.sampled_from(OPERANDS[base]), min_size=1, max_size=3, unique=True))
    if base == "Null":
        return base, CONDITION_KEYS[0], values
    prefix = draw(st.sampled_from(("", "", "ForAnyValue:", "ForAllValues:")))
    return (
        f"{prefix}{base}{draw(st.sampled_from(('', '', 'IfExists')))}",
        draw(st.sampled_from(CONDITION_KEYS)),
        values,
    )


@settings(max_examples=600)
@given(comparison=comparisons(), context=contexts)
def test_both_read_a_condition_alike(
    comparison: tuple[str, str, list[str]], context: dict[str, tuple[str, ...]]
) -> None:
    name, key, values = comparison
    ours = compiled(name, key, tuple(values), variables=True).holds(_lookup(context))
    assert ours == naive.holds(name, key, values, context)


def _lookup(context: dict[str, tuple[str, ...]]) -> Any:
    def lookup(key: str) -> Values:
        return context.get(key)

    return lookup


def _naive(principal: Principal) -> naive.Caller:
    return naive.Caller(
        principal.account, principal.arn, principal.issuer, principal.kind == "Root"
    )


def _words(decision: Decision) -> str:
    if decision.allowed:
        return "allow"
    if decision.reason is Reason.EXPLICIT_DENY:
        return "explicit deny"
    kinds = {
        Source.KEY_POLICY: "key",
        Source.IDENTITY_POLICY: "identity",
        Source.SESSION_POLICY: "session",
    }
    assert decision.lacking is not None
    return kinds[decision.lacking]
