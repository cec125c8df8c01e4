"""`keyspan policy explain`: how an explanation looks, and what it asks for."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from node.cli import main, policy
from node.cli.policy_view import show_explanation
from node.cluster import ClusterFolder, addresses_from
from node.cluster.create import create_cluster
from node.operations.explanation import (
    ExplainedGrant,
    ExplainedStatement,
    ExplainPolicyResponse,
)

APP = "arn:aws:iam::111122223333:user/app"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STATEMENTS = [
    ExplainedStatement(
        "resource-based policy", "default", 1, "delegates", "Allow", True, True, "it leaves it"
    ),
    ExplainedStatement("identity-based policy", "inline", 2, "", "Allow", True, True, "it allows"),
    ExplainedStatement(
        "identity-based policy", "[bold]odd[/]", 1, "", "Deny", False, False, "another action"
    ),
]
GRANTS = [ExplainedGrant("ab" * 32, "mine", False, False, "Decrypt is not one of them")]
ALLOWED = ExplainPolicyResponse(
    region="us-east-1",
    principal=APP,
    action="kms:Decrypt",
    resource=KEY,
    allowed=True,
    reason="the key policy leaves it to the account, and an identity policy allows it",
    message="",
    statements=STATEMENTS,
    grants=GRANTS,
    absent=["kms:ViaService"],
)
DENIED = msgspec.structs.replace(
    ALLOWED, allowed=False, message="User: … is not authorized", statements=[], grants=[], absent=[]
)


def shown(answer: ExplainPolicyResponse) -> str:
    stream = io.StringIO()
    show_explanation(answer, Console(file=stream, markup=False, emoji=False, width=120))
    return stream.getvalue()


def test_an_explanation_reads_from_top_to_bottom() -> None:
    assert [line.rstrip() for line in shown(ALLOWED).splitlines()] == [
        f"ALLOWED  kms:Decrypt on {KEY} in us-east-1, by {APP}",
        "Because the key policy leaves it to the account, and an identity policy allows it.",
        "",
        "   Policy        Statement           Effect  Matches  Why",
        "→  key policy    1 delegates         Allow   yes      it leaves it",
        "→  inline        2                   Allow   yes      it allows",
        "   [bold]odd[/]  1                   Deny    no       another action",
        "   grant         abababababab… mine  Allow   no       Decrypt is not one of them",
        "",
        "The call was taken not to have kms:ViaService; --condition KEY=VALUE gives it one.",
    ]


def test_a_denial_has_kms_s_words() -> None:
    assert shown(DENIED).splitlines() == [
        f"DENIED  kms:Decrypt on {KEY} in us-east-1, by {APP}",
        "User: … is not authorized",
        "",
        "No policy and no grant bears on it.",
    ]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A cluster in `data` that answers with an explanation, and what it was asked."""
    monkeypatch.chdir(tmp_path)
    folder = ClusterFolder(tmp_path / "data")
    addresses = addresses_from(("us-east-1", "eu-west-1"), 4601)
    create_cluster(folder, addresses, "111122223333", bytes)
    calls: list[dict[str, Any]] = []

    class Client:
        def __init__(self, _: object) -> None:
            pass

        def call(self, region: str, _: str, operation: str, request: dict[str, Any]) -> bytes:
            calls.append({"region": region, "operation": operation, **request})
            return msgspec.json.encode(DENIED if region == "eu-west-1" else ALLOWED)

    monkeypatch.setattr(policy, "AdministrationClient", Client)
    return calls


WORDS = ("policy", "explain", "--data", "data", "--principal", APP, "--action", "kms:Decrypt")


def test_what_is_given_is_asked_and_the_status_tells(
    asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "narrow.json").write_text("{}")
    given = ["--key", "alias/a", "--context", "a=b=c", "--context", "d=", "--json"]
    given += ["--condition", "aws:TagKeys=x", "--condition", "aws:TagKeys=y"]
    assert main([*WORDS, *given, "--session-policy", "narrow.json"]) == 0
    assert asked == [
        {
            "region": "us-east-1",
            "operation": "ExplainPolicy",
            "principal": APP,
            "action": "kms:Decrypt",
            "key": "alias/a",
            "encryption_context": {"a": "b=c", "d": ""},
            "conditions": {"aws:TagKeys": ["x", "y"]},
            "session_policy": "{}",
        }
    ]
    assert json.loads(capsys.readouterr().out) == msgspec.to_builtins(ALLOWED)
    assert main([*WORDS, "--region", "eu-west-1"]) == 1
    assert capsys.readouterr().out.startswith("DENIED")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["policy", "explian"], "argument explain: invalid choice: 'explian'"),
        (["policy", "explain", "--action", "kms:Sign"], "required: --principal"),
        ([*WORDS, "--context", "tenant"], "'tenant' is not KEY=VALUE; give one, as in tenant=blue"),
        ([*WORDS, "--condition", "=x"], "'=x' is not KEY=VALUE"),
        ([*WORDS, "--region", "mars-1"], "mars-1 is not a region of this cluster"),
        ([*WORDS, "--session-policy", "none"], "none: No such file"),
    ],
)
def test_mistakes_are_one_sentence(
    words: list[str], said: str, asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1
    assert asked == []
