"""`keyspan policy explain`: whether a principal may do something with a key, and why."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable
from pathlib import Path

import msgspec

from node.cli.command import Command
from node.cli.place import add_place, endpoint_of, read_place
from node.cli.policy_view import show_explanation
from node.cli.screen import output
from node.cluster.client import AdministrationClient
from node.operations.explanation import ExplainPolicyResponse

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Explain a decision before anybody makes the call: the outcome, the statement that decides,
and of every other statement of the key policy and the principal's policies why it does not.

  keyspan policy explain --principal arn:aws:iam::111122223333:user/app \\
      --action kms:Decrypt --key alias/orders --context tenant=blue

A region's key policies and grants are its own: --region chooses whose. What the call would
carry is given with --context (its encryption context) and --condition (any condition key,
such as aws:SourceIp=192.0.2.1); what is not given, the call is taken not to have.

Exit status: 0 when it is allowed, 1 when it is denied, 2 when it could not be asked.
"""


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise ArgumentTypeError(f"{text!r} is not KEY=VALUE; give one, as in tenant=blue")
    return name, value


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("verb", choices=["explain"], metavar="explain")
    parser.add_argument(
        "--principal", metavar="ARN", required=True, help="of a user, role, session or account"
    )
    parser.add_argument("--action", metavar="ACTION", required=True, help="such as kms:Decrypt")
    parser.add_argument(
        "--key",
        metavar="KEY",
        help="an ID, ARN or alias, if it is about a key",
    )
    parser.add_argument("--region", metavar="REGION", help="default: the cluster's first")
    parser.add_argument(
        "--context",
        metavar="KEY=VALUE",
        type=_pair,
        action="append",
        help="a pair of the encryption context; may be repeated",
    )
    parser.add_argument(
        "--condition",
        metavar="KEY=VALUE",
        type=_pair,
        action="append",
        help="a value of a condition key; may be repeated, also for the same key",
    )
    parser.add_argument(
        "--session-policy", metavar="FILE", type=Path, help="the policy of a role's session"
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON, for scripts")
    add_place(parser)


def _run(arguments: Namespace) -> int:
    place = read_place(arguments)
    region = arguments.region or next(iter(place.endpoints))
    policy: Path | None = arguments.session_policy
    answer = AdministrationClient(place.administrator).call(
        region,
        endpoint_of(place, region),
        "ExplainPolicy",
        {
            "principal": arguments.principal,
            "action": arguments.action,
            "key": arguments.key,
            "encryption_context": None if arguments.context is None else dict(arguments.context),
            "conditions": _conditions(arguments.condition or ()),
            "session_policy": None if policy is None else policy.read_text(encoding="utf-8"),
        },
    )
    response = msgspec.json.decode(answer, type=ExplainPolicyResponse)
    if arguments.json:
        output().print(msgspec.json.format(answer).decode(), soft_wrap=True)
    else:
        show_explanation(response, output())
    return 0 if response.allowed else 1


def _conditions(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


COMMAND = Command(
    "policy",
    "explain who may do what with a key, and why",
    _DESCRIPTION,
    _add_arguments,
    _run,
)
