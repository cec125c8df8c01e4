"""`keyspan audit`: prove a trail whole, and read it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from node.cli.audit import reading, verify
from node.cli.command import Command

__all__ = ["COMMAND"]

_DESCRIPTION = """\
Read the audit trails of a cluster, or of one region, from their files. Nothing is asked of a
node, so it works with every region down; `keyspan audit VERB --help` tells more.
"""


def _add_arguments(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", title="verbs", required=True, dest="verb")
    for verb in (verify.VERB, reading.SEARCH, reading.TAIL):
        added = verbs.add_parser(verb.name, help=verb.summary, description=verb.description)
        verb.add_arguments(added)
        added.set_defaults(run=verb.run)


def _run(arguments: Namespace) -> int:
    status: int = arguments.run(arguments)
    return status


COMMAND = Command(
    "audit", "prove the audit trail whole, or read it", _DESCRIPTION, _add_arguments, _run
)
