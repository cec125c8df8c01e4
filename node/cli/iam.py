"""`keyspan iam apply`: the principals of an account, made what a file says."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import msgspec

from node.cli.command import Command
from node.cli.place import add_place, endpoint_of, read_place
from node.cli.principals_file import read_principals
from node.cli.screen import output
from node.cluster.client import AdministrationClient
from node.operations.iam.wanted import ApplyPrincipalsRequest, ApplyPrincipalsResponse

__all__ = ["COMMAND"]

ANSWER_SECONDS = 60.0
_DESCRIPTION = """\
Make the users, groups, roles, policies and access keys of an account what a file says, in
one transaction; every region hears of it. Once more changes nothing.

  keyspan iam apply principals.toml

What the file does not mention is left as it is; --prune deletes the users, groups, roles
and policies that it does not mention, with their access keys. docs/iam.md has the form.

Exit status: 0 when it is so, 2 when it could not be made so, and nothing was changed.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("verb", choices=["apply"], metavar="apply")
    parser.add_argument("file", type=Path, metavar="FILE", help="TOML, or JSON named so")
    parser.add_argument("--region", metavar="REGION", help="which is asked; default: the first")
    parser.add_argument("--prune", action="store_true", help="delete what the file does not have")
    parser.add_argument("--dry-run", action="store_true", help="tell, and change nothing")
    add_place(parser)


def _run(arguments: Namespace) -> int:
    wanted = read_principals(arguments.file)
    place = read_place(arguments)
    region = arguments.region or next(iter(place.endpoints))
    request = ApplyPrincipalsRequest(wanted, arguments.prune, arguments.dry_run)
    answer = AdministrationClient(place.administrator).call(
        region,
        endpoint_of(place, region),
        "ApplyPrincipals",
        msgspec.to_builtins(request),
        seconds=ANSWER_SECONDS,
    )
    response = msgspec.json.decode(answer, type=ApplyPrincipalsResponse)
    would = "would be " if arguments.dry_run else ""
    for change in response.changes:
        what, _, done = change.rpartition(" ")
        output().print(f"{what} {would}{done}", markup=False, highlight=False)
    if not response.changes:
        output().print(f"Account {response.account} is what the file says.", highlight=False)
    return 0


COMMAND = Command(
    "iam",
    "make the principals of an account what a file says",
    _DESCRIPTION,
    _add_arguments,
    _run,
)
