"""Who may assume a role: the one decision, with a trust policy in the place of a key policy.

Sources: IAM User Guide, "Policy evaluation logic" (roles trust policies), "How to use an external
ID", "AWS JSON policy elements: Principal"; STS API Reference, AssumeRole.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from node.access.asked import Asked, Circumstances
from node.access.compiled import CompiledPolicies, RoleTrust
from node.access.condition_keys import condition_keys
from node.access.decision import Reason
from node.access.evaluate import judge
from node.model.principal import AttachedPolicy, Principal, Session

HERE, THERE = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{HERE}:role/deploy"
FIRST = f"arn:aws:iam::{HERE}:role/first"
ACTION = "sts:AssumeRole"
ALICE = Principal(HERE, f"arn:aws:iam::{HERE}:user/alice", "AIDAALICEALICEALICE00", "IAMUser")
MALLORY = Principal(THERE, f"arn:aws:iam::{THERE}:user/mallory", "AIDAMALLORY0000000000", "IAMUser")
SESSION = Principal(
    HERE,
    f"arn:aws:sts::{HERE}:assumed-role/first/tuesday",
    "AROAFIRSTFIRSTFIRST00:tuesday",
    "AssumedRole",
    tags=(("team", "blue"),),
    session=Session(FIRST, 0.0),
)
NARROW = Principal(
    HERE,
    SESSION.arn,
    SESSION.principal_id,
    "AssumedRole",
    session=Session(
        FIRST, 0.0, '{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}'
    ),
)
MAY = AttachedPolicy(
    "may", '{"Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}'
)
MAY_ANOTHER = AttachedPolicy(
    "another", json.dumps({"Statement": {"Effect": "Allow", "Action": ACTION, "Resource": FIRST}})
)
MUST_NOT = AttachedPolicy(
    "must-not", json.dumps({"Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": ROLE}})
)


def trust(
    principal: Any, *, effect: str = "Allow", action: str = ACTION, **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


def aws(*names: str) -> dict[str, list[str]]:
    return {"AWS": list(names)}


EXTERNAL = {"StringEquals": {"sts:ExternalId": "agreed"}}
CASES: dict[str, tuple[Principal, list[dict[str, Any]], tuple[AttachedPolicy, ...], bool]] = {
    "nobody is named": (ALICE, [trust({"Service": "ec2.amazonaws.com"})], (MAY,), False),
    "the user is named": (ALICE, [trust(aws(ALICE.arn))], (), True),
    "the user is named by the unique ID": (ALICE, [trust(aws(ALICE.principal_id))], (), True),
    "another user is named": (ALICE, [trust(aws(f"{ALICE.arn}2"))], (MAY,), False),
    "everyone is named": (ALICE, [trust("*")], (), True),
    "the account, by its number": (ALICE, [trust(aws(HERE))], (MAY,), True),
    "the account, and no policy": (ALICE, [trust(aws(f"arn:aws:iam::{HERE}:root"))], (), False),
    "the account, and a policy about another role": (
        ALICE, [trust(aws(HERE))], (MAY_ANOTHER,), False,
    ),
    "a policy alone": (ALICE, [trust(aws(THERE))], (MAY,), False),
    "the user is named, and a policy denies": (ALICE, [trust(aws(ALICE.arn))], (MUST_NOT,), False),
    "the trust policy denies": (
        ALICE, [trust(aws(HERE)), trust(aws(ALICE.arn), effect="Deny")], (MAY,), False,
    ),
    "another action of STS": (ALICE, [trust(aws(ALICE.arn), action="sts:TagSession")], (), False),
    "all actions of STS": (ALICE, [trust(aws(ALICE.arn), action="sts:*")], (), True),
    "another account, and both sides": (MALLORY, [trust(aws(THERE))], (MAY,), True),
    "another account's user by name, and both sides": (
        MALLORY, [trust(aws(MALLORY.arn))], (MAY,), True,
    ),
    "another account's user by name alone": (MALLORY, [trust(aws(MALLORY.arn))], (), False),
    "another account, and everyone": (MALLORY, [trust("*")], (), False),
    "a session of a role that is named": (SESSION, [trust(aws(FIRST))], (), True),
    "a role by the unique ID": (SESSION, [trust(aws("AROAFIRSTFIRSTFIRST00"))], (), True),
    "a session that is named": (SESSION, [trust(aws(SESSION.arn))], (), True),
    "a session whose policy says nothing of STS": (NARROW, [trust(aws(FIRST))], (), False),
    "that session, named by itself": (NARROW, [trust(aws(SESSION.arn))], (), True),
    "the external ID": (ALICE, [trust(aws(ALICE.arn), Condition=EXTERNAL)], (), True),
    "another external ID": (
        ALICE,
        [trust(aws(ALICE.arn), Condition={"StringEquals": {"sts:ExternalId": "other"}})],
        (),
        False,
    ),
    "a condition on a tag of the session": (
        SESSION,
        [trust(aws(FIRST), Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})],
        (),
        True,
    ),
    "a second factor, of an access key": (
        ALICE,
        [trust(aws(ALICE.arn), Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
        (),
        False,
    ),
    "no second factor, of an access key": (
        ALICE,
        [trust(aws(ALICE.arn), Condition={"Null": {"aws:MultiFactorAuthPresent": "true"}})],
        (),
        True,
    ),
    "no second factor, of a session": (
        SESSION,
        [trust(aws(FIRST), Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})],
        (),
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_who_may_assume_a_role(name: str) -> None:
    caller, statements, attached, allowed = CASES[name]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    planned = CompiledPolicies().for_role(caller, ACTION, RoleTrust(ROLE, HERE, document), attached)
    asked = Asked(
        caller,
        Circumstances("us-east-1", "192.0.2.1", "test", 1_790_000_000.0),
        ACTION,
        None,
        facts={"sts:externalid": ("agreed",)},
    )
    decision = judge(planned, condition_keys(asked))
    assert decision.allowed is allowed, decision
    if "denies" in name:
        assert decision.reason is Reason.EXPLICIT_DENY


@pytest.mark.parametrize("document", ["", "{", '{"Statement": []}', "[]"])
def test_a_trust_policy_that_is_none_lets_nobody_in(document: str) -> None:
    planned = CompiledPolicies().for_role(ALICE, ACTION, RoleTrust(ROLE, HERE, document), (MAY,))
    assert planned.settled is not None
    assert not planned.settled.allowed
