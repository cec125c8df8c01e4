"""Callers, a key, and how the data files of decisions are read."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from node.access.actions import ACROSS_ACCOUNTS, PREFIX
from node.access.asked import Asked, Circumstances, encryption_context
from node.access.condition_keys import condition_keys
from node.access.decision import Decision, IdentityPolicy, Policies, Reason
from node.access.document import identity_policy, key_policy
from node.access.evaluate import decide
from node.access.grants import GrantUse
from node.access.patterns import Lookup
from node.access.statement import Policy, Question
from node.model.arn import account_arn
from node.model.grant import Grant, GrantConstraints, GrantTerms
from node.model.key import Key
from node.model.policy import default_key_policy
from node.model.principal import Principal, Session
from tests.unit.model.keys import ACCOUNT, key, shared_state

OTHER_ACCOUNT = "444455556666"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
REGION = "us-east-1"
NOW = 1_790_000_000.0
DATA = Path(__file__).parent / "decisions"


def user(name: str, account: str = ACCOUNT, **tags: str) -> Principal:
    arn = f"arn:aws:iam::{account}:user/{name}"
    return Principal(account, arn, f"AIDA{name.upper()}", "IAMUser", tuple(tags.items()))


def session(role: str, name: str, account: str = ACCOUNT) -> Principal:
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
    issuer = f"arn:aws:iam::{account}:role/{role}"
    return Principal(account, arn, f"AROA:{name}", "AssumedRole", session=Session(issuer, NOW))


def root(account: str) -> Principal:
    return Principal(account, account_arn(account), account, "Root")


CALLERS: Mapping[str, Principal] = {
    "alice": user("alice", key=KEY_ID, team="red"),
    "bob": user("bob"),
    "root": root(ACCOUNT),
    "session": session("Engineering", "bob"),
    "second session": session("Engineering", "carol"),
    "other session": session("Ops", "bob"),
    "stranger": user("mallory", OTHER_ACCOUNT),
    "other root": root(OTHER_ACCOUNT),
    "foreign session": session("Engineering", "bob", OTHER_ACCOUNT),
}
GRANTEES = {**{name: each.arn for name, each in CALLERS.items()}, "role": CALLERS["session"].issuer}


def groups(name: str) -> list[dict[str, Any]]:
    """The groups of a data file; each has its source."""
    found: list[dict[str, Any]] = tomllib.loads((DATA / f"{name}.toml").read_text())["group"]
    assert all(group["source"] for group in found)
    return found


def document(statements: Sequence[str], version: str = "2012-10-17") -> str:
    """A policy of these statements."""
    return json.dumps({"Version": version, "Statement": [json.loads(each) for each in statements]})


def outcome(group: dict[str, Any], case: dict[str, Any]) -> str:
    """What becomes of a case, in the words of the data files."""
    return shown(decided(group, case))


def decided(group: dict[str, Any], case: dict[str, Any]) -> Decision:
    """The decision on a case."""
    return decide(*inputs(group, case))


def inputs(
    group: dict[str, Any], case: dict[str, Any]
) -> tuple[Question, Policies, list[Grant], GrantUse, Lookup]:
    """What a case is decided on."""
    caller = CALLERS[case.get("caller", "alice")]
    action = f"{PREFIX}{case['action']}"
    subject = the_key(case)
    asked = Asked(
        caller,
        Circumstances(
            REGION,
            case.get("source_address", "192.0.2.1"),
            case.get("user_agent", "aws-cli/2"),
            case.get("received", NOW),
        ),
        action,
        request_of(case.get("request", {})),
        subject,
        tuple(case.get("aliases", ())),
        {name: tuple(values) for name, values in case.get("facts", {}).items()},
    )
    question = Question(
        caller, action, subject.arn, subject.account, within_account=action not in ACROSS_ACCOUNTS
    )
    child = case.get("child")
    use = GrantUse(
        case["action"], encryption_context(asked), child=None if child is None else terms(child)
    )
    grants = [
        Grant(KEY_ID, f"{number:064x}", NOW, terms(each))
        for number, each in enumerate(group.get("grants", ()))
    ]
    return question, policies_of(group), grants, use, condition_keys(asked)


def policies_of(group: dict[str, Any]) -> Policies:
    """The policies of a group."""
    text = group.get("text", default_key_policy(ACCOUNT))
    if "key_policy" in group:
        text = document(group["key_policy"])
    if "condition" in group:
        text = document([conditional(group["condition"])])
    attached = [IdentityPolicy("inline", parsed(group["identity"]))] if "identity" in group else []
    narrowing = parsed(group["session"]) if "session" in group else None
    return Policies(key_policy(text), tuple(attached), narrowing)


def conditional(condition: str) -> str:
    """The statement that allows alice and bob everything under a condition."""
    named = [CALLERS["alice"].arn, CALLERS["bob"].arn]
    return json.dumps(
        {
            "Effect": "Allow",
            "Principal": {"AWS": named},
            "Action": "kms:*",
            "Resource": "*",
            "Condition": json.loads(condition),
        }
    )


def parsed(statements: Sequence[str]) -> Policy:
    return identity_policy(document(statements))


def terms(given: dict[str, Any]) -> GrantTerms:
    """The terms of a grant."""

    def pairs(name: str) -> tuple[tuple[str, str], ...] | None:
        return tuple(given[name].items()) if name in given else None

    return GrantTerms(
        issuing_account=ACCOUNT,
        operations=tuple(given["operations"]),
        constraints=GrantConstraints(pairs("equals"), pairs("subset"), given.get("source_arn")),
        grantee=GRANTEES[given.get("grantee", "alice")],
    )


def the_key(case: dict[str, Any]) -> Key:
    """The key of a case."""
    found = replace(
        key(key_id=KEY_ID), **case.get("key", {}), tags=tuple(case.get("tags", {}).items())
    )
    related = case.get("multi_region")
    if related is None:
        return found
    shared = shared_state(REGION if related == "PRIMARY" else "eu-west-1", ("ap-southeast-2",))
    return replace(found, shared=shared)


def request_of(members: dict[str, Any]) -> SimpleNamespace:
    """A request with these members."""

    def converted(name: str, value: Any) -> Any:
        if name == "tags":
            return [SimpleNamespace(**each) for each in value]
        if name == "constraints":
            empty = dict.fromkeys(
                ("encryption_context_equals", "encryption_context_subset", "source_arn")
            )
            return SimpleNamespace(**{**empty, **value})
        return value

    return SimpleNamespace(**{name: converted(name, each) for name, each in members.items()})


WORDS = {
    Reason.KEY_POLICY: "key policy",
    Reason.DELEGATED: "delegated",
    Reason.IDENTITY_POLICY: "identity policy",
    Reason.GRANT: "grant",
}


def shown(decision: Decision) -> str:
    """A decision in the words of the data files, which are those of KMS's messages for denials."""
    if decision.allowed:
        return WORDS[decision.reason]
    if decision.reason is Reason.EXPLICIT_DENY:
        article = "an" if decision.rules[0].source.value.startswith("i") else "a"
        return f"deny in {article} {decision.rules[0].source}"
    return f"no {decision.lacking}"
