"""What is kept is what would be made anew, whatever changed in between, and is never too much."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.access.compiled import CompiledPolicies
from node.access.decision import Decision
from node.access.document import key_policy
from node.access.evaluate import judge
from node.access.patterns import Values
from node.model.errors import MalformedPolicyDocument
from node.model.key import Key
from node.model.principal import AttachedPolicy, Principal, Session
from tests.unit.access.support import CALLERS, KEY_ID, NOW, OTHER_ACCOUNT
from tests.unit.model.keys import ACCOUNT, key

ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:PutKeyPolicy")
SESSION = CALLERS["session"]
NARROW = json.dumps({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}})


def nothing(_: str) -> Values:
    return None


def statement(effect: str, action: str, *, of_key: bool, named: str = ACCOUNT) -> str:
    principal = {"Principal": {"AWS": named}} if of_key else {}
    body = {"Effect": effect, "Action": action, "Resource": "*", **principal}
    return json.dumps({"Version": "2012-10-17", "Statement": body})


def policies(*, of_key: bool) -> list[str]:
    return [
        statement(effect, action, of_key=of_key)
        for effect in ("Allow", "Deny")
        for action in ("kms:*", "kms:Encrypt")
    ]


KEYS = [
    replace(key(key_id=KEY_ID), policy=text, account=account)
    for text in policies(of_key=True)
    for account in (ACCOUNT, OTHER_ACCOUNT)
]
ATTACHED = [(), *((AttachedPolicy("p", text),) for text in policies(of_key=False))]
ATTACHED += [(*ATTACHED[1], *ATTACHED[4])]
PRINCIPALS = [
    *CALLERS.values(),
    replace(SESSION, session=Session(SESSION.issuer, NOW, NARROW)),
    replace(SESSION, tags=(("team", "red"),)),
    replace(SESSION, session=Session(CALLERS["other session"].issuer, NOW)),
]
QUESTIONS = st.tuples(
    st.sampled_from(PRINCIPALS),
    st.sampled_from(ACTIONS),
    st.sampled_from(KEYS),
    st.sampled_from(ATTACHED),
    st.sampled_from(("key", "account", "other account")),
)
Question = tuple[Principal, str, Key, tuple[AttachedPolicy, ...], str]


def decision(policies: CompiledPolicies, question: Question) -> Decision:
    caller, action, the_key, attached, about = question
    if about == "key":
        return judge(policies.for_key(caller, action, the_key, attached), nothing)
    account = ACCOUNT if about == "account" else OTHER_ACCOUNT
    return judge(policies.for_account(caller, action, "*", account, attached), nothing)


@given(st.lists(QUESTIONS, max_size=12))
def test_what_is_kept_is_what_would_be_made_anew(questions: Sequence[Question]) -> None:
    kept = CompiledPolicies()
    for question in questions:
        assert decision(kept, question) == decision(CompiledPolicies(), question)


def test_the_same_question_again_costs_no_plan() -> None:
    kept = CompiledPolicies()
    first = kept.for_key(SESSION, "kms:Encrypt", KEYS[0], ATTACHED[1])
    assert kept.for_key(SESSION, "kms:Encrypt", KEYS[0], ATTACHED[1]) is first
    assert kept.for_key(replace(SESSION), "kms:Encrypt", KEYS[0], ATTACHED[1]) is first
    again = replace(KEYS[0], policy=str(KEYS[0].policy.encode(), "utf-8"))
    assert kept.for_key(SESSION, "kms:Encrypt", again, ATTACHED[1]) is not first


def test_no_more_is_kept_than_the_limits() -> None:
    kept = CompiledPolicies(policies_kept=4, plans_kept=8)
    for number in range(100):
        text = statement("Allow", f"kms:A{number}", of_key=True)
        one = replace(key(key_id=KEY_ID[:-3] + f"{number:03d}"), policy=text)
        attached = (AttachedPolicy("p", statement("Allow", f"kms:B{number}", of_key=False)),)
        kept.for_key(SESSION, "kms:Encrypt", one, attached)
        kept.for_account(SESSION, "kms:Encrypt", f"r{number}", ACCOUNT, attached)
    assert len(kept._plans) == 8
    assert (len(kept._key_policies), len(kept._identity_policies)) == (4, 4)


@pytest.mark.parametrize("text", ["{", "{}", '{"Statement": []}', "null"])
def test_a_stored_policy_that_cannot_be_read_gives_nothing(text: str) -> None:
    """A key policy allows nothing then; an identity policy, which may have denied, denies."""
    kept = CompiledPolicies()
    plain = kept.for_key(CALLERS["root"], "kms:Encrypt", replace(KEYS[0], policy=text), ())
    assert not judge(plain, nothing).allowed
    broken = (AttachedPolicy("broken", text), AttachedPolicy("whole", policies(of_key=False)[0]))
    denied = judge(kept.for_key(CALLERS["alice"], "kms:Encrypt", KEYS[0], broken), nothing)
    assert not denied.allowed
    assert denied.rules[0].policy == "broken"
    with pytest.raises(MalformedPolicyDocument):
        key_policy(text)
