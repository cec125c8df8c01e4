from __future__ import annotations

from argparse import ArgumentParser, Namespace

from node.cli.command import Command


def _add_arguments(parser: ArgumentParser) -> None:
    pass


def _run(arguments: Namespace) -> int:
    return 0


COMMAND = Command("demo", "show the whole story", "", _add_arguments, _run)
