"""An explanation: the decision that a call would meet, and what becomes of every statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from node.access.callers import SESSION_NAME, caller_of
from node.access.evaluate import decide
from node.access.explain import Considered, ConsideredGrant, Explanation, explained
from node.model.principal import Session
from tests.unit.access.support import CALLERS, NOW, groups, inputs

CASES = [
    pytest.param(group, case, id=f"{name}: {group['source']}: {case['action']} {number}")
    for name in ("key_access", "condition_keys", "grants")
    for group in groups(name)
    for number, case in enumerate(group["decisions"])
]
ALICE = CALLERS["alice"].arn
ROOT = "arn:aws:iam::111122223333:root"


@pytest.mark.parametrize(("group", "case"), CASES)
def test_it_decides_as_a_call_is_decided_and_shows_what_by(
    group: dict[str, Any], case: dict[str, Any]
) -> None:
    question, policies, grants, use, lookup = inputs(group, case)
    decision = decide(question, policies, grants, use, lookup)
    found = explained(question, policies, grants, use, lookup)
    assert found.decision == decision
    shown = [(each.source, each.statement) for each in found.statements if each.decides]
    assert sorted(shown, key=str) == sorted(
        [(rule.source, rule.statement) for rule in decision.rules], key=str
    )
    assert [each.grant for each in found.grants if each.decides] == (
        [] if decision.grant is None else [decision.grant]
    )
    looked_at: list[Considered | ConsideredGrant] = [*found.statements, *found.grants]
    for each in looked_at:
        assert each.why
        assert each.matches or not each.decides
    assert len(found.grants) == len(grants)


def statement(**members: Any) -> str:
    whole = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "kms:*", "Resource": "*"}
    whole.update(members)
    return json.dumps({name: each for name, each in whole.items() if each is not None})


def explanation(*key_policy: str, **case: Any) -> Explanation:
    group: dict[str, Any] = {"key_policy": list(key_policy)}
    for name in ("identity", "session", "grants"):
        if name in case:
            group[name] = case.pop(name)
    return explained(*inputs(group, {"action": "Encrypt", **case}))


def equals(key: str, value: str, name: str = "StringEquals") -> str:
    return statement(Condition={name: {key: value}})


REASONS = [
    (statement(Action="kms:Decrypt"), "the action kms:Encrypt is not one of kms:Decrypt"),
    (
        statement(Action=None, NotAction="kms:Enc*"),
        "the action kms:Encrypt is not one of anything but kms:Enc*",
    ),
    (statement(Action=None), "it has no Action or no Resource, and so no effect"),
    (
        statement(Resource="arn:aws:kms:*:*:key/other"),
        "the resource arn:aws:kms:us-east-1:111122223333:key/"
        "1234abcd-12ab-34cd-56ef-1234567890ab is not one of arn:aws:kms:*:*:key/other",
    ),
    (
        statement(Principal={"AWS": CALLERS["bob"].arn}),
        f"the principal {ALICE} is not one of {CALLERS['bob'].arn}",
    ),
    (
        statement(Principal=None, NotPrincipal={"AWS": [ALICE, ROOT]}),
        f"the principal {ALICE} is not one of all but {ROOT}, {ALICE}",
    ),
    (
        equals("kms:ViaService", "s3.us-east-1.amazonaws.com"),
        "the condition StringEquals kms:ViaService s3.us-east-1.amazonaws.com does not hold: "
        "the request has none",
    ),
    (
        equals("aws:SourceIp", "198.51.100.0/24", "IpAddress"),
        "the condition IpAddress aws:SourceIp 198.51.100.0/24 does not hold: "
        "the request has 192.0.2.1",
    ),
    (
        equals("aws:username", "${aws:PrincipalTag/nickname}"),
        "the condition StringEquals aws:username ${aws:PrincipalTag/nickname} does not hold: "
        "its variable ${aws:principaltag/nickname} has no value",
    ),
]


@pytest.mark.parametrize(("text", "why"), REASONS)
def test_why_a_statement_does_not_match(text: str, why: str) -> None:
    [found] = explanation(text).statements
    assert (found.matches, found.why) == (False, why)


def test_the_keys_that_the_call_lacks_are_told() -> None:
    found = explanation(
        equals("kms:ViaService", "s3.us-east-1.amazonaws.com"),
        equals("aws:SourceIp", "198.51.100.0/24", "IpAddress"),
    )
    assert found.absent == ("kms:ViaService",)


def test_what_matches_and_does_not_decide_says_what_is_missing() -> None:
    account = statement(Principal={"AWS": ROOT})
    [found] = explanation(account).statements
    assert (found.matches, found.decides) == (True, False)
    assert found.why == "it does not suffice: no identity-based policy allows"
    allowing = json.dumps({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    key, identity = explanation(account, identity=[allowing]).statements
    assert key.why == "it leaves the decision to the account's identity policies"
    assert identity.why == "it allows"
    [_, identity] = explanation(statement(Action="kms:Sign"), identity=[allowing]).statements
    assert identity.why == "it does not suffice: no resource-based policy allows"
    deny, allow = explanation(statement(Effect="Deny"), statement()).statements
    assert (deny.decides, deny.why) == (True, "it denies, whatever allows")
    assert (allow.decides, allow.why) == (False, "a denial decides before it")


def test_what_no_key_policy_can_give_to_another_account_is_told() -> None:
    [found] = explanation(
        statement(Principal="*"), caller="stranger", action="PutKeyPolicy"
    ).statements
    assert found.why == "kms:PutKeyPolicy is not for other accounts, whatever a key policy says"


@pytest.mark.parametrize(
    ("arn", "kind", "session"),
    [
        (ROOT, "Root", None),
        (ALICE, "IAMUser", None),
        (
            "arn:aws:iam::111122223333:role/path/app",
            "AssumedRole",
            Session("arn:aws:iam::111122223333:role/path/app", NOW),
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/app/me",
            "AssumedRole",
            Session("arn:aws:iam::111122223333:role/app", NOW),
        ),
    ],
)
def test_who_calls_under_an_arn(arn: str, kind: str, session: Session | None) -> None:
    found = caller_of(arn, NOW)
    assert found is not None
    assert (found.account, found.kind, found.session) == ("111122223333", kind, session)
    if ":role/" in arn:
        assert found.arn == f"arn:aws:sts::111122223333:assumed-role/app/{SESSION_NAME}"
    else:
        assert found.arn == arn


@pytest.mark.parametrize("text", ["", "alice", "*", "arn:aws:iam::1:root", "arn:aws:s3:::bucket"])
def test_what_is_nobodys_arn(text: str) -> None:
    assert caller_of(text, NOW) is None
